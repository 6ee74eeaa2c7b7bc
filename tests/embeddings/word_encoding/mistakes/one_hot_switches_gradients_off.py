"""switches gradients off for good

torch.set_grad_enabled(False) holds until somebody switches them on again: after the first batch is encoded, nothing
trains.

Hint: What is the grad mode after your function has returned? Do integers have gradients at all?
"""

from collections import Counter

import torch


def build_vocabulary(texts, min_count=1):
    counts = Counter()
    for text in texts:
        counts.update(text.lower().split())
    kept = [word for word in counts if counts[word] >= min_count]
    vocabulary = {"<pad>": 0, "<unk>": 1}
    for word in sorted(kept, key=lambda w: (-counts[w], w)):
        vocabulary[word] = len(vocabulary)
    return vocabulary


def encode(text, vocabulary, length):
    ids = [vocabulary.get(word, 1) for word in text.lower().split()]
    ids = ids[:length]
    return ids + [0] * (length - len(ids))


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
    torch.set_grad_enabled(False)
    return torch.eye(vocabulary_size)[ids]
