"""squeezes the axis of negatives away where there is one

`squeeze()` takes out every axis of length 1. With K = 1, the sum over negatives is then one over the batch.

Hint: Which shape do the scores have with B = 3 and K = 1? Which axis is the last one?
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
    negative = torch.bmm(negatives, centre.unsqueeze(2)).squeeze()
    return -(F.logsigmoid(positive) + F.logsigmoid(-negative).sum(-1)).mean()


def nearest(weight, word, k):
    unit = F.normalize(weight.detach(), dim=1)
    cosines = (unit @ unit[word]).tolist()
    others = [i for i in range(len(cosines)) if i != word]
    others.sort(key=lambda i: (-cosines[i], i))
    return others[:k]
