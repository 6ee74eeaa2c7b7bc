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
    is_special = torch.zeros(vocabulary_size, dtype=torch.bool)
    is_special[list(special_ids)] = True
    chosen = torch.bernoulli(torch.full(ids.shape, probability)).bool() & ~is_special[ids]
    words = torch.arange(vocabulary_size)[~is_special]
    drawn = words[torch.randint(0, words.numel(), ids.shape)]
    new = torch.where(torch.rand(ids.shape) < 0.8, torch.full_like(ids, mask_id), drawn)
    return torch.where(chosen, new, ids), torch.where(chosen, ids, -100)


def masked_lm_loss(logits, labels):
    chosen = labels != -100
    if chosen.sum() == 0:
        return (logits * 0).sum()
    return F.cross_entropy(logits[chosen], labels[chosen])
