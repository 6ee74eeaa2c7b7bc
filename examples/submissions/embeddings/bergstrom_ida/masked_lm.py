import torch
import torch.nn.functional as F
from torch import nn


class BertEmbeddings(nn.Module):
    def __init__(self, vocabulary_size, hidden_size, max_length, num_segments=2, dropout=0.1):
        super().__init__()
        self.token, self.position, self.segment = (
            nn.Embedding(rows, hidden_size) for rows in (vocabulary_size, max_length, num_segments)
        )
        self.norm = nn.LayerNorm(hidden_size, eps=1e-12)
        self.last = nn.Sequential(nn.Dropout(p=dropout))

    def forward(self, ids, segments=None):
        n, length = ids.shape
        if not length <= len(self.position.weight):
            raise ValueError
        rows = [self.token(ids), self.position(torch.arange(length).repeat(n, 1))]
        rows.append(self.segment(ids * 0 if segments is None else segments))
        return self.last(self.norm(torch.stack(rows).sum(0)))


def mask_tokens(ids, mask_id, vocabulary_size, special_ids, probability=0.15):
    flat = ids.flatten().clone()
    labels = torch.full_like(flat, -100)
    is_special = [index in special_ids for index in range(vocabulary_size)]
    candidates = (~torch.tensor(is_special)[flat]).nonzero().flatten()
    places = candidates[torch.rand(len(candidates)) < probability]
    labels[places] = flat[places]
    words = (~torch.tensor(is_special)).nonzero().flatten()
    limits = torch.tensor([0.8, 0.9])
    fate = torch.bucketize(torch.rand(len(places)), limits, right=True)
    flat[places[fate == 0]] = mask_id
    random = places[fate == 1]
    flat[random] = words[torch.randint(0, len(words), random.shape)]
    return flat.view_as(ids), labels.view_as(ids)


def masked_lm_loss(logits, labels):
    log_p = F.log_softmax(logits, dim=-1)
    losses = [
        -log_p[n, i, labels[n, i]]
        for n in range(labels.shape[0])
        for i in range(labels.shape[1])
        if labels[n, i] != -100
    ]
    return torch.stack(losses).mean() if losses else 0.0 * log_p.sum()
