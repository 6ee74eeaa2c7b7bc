import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        table = torch.rand(vocabulary_size, embedding_dim)
        if padding_idx is not None:
            table[padding_idx, :] = 0.0
        self.weight = nn.Parameter(table)
        self.vocabulary_size = vocabulary_size

    def forward(self, ids):
        flat = ids.reshape(-1)
        if ((flat < 0) | (flat >= self.vocabulary_size)).any():
            raise IndexError("bad id")
        return self.weight.index_select(0, flat).reshape(*ids.shape, -1) if len(flat) else self.weight[ids]


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
