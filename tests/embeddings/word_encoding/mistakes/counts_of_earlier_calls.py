"""keeps counting in the next call

The counter is made once, when the file is loaded, so the second vocabulary holds the words of the first corpus.

Hint: Call the function twice with the same text and min_count=2. Where does the counter begin?
"""

from collections import Counter

import torch


COUNTS = Counter()


def build_vocabulary(texts, min_count=1):
    for text in texts:
        COUNTS.update(text.lower().split())
    kept = [word for word in COUNTS if COUNTS[word] >= min_count]
    vocabulary = {"<pad>": 0, "<unk>": 1}
    for word in sorted(kept, key=lambda w: (-COUNTS[w], w)):
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
    return torch.eye(vocabulary_size)[ids]
