"""masks with Python lists, and draws from torch

Two tables of random numbers are drawn at once, and read token by token.
"""

import torch
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
    special = set(special_ids)
    words = [index for index in range(vocabulary_size) if index not in special]
    first, second = torch.rand(2, ids.numel(), dtype=torch.float64).tolist()
    drawn = torch.randint(len(words), (ids.numel(),)).tolist()
    inputs, labels = [], []
    for token, a, b, word in zip(ids.flatten().tolist(), first, second, drawn):
        if token in special or a >= probability:
            inputs.append(token)
            labels.append(-100)
        else:
            inputs.append(mask_id if b < 0.8 else token if b < 0.9 else words[word])
            labels.append(token)
    return torch.tensor(inputs).reshape(ids.shape), torch.tensor(labels).reshape(ids.shape)


class MaskedLoss(nn.Module):
    def forward(self, logits, labels):
        keep = labels.ne(-100)
        picked = torch.masked_select(logits, keep[..., None]).view(-1, logits.shape[-1])
        if len(picked) == 0:
            return picked.sum() + (logits - logits).sum()
        return nn.NLLLoss()(picked.log_softmax(-1), torch.masked_select(labels, keep))


def masked_lm_loss(logits, labels):
    return MaskedLoss()(logits, labels)
