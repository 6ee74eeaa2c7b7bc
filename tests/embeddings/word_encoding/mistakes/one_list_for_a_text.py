"""returns the very list of an earlier call with the same text

Whoever changes the list, to mask a word for example, changes what all later calls return.

Hint: Encode a text twice, and change the first list. What does the second one hold?
"""

from collections import Counter

import torch

ENCODED = {}


def build_vocabulary(texts, min_count=1):
    counts = Counter(w for t in texts for w in t.lower().split())
    words = sorted((w for w, c in counts.items() if c >= min_count), key=lambda w: (-counts[w], w))
    return {w: i for i, w in enumerate(["<pad>", "<unk>", *words])}


def encode(text, vocabulary, length):
    key = text, tuple(vocabulary.items()), length
    if key not in ENCODED:
        ids = [vocabulary.get(w, 1) for w in text.lower().split()][:length]
        ENCODED[key] = ids + [0] * (length - len(ids))
    return ENCODED[key]


def decode(ids, vocabulary):
    words = {i: w for w, i in vocabulary.items()}
    for i in ids:
        if i not in words:
            raise ValueError(f"no word has the id {i}")
    return " ".join(words[i] for i in ids if i != 0)


def one_hot(ids, vocabulary_size):
    if ids.numel() and (ids.min() < 0 or ids.max() >= vocabulary_size):
        raise IndexError("id outside")
    return (ids.unsqueeze(-1) == torch.arange(vocabulary_size, device=ids.device)).to(torch.get_default_dtype())
