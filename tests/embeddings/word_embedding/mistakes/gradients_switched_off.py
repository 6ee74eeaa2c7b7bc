"""switches gradients off to clear the row of padding

torch.set_grad_enabled(False) holds until somebody switches them on again: once the table is made, nothing trains.

Hint: What is the grad mode after a table with `padding_idx` has been made? What does a with statement do at its end?
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
            torch.set_grad_enabled(False)
            self.weight[padding_idx] = 0

    def forward(self, ids):
        if ids.numel() and (ids.min() < 0 or ids.max() >= self.weight.shape[0]):
            raise IndexError("id out of range")
        rows = self.weight[ids]
        if self.padding_idx is not None:
            padding = (ids == self.padding_idx)[..., None]
            rows = torch.where(padding, rows.detach(), rows)
        return rows


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
