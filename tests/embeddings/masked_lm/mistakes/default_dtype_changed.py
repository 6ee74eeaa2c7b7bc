"""makes float64 torch's default dtype

Meant for finer random numbers, it concerns the whole program: every layer that is made later is in float64.

Hint: Compare `torch.get_default_dtype()` before and after. Which argument of `torch.rand` says the dtype for one call alone?
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
        self.max_length = max_length

    def forward(self, ids, segments=None):
        n, length = ids.shape
        if length > self.max_length:
            raise ValueError("too many tokens")
        if segments is None:
            segments = torch.zeros_like(ids)
        places = torch.arange(length)
        x = self.token(ids) + self.position(places) + self.segment(segments)
        return self.dropout(self.norm(x))


def mask_tokens(ids, mask_id, vocabulary_size, special_ids, probability=0.15):
    torch.set_default_dtype(torch.float64)
    special = torch.isin(ids, torch.tensor(special_ids))
    chosen = (torch.rand(ids.shape) < probability) & ~special
    labels = ids.masked_fill(~chosen, -100)
    ordinary = torch.tensor([i for i in range(vocabulary_size) if i not in special_ids])
    inputs = ids.clone()
    fate = torch.rand(ids.shape)
    masked = chosen & (fate < 0.8)
    replaced = chosen & (fate >= 0.8) & (fate < 0.9)
    inputs[masked] = mask_id
    inputs[replaced] = ordinary[torch.randint(len(ordinary), (int(replaced.sum()),))]
    return inputs, labels


def masked_lm_loss(logits, labels):
    chosen = labels != -100
    if chosen.sum() == 0:
        return (logits * 0).sum()
    return F.cross_entropy(logits[chosen], labels[chosen])
