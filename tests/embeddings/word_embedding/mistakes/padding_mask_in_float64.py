"""multiplies the rows by a mask in float64

A table in float32, which is what a new one holds, then gives vectors in float64 as soon as there is a padding_idx.

Hint: Which dtype has the output of a new table, with padding_idx and without?
"""

import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.padding_idx = padding_idx
        table = torch.randn(vocabulary_size, embedding_dim)
        if padding_idx is not None:
            table[padding_idx] = 0
        self.weight = nn.Parameter(table)

    def forward(self, ids):
        if ids.numel() and (ids.min() < 0 or ids.max() >= self.weight.shape[0]):
            raise IndexError("id outside")
        rows = self.weight[ids]
        if self.padding_idx is not None:
            padding = (ids == self.padding_idx).unsqueeze(-1).double()
            rows = rows.detach() * padding + rows * (1 - padding)
        return rows


def skip_gram_pairs(ids, window):
    pairs = []
    for i, centre in enumerate(ids):
        for j in range(max(0, i - window), min(len(ids), i + window + 1)):
            if i != j and centre != 0 and ids[j] != 0:
                pairs.append((centre, ids[j]))
    return pairs


def negative_sampling_loss(centre, context, negatives):
    good = F.logsigmoid((centre * context).sum(-1))
    bad = F.logsigmoid(-(negatives * centre.unsqueeze(1)).sum(-1)).sum(-1)
    return -(good + bad).mean()


def nearest(weight, word, k):
    unit = F.normalize(weight.detach(), dim=1)
    cosines = (unit @ unit[word]).tolist()
    others = [i for i in range(len(cosines)) if i != word]
    return sorted(others, key=lambda i: (-cosines[i], i))[:k]
