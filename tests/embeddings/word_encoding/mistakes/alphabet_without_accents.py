"""sorts letters with accents as if they had none

A dictionary on paper has über before zoo. Python compares code points, where ü comes after z, and so does everybody who
builds the vocabulary again.

Hint: What is `sorted(["über", "zoo"])`, and what do you change about it?
"""

import unicodedata
from collections import Counter

import torch


def build_vocabulary(texts, min_count=1):
    counts = Counter(w for t in texts for w in t.lower().split())
    kept = [w for w in counts if counts[w] >= min_count]
    kept.sort(key=lambda w: (-counts[w], unicodedata.normalize("NFKD", w).encode("ascii", "ignore"), w))
    return {w: i for i, w in enumerate(["<pad>", "<unk>", *kept])}


def encode(text, vocabulary, length):
    ids = [vocabulary.get(w, 1) for w in text.lower().split()][:length]
    return ids + [0] * (length - len(ids))


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
