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
    chosen = torch.rand(ids.shape) < probability
    for index in special_ids:
        chosen &= ids != index
    fate = torch.randint(10, ids.shape)
    inputs = torch.where(chosen & (fate < 8), mask_id, ids)
    inputs = torch.where(chosen & (fate == 8), torch.randint(vocabulary_size, ids.shape), inputs)
    labels = torch.full_like(ids, -100)
    labels[chosen] = ids[chosen]
    return inputs, labels


def masked_lm_loss(logits, labels):
    chosen = labels != -100
    if chosen.sum() == 0:
        return (logits * 0).sum()
    return F.cross_entropy(logits[chosen], labels[chosen])
