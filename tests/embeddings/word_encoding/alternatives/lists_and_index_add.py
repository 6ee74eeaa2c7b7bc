"""sorts pairs, uses a try for unknown words and index_select for the vectors

Lists from beginning to end; `index_select` itself raises for ids that are outside.
"""

import torch


def build_vocabulary(texts, min_count=1):
    every = sorted(word for text in texts for word in text.lower().split())
    pairs = []
    for word in every:
        if pairs and pairs[-1][1] == word:
            pairs[-1][0] -= 1
        else:
            pairs.append([-1, word])
    pairs = [pair for pair in sorted(pairs) if -pair[0] >= min_count]
    return {"<pad>": 0, "<unk>": 1, **{word: n for n, (_, word) in enumerate(pairs, 2)}}


def encode(text, vocabulary, length):
    ids = []
    for word in text.lower().split():
        if len(ids) == length:
            break
        try:
            ids.append(vocabulary[word])
        except KeyError:
            ids.append(1)
    while len(ids) != length:
        ids.append(0)
    return ids


def decode(ids, vocabulary):
    values, words = list(vocabulary.values()), list(vocabulary.keys())
    return " ".join(word for word in [words[values.index(i)] for i in ids] if word != words[values.index(0)])


def one_hot(ids, vocabulary_size):
    flat = ids.contiguous().view(-1)
    return torch.eye(vocabulary_size).index_select(0, flat).view(*ids.shape, vocabulary_size)
