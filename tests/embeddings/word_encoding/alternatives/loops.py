"""counts with plain dictionaries and loops

Nothing is imported but torch, and every step is spelt out.
"""

import torch


def build_vocabulary(texts, min_count: int = 1):
    counts = {}
    for text in texts:
        for word in text.split():
            word = word.lower()
            if word in counts:
                counts[word] += 1
            else:
                counts[word] = 1
    by_count = {}
    for word, count in counts.items():
        by_count.setdefault(count, []).append(word)
    vocabulary = {"<pad>": 0, "<unk>": 1}
    for count in sorted(by_count, reverse=True):
        if count < min_count:
            break
        for word in sorted(by_count[count]):
            vocabulary[word] = len(vocabulary)
    return vocabulary


def encode(text, vocabulary, length):
    words = text.split()
    result = [0] * length
    for position in range(min(length, len(words))):
        word = words[position].lower()
        result[position] = vocabulary[word] if word in vocabulary else 1
    return result


def decode(ids, vocabulary):
    text = ""
    for wanted in ids:
        for word, index in vocabulary.items():
            if index == wanted:
                if word != "<pad>":
                    text = word if text == "" else text + " " + word
                break
        else:
            raise ValueError(wanted)
    return text


def one_hot(ids, vocabulary_size):
    flat = ids.reshape(-1).tolist()
    rows = []
    for index in flat:
        if not 0 <= index < vocabulary_size:
            raise IndexError(index)
        rows.append([1.0 if place == index else 0.0 for place in range(vocabulary_size)])
    return torch.tensor(rows).reshape(tuple(ids.shape) + (vocabulary_size,))
