"""numbers the words in the order in which a set yields them

A set has no order of its own: words lie in it by their hash, which another run of Python computes otherwise. A model
that was trained with one numbering is fed with another.

Hint: Print the vocabulary of the same texts in two runs of Python. What decides which word is number 2?
"""

import torch


def build_vocabulary(texts, min_count=1):
    words = []
    for text in texts:
        words += text.lower().split()
    frequent = {word for word in set(words) if words.count(word) >= min_count}
    vocabulary = {"<pad>": 0, "<unk>": 1}
    for word in frequent:
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
