"""gathers along the rows, with a mask that multiplies

Gathering adds up gradients, too. The loss is written with log-sum-exp: -log s(x) = logaddexp(0, -x).
"""

import torch
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.padding_idx = padding_idx
        self.register_parameter("weight", nn.Parameter(torch.randn(vocabulary_size, embedding_dim)))
        if padding_idx is not None:
            self.weight.data[padding_idx].mul_(0)

    @property
    def size(self):
        return self.weight.shape[0]

    def forward(self, ids):
        outside = (ids < 0) | (ids > self.size - 1)
        if outside.any():
            raise IndexError("outside of the vocabulary")
        index = ids.reshape(-1, 1).expand(-1, self.weight.shape[1])
        rows = self.weight.gather(0, index)
        if self.padding_idx is not None:
            rows = rows.clone()
            rows[ids.reshape(-1) == self.padding_idx] = self.weight[self.padding_idx].detach()
        return rows.reshape(*ids.shape, self.weight.shape[1])


def skip_gram_pairs(ids, window):
    pairs = []
    for i in range(len(ids)):
        j = max(0, i - window)
        while j < len(ids) and j <= i + window:
            if j != i:
                pairs.append((ids[i], ids[j]))
            j += 1
    return [(a, b) for a, b in pairs if a != 0 and b != 0]


def negative_sampling_loss(centre, context, negatives):
    x = torch.matmul(context.unsqueeze(1), centre.unsqueeze(2)).flatten()
    y = torch.matmul(negatives, centre.unsqueeze(2)).flatten(1)
    zero = x.new_zeros(())
    return torch.logaddexp(zero, -x).mean() + torch.logaddexp(zero, y).mean(0).sum()


def nearest(weight, word, k):
    unit = weight.detach().clone()
    norms = unit.pow(2).sum(1, keepdim=True).sqrt()
    unit /= norms.clamp(min=1e-12)
    left = {i: float(unit[i].dot(unit[word])) for i in range(len(unit))}
    del left[word]
    chosen = []
    for _ in range(k):
        best = max(left, key=left.get)
        chosen.append(best)
        del left[best]
    return chosen
