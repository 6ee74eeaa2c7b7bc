import torch
import torch.nn.functional as F
from torch import nn


class WordEmbedding(nn.Module):
    def __init__(self, vocabulary_size: int, embedding_dim: int, padding_idx: int | None = None, scale: float = 0.1):
        super().__init__()
        self.weight = nn.Parameter(torch.normal(0.0, scale, (vocabulary_size, embedding_dim)))
        self.padding_idx = padding_idx
        if padding_idx is not None:
            with torch.no_grad():
                self.weight[padding_idx].fill_(0.0)

    def forward(self, ids):
        flat = ids.flatten()
        if torch.any(flat < 0) or torch.any(flat >= self.weight.size(0)):
            raise IndexError
        rows = torch.index_select(self.weight, 0, flat)
        if self.padding_idx is not None and rows.requires_grad:
            rows.register_hook(lambda grad: grad.masked_fill((flat == self.padding_idx)[:, None], 0.0))
        return rows.view(*ids.shape, self.weight.size(1))


def skip_gram_pairs(ids, window):
    found = []
    for i in range(len(ids)):
        left = range(i - 1, i - window - 1, -1)
        right = range(i + 1, i + window + 1)
        for j in sorted([*left, *right]):
            if 0 <= j < len(ids) and 0 not in (ids[i], ids[j]):
                found.append((ids[i], ids[j]))
    return found


def negative_sampling_loss(centre, context, negatives):
    near = torch.einsum("bd,bd->b", centre, context)
    far = torch.einsum("bd,bkd->bk", centre, negatives)
    return (F.softplus(-near) + F.softplus(far).sum(dim=-1)).sum() / near.numel()


def nearest(weight, word, k):
    lengths = weight.norm(dim=1)
    lengths = torch.where(lengths == 0, torch.ones_like(lengths), lengths)
    unit = weight / lengths[:, None]
    scores = (unit * unit[word]).sum(dim=1).tolist()
    ranking = sorted((-score, other) for other, score in enumerate(scores) if other != word)
    return [other for _, other in ranking[:k]]
