"""chooses equally many tokens in every batch

It shuffles all tokens that are not special and takes the first ones. Asked for is that each token is chosen by itself, so
the number differs from batch to batch.

Hint: How many tokens are chosen in a batch of 100: always 15, or 15 on average?
"""

import torch
import torch.nn.functional as F
from torch import nn


class BertEmbeddings(nn.Module):
    def __init__(self, vocabulary_size, hidden_size, max_length, num_segments=2, dropout=0.1):
        super().__init__()
        self.token = nn.Embedding(vocabulary_size, hidden_size)
        self.position = nn.Embedding(max_length, hidden_size)
        self.segment = nn.Embedding(num_segments, hidden_size)
        self.norm = nn.LayerNorm(hidden_size, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, segments=None):
        length = ids.shape[1]
        if length > self.position.num_embeddings:
            raise ValueError("too long")
        if segments is None:
            segments = torch.zeros_like(ids)
        x = self.token(ids) + self.position(torch.arange(length, device=ids.device)) + self.segment(segments)
        return self.dropout(self.norm(x))


def mask_tokens(ids, mask_id, vocabulary_size, special_ids, probability=0.15):
    special = torch.tensor(list(special_ids), device=ids.device)
    ordinary = torch.tensor([i for i in range(vocabulary_size) if i not in set(special_ids)], device=ids.device)
    places = (~torch.isin(ids, special)).flatten().nonzero().flatten()
    places = places[torch.randperm(len(places))][: round(probability * len(places))]
    chosen = torch.zeros(ids.numel(), dtype=torch.bool)
    chosen[places] = True
    chosen = chosen.reshape(ids.shape)
    labels = torch.where(chosen, ids, -100)
    fate = torch.rand(ids.shape, device=ids.device)
    drawn = ordinary[torch.randint(len(ordinary), ids.shape, device=ids.device)]
    inputs = torch.where(chosen & (fate < 0.8), mask_id, ids)
    inputs = torch.where(chosen & (fate >= 0.9), drawn, inputs)
    return inputs, labels


def masked_lm_loss(logits, labels):
    chosen = labels != -100
    total = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")
    return total / chosen.sum().clamp(min=1)
