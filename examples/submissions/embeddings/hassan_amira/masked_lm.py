import torch
import torch.nn.functional as F
from torch import nn


class BertEmbeddings(nn.Module):
    def __init__(self, vocabulary_size, hidden_size, max_length, num_segments=2, dropout=0.1, eps=1e-12):
        super().__init__()
        self.token = nn.Embedding(vocabulary_size, hidden_size)
        self.position = nn.Embedding(max_length, hidden_size)
        self.segment = nn.Embedding(num_segments, hidden_size)
        self.norm = nn.LayerNorm(hidden_size, eps=eps)
        self.drop = nn.Dropout(dropout)
        self.register_buffer("position_ids", torch.arange(max_length).expand((1, -1)), persistent=False)

    def forward(self, ids, segments=None):
        length = ids.size(1)
        if length > self.position_ids.size(1):
            raise ValueError("the text is too long")
        if segments is None:
            segments = torch.zeros(ids.size(), dtype=torch.long, device=ids.device)
        embeddings = self.token(ids) + self.segment(segments)
        embeddings += self.position(self.position_ids[:, :length])
        return self.drop(self.norm(embeddings))


def mask_tokens(ids, mask_id, vocabulary_size, special_ids, probability=0.15):
    inputs, labels = ids.clone(), ids.clone()
    matrix = torch.full(labels.shape, probability)
    special = sum((ids == index).int() for index in special_ids).bool()
    matrix.masked_fill_(special, value=0.0)
    masked = torch.bernoulli(matrix).bool()
    labels[~masked] = -100
    replaced = torch.bernoulli(torch.full(labels.shape, 0.8)).bool() & masked
    inputs[replaced] = mask_id
    random = torch.bernoulli(torch.full(labels.shape, 0.5)).bool() & masked & ~replaced
    words = torch.randint(vocabulary_size, labels.shape)
    while (again := torch.isin(words, torch.tensor(special_ids))).any():
        words[again] = torch.randint(vocabulary_size, (int(again.sum()),))
    inputs[random] = words[random]
    return inputs, labels


def masked_lm_loss(logits, labels):
    loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), labels.reshape(-1))
    return loss if (labels >= 0).any() else torch.zeros_like(logits).mul(logits).sum()
