"""compares min_count with the number of texts that hold a word

The order is by occurrences, and what is left out, by texts: a word that one text repeats ten times is taken for rare.

Hint: With min_count=2, is "a" in the vocabulary of the single text "a a"?
"""

from collections import Counter

import torch


def build_vocabulary(texts, min_count=1):
    counts, texts_with = Counter(), Counter()
    for text in texts:
        words = text.lower().split()
        counts.update(words)
        texts_with.update(set(words))
    kept = [word for word in counts if texts_with[word] >= min_count]
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
    return torch.eye(vocabulary_size)[ids]
