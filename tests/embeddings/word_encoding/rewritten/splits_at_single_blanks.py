from collections import Counter

import torch


import re


def build_vocabulary(texts, min_count=1):
    counts = Counter(word for text in texts for word in re.split(" ", text.lower()))
    words = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    vocabulary = {"<pad>": 0, "<unk>": 1}
    vocabulary.update({w: i for i, w in enumerate([w for w, n in words if n >= min_count], start=2)})
    return vocabulary


def encode(text, vocabulary, length):
    out = [vocabulary.get(w, 1) for w in re.split(" ", text.lower())]
    return (out + length * [0])[:length]


def decode(ids, vocabulary):
    words = {i: word for word, i in vocabulary.items()}
    out = []
    for i in ids:
        if i not in words:
            raise ValueError(f"unknown id {i}")
        if i != 0:
            out.append(words[i])
    return " ".join(out)


def one_hot(ids, vocabulary_size):
    if ids.numel() and (ids.min() < 0 or ids.max() >= vocabulary_size):
        raise IndexError("id out of range")
    return torch.eye(vocabulary_size)[ids]
