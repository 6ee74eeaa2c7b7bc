"""writes the normalisation and the cross-entropy out

Log-sum-exp minus the logit of the label, added up with a mask.
"""

import torch
from torch import nn


class BertEmbeddings(nn.Module):
    def __init__(self, vocabulary_size, hidden_size, max_length, num_segments=2, dropout=0.1):
        super().__init__()
        self.token = nn.Embedding(vocabulary_size, hidden_size)
        self.position = nn.Embedding(max_length, hidden_size)
        self.segment = nn.Embedding(num_segments, hidden_size)
        self.norm = nn.LayerNorm(hidden_size, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.max_length = max_length

    def normalised(self, x):
        centred = x - x.mean(-1, keepdim=True)
        variance = centred.pow(2).mean(-1, keepdim=True)
        return self.norm.weight * centred / torch.sqrt(variance + 1e-12) + self.norm.bias

    def forward(self, ids, segments=None):
        n, length = ids.shape
        if length > self.max_length:
            raise ValueError("too many tokens")
        if segments is None:
            segments = torch.zeros_like(ids)
        places = torch.arange(length)
        x = self.token(ids) + self.position(places) + self.segment(segments)
        return self.dropout(self.normalised(x))


def mask_tokens(ids, mask_id, vocabulary_size, special_ids, probability=0.15):
    special = torch.zeros(ids.shape, dtype=torch.bool)
    for index in special_ids:
        special |= ids == index
    chosen = ~special & (torch.rand_like(ids, dtype=torch.float64) < probability)
    inputs, labels = ids.clone(), torch.full_like(ids, -100)
    labels[chosen] = ids[chosen]
    fate = torch.randint(0, 10, ids.shape)
    inputs[chosen & (fate >= 2)] = mask_id
    allowed = sorted(set(range(vocabulary_size)) - set(special_ids))
    where = chosen & (fate == 1)
    picks = (torch.rand(ids.shape, dtype=torch.float64) * len(allowed)).long()
    inputs[where] = torch.tensor(allowed)[picks[where]]
    return inputs, labels


def masked_lm_loss(logits, labels):
    mask = (labels != -100).to(logits.dtype)
    targets = labels.clamp(min=0).unsqueeze(-1)
    losses = torch.logsumexp(logits, dim=-1) - logits.gather(-1, targets).squeeze(-1)
    return (losses * mask).sum() / mask.sum().clamp(min=1.0)
