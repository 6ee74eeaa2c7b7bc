"""encodes with the vocabulary of its first call

It is copied once, to be at hand. A second corpus is then encoded with the numbers of the first, and nothing complains.

Hint: Encode one text with two vocabularies that give its words other ids. Which of them decides?
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


KNOWN = {}


def encode(text, vocabulary, length):
    if not KNOWN:
        KNOWN.update(vocabulary)
    ids = [KNOWN.get(word, 1) for word in text.lower().split()]
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
    return torch.eye(vocabulary_size)[ids]
