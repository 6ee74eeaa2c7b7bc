"""sorts twice, first by the alphabet, then by count

Python's sort is stable: equally frequent words stay in the order of the alphabet. The vectors come from a comparison.
"""

import itertools
from collections import Counter

import torch


def build_vocabulary(texts, min_count=1):
    counts = Counter(itertools.chain.from_iterable(t.lower().split() for t in texts))
    words = sorted(w for w, n in counts.items() if n >= min_count)
    words.sort(key=counts.__getitem__, reverse=True)
    return dict(zip(["<pad>", "<unk>", *words], itertools.count()))


def encode(text, vocabulary, length):
    ids = (vocabulary.get(w, vocabulary["<unk>"]) for w in text.lower().split())
    padded = itertools.chain(ids, itertools.repeat(vocabulary["<pad>"]))
    return list(itertools.islice(padded, length))


def decode(ids, vocabulary):
    table = dict(zip(vocabulary.values(), vocabulary.keys()))
    try:
        words = [table[i] for i in ids]
    except KeyError as error:
        raise ValueError(f"{error} is no id") from error
    return " ".join(w for w in words if w != "<pad>")


def one_hot(ids, vocabulary_size):
    places = torch.arange(vocabulary_size, device=ids.device)
    inside = (ids >= 0) & (ids < vocabulary_size)
    if not inside.all():
        raise IndexError("an id is outside of the vocabulary")
    return torch.eq(ids.unsqueeze(-1), places).to(torch.get_default_dtype())
