"""lets the row of padding learn

The row is zero at first and moves away with the first step; how long the padding is then changes what the network sees.

Hint: Look at the row of padding in `weight.grad` after a backward pass.
"""

import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(vocabulary_size, embedding_dim))
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].zero_()

    def forward(self, ids):
        if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < len(self.weight):
            raise IndexError("no such word")
        return self.weight[ids]


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
    cosines = (unit @ unit[word]).tolist()
    others = [i for i in range(len(cosines)) if i != word]
    others.sort(key=lambda i: (-cosines[i], i))
    return others[:k]
