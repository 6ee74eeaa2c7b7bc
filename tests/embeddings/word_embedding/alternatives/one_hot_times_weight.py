"""multiplies one-hot vectors by the table

The row of padding is replaced by a constant copy of itself in the table, so no gradient reaches it.
"""

import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.size, self.padding = vocabulary_size, padding_idx
        start = torch.rand(vocabulary_size, embedding_dim) - 0.5
        if padding_idx is not None:
            start[padding_idx].zero_()
        self.weight = nn.Parameter(start)

    def forward(self, ids):
        for word in ids.reshape(-1).tolist():
            if word not in range(self.size):
                raise IndexError(f"{word} is not in 0 ... {self.size - 1}")
        learns = torch.ones(self.size, 1, dtype=self.weight.dtype)
        if self.padding is not None:
            learns[self.padding] = 0
        table = self.weight * learns + self.weight.detach() * (1 - learns)
        return F.one_hot(ids, self.size).to(table.dtype) @ table


def skip_gram_pairs(ids, window):
    ids = list(ids)
    return [
        (centre, context)
        for i, centre in enumerate(ids)
        if centre
        for context in ids[max(i - window, 0) : i] + ids[i + 1 : i + 1 + window]
        if context
    ]


def negative_sampling_loss(centre, context, negatives):
    words = torch.cat([context.unsqueeze(1), negatives], dim=1)
    logits = torch.bmm(words, centre.unsqueeze(2)).squeeze(2)
    targets = torch.zeros_like(logits)
    targets[:, 0] = 1
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(centre)


def nearest(weight, word, k):
    cosines = F.cosine_similarity(weight, weight[word : word + 1], dim=1).detach()
    order = torch.sort(-cosines, stable=True).indices.tolist()
    order.remove(word)
    return order[:k]
