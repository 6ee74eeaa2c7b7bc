"""turns the caller's ids into places of a flat tensor

`view` gives the same memory under another shape, so the sum is written into the ids that were passed in.

Hint: Print the ids before and after the call. Which of your operations works in place?
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
    vectors = torch.zeros(ids.numel() * vocabulary_size)
    flat = ids.view(-1) if ids.is_contiguous() else ids.reshape(-1)
    flat += vocabulary_size * torch.arange(ids.numel())
    vectors[flat] = 1.0
    return vectors.view(*ids.shape, vocabulary_size)
