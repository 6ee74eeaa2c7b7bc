from collections import Counter

import torch


def build_vocabulary(texts, min_count=1):
    ranking = Counter(word for text in texts for word in text.lower().split()).most_common()
    return dict(zip(["<pad>", "<unk>"] + [w for w, n in ranking if n >= min_count], range(len(ranking) + 2)))


def encode(text, vocabulary, length):
    out = [vocabulary[w] if w in vocabulary else 1 for w in text.lower().split()]
    return (out + length * [0])[:length]


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
