"""looks up and normalises by functions, and adds noise through one multinomial draw

The fate of a token is drawn from three classes with the weights 8, 1 and 1.
"""

import torch
import torch.nn.functional as F
from torch import nn


class BertEmbeddings(nn.Module):
    def __init__(self, vocabulary_size: int, hidden_size: int, max_length: int, num_segments: int = 2, dropout: float = 0.1):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_size, 1e-12)
        self.segment = nn.Embedding(num_segments, hidden_size)
        self.position = nn.Embedding(max_length, hidden_size)
        self.token = nn.Embedding(vocabulary_size, hidden_size)
        self.p = dropout
        for table in (self.segment, self.position, self.token):
            nn.init.trunc_normal_(table.weight, std=0.02)

    def forward(self, ids, segments=None):
        limit = self.position.weight.shape[0]
        if ids.size(-1) > limit:
            raise ValueError(f"at most {limit} tokens")
        x = F.embedding(ids, self.token.weight)
        x = x + self.position.weight[: ids.size(-1)]
        x = x + (self.segment.weight[0] if segments is None else F.embedding(segments, self.segment.weight))
        x = F.layer_norm(x, x.shape[-1:], self.norm.weight, self.norm.bias, self.norm.eps)
        return F.dropout(x, self.p, self.training)


def mask_tokens(ids, mask_id, vocabulary_size, special_ids, probability=0.15):
    weights = torch.ones(vocabulary_size)
    weights[list(special_ids)] = 0
    can_be_chosen = weights[ids] > 0
    chosen = can_be_chosen & torch.bernoulli(torch.full(ids.shape, float(probability))).bool()
    fate = torch.multinomial(torch.tensor([8.0, 1.0, 1.0]), ids.numel(), replacement=True).view(ids.shape)
    words = torch.multinomial(weights, ids.numel(), replacement=True).view(ids.shape)
    replacement = torch.stack([torch.full_like(ids, mask_id), words, ids]).gather(0, fate.unsqueeze(0)).squeeze(0)
    return torch.where(chosen, replacement, ids), torch.where(chosen, ids, torch.full_like(ids, -100))


def masked_lm_loss(logits, labels):
    count = (labels != -100).sum().clamp(min=1)
    total = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum")
    return total / count
