"""looks words up by their position

`list(vocabulary)` is a list: -1 is its last entry, an id that is too large raises IndexError, and a vocabulary whose
entries stand in another order is read wrongly.

Hint: Turn the dictionary round, from ids to words. What does a list do with the index -1?
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
    words = list(vocabulary)
    return " ".join(words[i] for i in ids if i != 0)


def one_hot(ids, vocabulary_size):
    if ids.numel() and (ids.min() < 0 or ids.max() >= vocabulary_size):
        raise IndexError("id out of range")
    return torch.eye(vocabulary_size)[ids]
