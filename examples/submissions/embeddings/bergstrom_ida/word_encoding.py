from collections import Counter

import torch


class Vocabulary:
    def __init__(self, mapping):
        self.ids = dict(mapping)
        self.words = {i: w for w, i in self.ids.items()}

    @classmethod
    def of(cls, texts, min_count):
        counts = Counter("\n".join(texts).lower().split())
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [word for word, count in ranked if count >= min_count]
        return cls({"<pad>": 0, "<unk>": 1} | {word: i + 2 for i, word in enumerate(kept)})

    def id(self, word):
        return self.ids.get(word, 1)

    def word(self, index):
        if index in self.words:
            return self.words[index]
        raise ValueError(f"{index} is the id of no word")


def build_vocabulary(texts, min_count=1, lower=True):
    return Vocabulary.of(texts, min_count).ids


def encode(text, vocabulary, length, pad=0):
    numbers = list(map(Vocabulary(vocabulary).id, text.lower().split()))
    missing = length - len(numbers)
    return numbers + missing * [pad] if missing > 0 else numbers[:length]


def decode(ids, vocabulary, separator=" "):
    return separator.join(filter(lambda word: word != "<pad>", map(Vocabulary(vocabulary).word, ids)))


def one_hot(ids, vocabulary_size):
    if ids.numel() > 0:
        low, high = torch.aminmax(ids)
        if low < 0 or high > vocabulary_size - 1:
            raise IndexError(f"{int(low)} to {int(high)}")
    return torch.nn.functional.embedding(ids, torch.eye(vocabulary_size))
