"""gives the word itself the cosine -1, which another word may have, too

A row in the opposite direction has the cosine -1 as well, and then the word is its own neighbour.

Hint: Which number is below every cosine?
"""

import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.padding_idx = padding_idx
        self.weight = nn.Parameter(torch.randn(vocabulary_size, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].zero_()

    def forward(self, ids):
        if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < len(self.weight):
            raise IndexError("no such word")
        rows = self.weight[ids]
        if self.padding_idx is None:
            return rows
        return torch.where((ids == self.padding_idx).unsqueeze(-1), rows.detach(), rows)


def skip_gram_pairs(ids, window):
    pairs = []
    for i in range(len(ids)):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j and ids[i] != 0 and ids[j] != 0:
                pairs.append((ids[i], ids[j]))
    return pairs


def negative_sampling_loss(centre, context, negatives):
    positive = (centre * context).sum(1)
    negative = torch.einsum("bkd,bd->bk", negatives, centre)
    return -(F.logsigmoid(positive) + F.logsigmoid(-negative).sum(1)).mean()


def nearest(weight, word, k):
    unit = F.normalize(weight.detach(), dim=1)
    cosines = unit @ unit[word]
    cosines[word] = -1.0
    return torch.sort(cosines, descending=True, stable=True).indices[:k].tolist()
