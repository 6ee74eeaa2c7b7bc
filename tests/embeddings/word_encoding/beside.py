"""Calls next to the code under test: what the caller's lists hold afterwards, and another default dtype."""

import torch


def build(build_vocabulary, texts):
    """The vocabulary, what it is after a call with other texts, and what the caller's list of texts is afterwards."""
    texts = list(texts)
    vocabulary = build_vocabulary(texts)
    first = vocabulary.copy() if isinstance(vocabulary, dict) else vocabulary
    build_vocabulary(["other words"])
    return first, vocabulary, texts


def encode_all(encode, texts, vocabulary, length):
    """The ids of each text, and what the caller's vocabulary is after the calls."""
    return [encode(text, vocabulary, length) for text in texts], vocabulary


def encode_once_more(encode, text, vocabulary, length):
    """The ids, and those of the same text after the first list has been changed."""
    ids = encode(text, vocabulary, length)
    first = ids[:]
    if isinstance(ids, list):
        ids[:1] = [7]
    return first, encode(text, vocabulary, length)


def decode_all(decode, lists, vocabulary):
    """The text of each list of ids, and what the caller's lists and vocabulary are after the calls."""
    return [decode(ids, vocabulary) for ids in lists], lists, vocabulary


def one_hot_in_float64(one_hot, ids, vocabulary_size):
    """The vectors while float64 is torch's default dtype, and what is the default after the call."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return one_hot(ids, vocabulary_size), str(torch.get_default_dtype())
    finally:
        torch.set_default_dtype(before)


def one_hot_once_more(one_hot, ids, vocabulary_size):
    """The vectors, and those of the same ids after the first ones have been changed in place."""
    vectors = one_hot(ids, vocabulary_size)
    first = vectors.clone()
    vectors.mul_(3.0)
    return first, one_hot(ids, vocabulary_size)
