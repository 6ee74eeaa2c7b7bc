"""returns the very tensor of an earlier call with the same ids

Whoever changes the vectors in place, to smooth labels for example, changes what all later calls return.

Hint: Call it twice with the same ids, and change the first result in place. What does the second hold?
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


RESULTS = {}


def one_hot(ids, vocabulary_size):
    if ids.numel() and (ids.min() < 0 or ids.max() >= vocabulary_size):
        raise IndexError("id out of range")
    key = (tuple(ids.shape), tuple(ids.flatten().tolist()), vocabulary_size, torch.get_default_dtype())
    if key not in RESULTS:
        RESULTS[key] = torch.eye(vocabulary_size)[ids]
    return RESULTS[key]
