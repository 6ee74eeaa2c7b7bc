"""takes the rows one by one and stacks them

A row of padding is taken from the detached table, so that a lookup of padding alone has no graph, and no gradient.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        rows = [torch.randn(embedding_dim) * (index != padding_idx) for index in range(vocabulary_size)]
        self.weight = nn.Parameter(torch.stack(rows))
        self.padding_idx = padding_idx
        self.shape = (vocabulary_size, embedding_dim)

    def row(self, index):
        if not 0 <= index < self.shape[0]:
            raise IndexError(index)
        return self.weight[index].detach() if index == self.padding_idx else self.weight[index]

    def forward(self, ids):
        rows = [self.row(index) for index in ids.reshape(-1).tolist()]
        if not rows:
            return self.weight[:0].reshape(*ids.shape, self.shape[1])
        return torch.stack(rows).reshape(*ids.shape, self.shape[1])


def skip_gram_pairs(ids, window):
    def is_pair(i, j):
        return i != j and abs(i - j) <= window and ids[i] != 0 and ids[j] != 0

    places = range(len(ids))
    return [(ids[i], ids[j]) for i in places for j in places if is_pair(i, j)]


def negative_sampling_loss(centre, context, negatives):
    losses = []
    for u, v, others in zip(centre, context, negatives):
        losses.append(-F.logsigmoid(u @ v) - F.logsigmoid(-(others @ u)).sum())
    return torch.stack(losses).mean()


def nearest(weight, word, k):
    rows = weight.tolist()

    def cosine(a, b):
        length = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(x * x for x in b))
        return sum(x * y for x, y in zip(a, b)) / length if length else 0.0

    found = [(cosine(rows[word], row), other) for other, row in enumerate(rows) if other != word]
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [other for _, other in found][:k]
