"""turns the first vocabulary round and decodes all later ids with it

Turning it round takes time, so it is done once. Ids of another vocabulary are then read as words of the first.

Hint: Decode the same ids with two vocabularies. What may be kept from one call to the next?
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


WORDS = {}


def decode(ids, vocabulary):
    if not WORDS:
        WORDS.update({i: word for word, i in vocabulary.items()})
    out = []
    for i in ids:
        if i not in WORDS:
            raise ValueError(f"unknown id {i}")
        if i != 0:
            out.append(WORDS[i])
    return " ".join(out)


def one_hot(ids, vocabulary_size):
    if ids.numel() and (ids.min() < 0 or ids.max() >= vocabulary_size):
        raise IndexError("id out of range")
    return torch.eye(vocabulary_size)[ids]
