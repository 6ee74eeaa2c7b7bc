import heapq
import re
from collections import defaultdict

import torch


def words_of(text):
    return re.findall(r"\S+", text.lower())


def build_vocabulary(texts, min_count=1):
    counts = defaultdict(int)
    for text in texts:
        for word in words_of(text):
            counts[word] += 1
    heap = [(-n, word) for word, n in counts.items() if not n < min_count]
    heapq.heapify(heap)
    vocabulary = {"<pad>": 0, "<unk>": 1}
    while heap:
        _, word = heapq.heappop(heap)
        vocabulary[word] = max(vocabulary.values()) + 1
    return vocabulary


def encode(text, vocabulary, length):
    known = defaultdict(lambda: 1, vocabulary)
    ids = [known[word] for word in words_of(text)]
    ids.extend([0] * length)
    return ids[:length]


def decode(ids, vocabulary):
    by_id = sorted(vocabulary, key=lambda word: vocabulary[word])
    if any(not 0 <= i < len(by_id) for i in ids):
        raise ValueError("no such id")
    return " ".join(by_id[i] for i in ids if i)


def one_hot(ids, vocabulary_size):
    if bool(((ids < 0) | (ids >= vocabulary_size)).any()):
        raise IndexError
    flat = ids.flatten()
    vectors = torch.full((flat.numel(), vocabulary_size), 0, dtype=torch.get_default_dtype())
    vectors[torch.arange(flat.numel()), flat] = 1
    return vectors.unflatten(0, ids.shape) if ids.dim() else vectors[0]
