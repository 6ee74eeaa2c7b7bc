"""makes float32 torch's default dtype

The vectors are to come in the default dtype, whatever it is. Here the default changes instead, for the whole program.

Hint: Make float64 the default, call `one_hot`, and look at `torch.get_default_dtype()`. Which line has changed it?
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
    torch.set_default_dtype(torch.float32)
    return torch.eye(vocabulary_size)[ids]
