"""writes the lookup as an autograd function

`index_add_` adds up the gradients of repeated words; the rows of padding are left out before.
"""

import torch
from torch import nn


class Lookup(torch.autograd.Function):
    @staticmethod
    def forward(ctx, weight, ids, padding):
        ctx.save_for_backward(ids)
        ctx.shape, ctx.padding = weight.shape, padding
        return weight[ids].clone()

    @staticmethod
    def backward(ctx, upstream):
        (ids,) = ctx.saved_tensors
        ids, upstream = ids.reshape(-1), upstream.reshape(-1, ctx.shape[1])
        if ctx.padding is not None:
            learns = ids != ctx.padding
            ids, upstream = ids[learns], upstream[learns]
        return upstream.new_zeros(ctx.shape).index_add_(0, ids, upstream), None, None


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size, embedding_dim, padding_idx=None):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(vocabulary_size, embedding_dim))
        self.padding_idx = padding_idx
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.weight)
        if self.padding_idx is not None:
            nn.init.zeros_(self.weight.data[self.padding_idx])

    def forward(self, ids):
        if ids.numel() > 0:
            low, high = ids.aminmax()
            if low < 0 or high >= self.weight.shape[0]:
                raise IndexError((int(low), int(high)))
        return Lookup.apply(self.weight, ids, self.padding_idx)


def skip_gram_pairs(ids, window):
    pairs = []
    for i, centre in enumerate(ids):
        if centre == 0:
            continue
        for offset in range(-window, window + 1):
            j = i + offset
            if offset == 0 or j < 0 or j >= len(ids) or ids[j] == 0:
                continue
            pairs.append((int(centre), int(ids[j])))
    return pairs


def log_sigmoid(x):
    return torch.clamp(x, max=0) - torch.log1p(torch.exp(-x.abs()))


def negative_sampling_loss(centre, context, negatives):
    total = -log_sigmoid((centre * context).sum(dim=-1))
    for k in range(negatives.shape[1]):
        total = total - log_sigmoid(-(centre * negatives[:, k]).sum(dim=-1))
    return total.mean()


def nearest(weight, word, k):
    with torch.no_grad():
        gram = weight @ weight[word]
        lengths = torch.linalg.vector_norm(weight, dim=1) * torch.linalg.vector_norm(weight[word])
        cosines = torch.zeros_like(gram)
        nonzero = lengths > 0
        cosines[nonzero] = gram[nonzero] / lengths[nonzero]
        cosines[word] = -torch.inf
    return torch.argsort(cosines, descending=True, stable=True)[:k].tolist()
