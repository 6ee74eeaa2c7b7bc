"""returns empty data of the right kinds

No text is looked at.
"""

import torch


def build_vocabulary(texts, min_count=1):
    return {"<pad>": 0, "<unk>": 1}


def encode(text, vocabulary, length):
    return [0] * length


def decode(ids, vocabulary):
    return ""


def one_hot(ids, vocabulary_size):
    return torch.zeros(*ids.shape, vocabulary_size)
