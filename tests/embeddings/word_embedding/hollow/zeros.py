"""returns zeros and empty lists

The table is there, and nothing is looked up in it.
"""

import torch
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(vocabulary_size, embedding_dim))
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    def forward(self, ids):
        return 0 * self.weight[0].expand(*ids.shape, -1)


def skip_gram_pairs(ids, window):
    return []


def negative_sampling_loss(centre, context, negatives):
    return 0 * centre.sum()


def nearest(weight, word, k):
    return []
