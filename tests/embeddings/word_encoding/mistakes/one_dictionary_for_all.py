"""returns one dictionary, which the next call fills anew

Whoever builds two vocabularies, of two languages for example, has the second one twice.

Hint: Build two vocabularies from different texts, and print the first one afterwards.
"""

from collections import Counter

import torch

VOCABULARY = {}


def build_vocabulary(texts, min_count=1):
    counts = Counter(w for t in texts for w in t.lower().split())
    words = sorted((w for w, c in counts.items() if c >= min_count), key=lambda w: (-counts[w], w))
    VOCABULARY.clear()
    VOCABULARY.update({w: i for i, w in enumerate(["<pad>", "<unk>", *words])})
    return VOCABULARY


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
