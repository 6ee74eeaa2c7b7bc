"""Word encoding: networks take numbers, so every word gets one, its id, and then a vector of its own.

A vocabulary numbers the words of a corpus. With it, a text becomes a list of ids, all texts of one length, so that they
fit into one tensor; and an id becomes a one-hot vector, which is 1 at the place of the id and 0 elsewhere:

    text  --encode-->  ids  --one_hot-->  (length, vocabulary_size)
    text  <--decode--  ids

A word is what stands between white space, in lower case: `text.lower().split()`. So "The" and "the" are one word, and
"cat" and "cat," are two. A vocabulary is a dictionary from words to ids. Two ids are fixed:

    "<pad>"  0    padding, behind texts that are too short
    "<unk>"  1    any word that the vocabulary does not know

The words have the ids 2, 3, ...: those that occur most often first, and among equally frequent ones in the order of the
alphabet, as Python compares strings. No text holds "<pad>" or "<unk>" as a word.

Worked example:

    >>> vocabulary = build_vocabulary(["The cat sat", "the dog  sat"])
    >>> vocabulary
    {'<pad>': 0, '<unk>': 1, 'sat': 2, 'the': 3, 'cat': 4, 'dog': 5}
    >>> encode("The bird sat", vocabulary, length=5)
    [3, 1, 2, 0, 0]
    >>> decode([3, 1, 2, 0, 0], vocabulary)
    'the <unk> sat'
    >>> one_hot(torch.tensor([2, 0]), vocabulary_size=4)
    tensor([[0., 0., 1., 0.],
            [1., 0., 0., 0.]])

None of the functions changes what it is given, and none remembers earlier calls.

Not allowed, since it is the exercise: `torch.nn.functional.one_hot` and its relatives. `collections.Counter` is
allowed, and so is indexing, `scatter_`, `torch.eye` and the like.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


def build_vocabulary(texts: Sequence[str], min_count: int = 1) -> dict[str, int]:
    """Number the words of `texts`.

    Args:
        texts: the corpus. A text, or all of them, may be empty or nothing but white space.
        min_count: words that occur less often than this in all texts together are left out.

    Returns:
        "<pad>" 0, "<unk>" 1, then the words: the most frequent first, equally frequent ones by the alphabet.
    """
    raise NotImplementedError("word_encoding: implement build_vocabulary")


def encode(text: str, vocabulary: Mapping[str, int], length: int) -> list[int]:
    """The ids of the words of `text`, in their order, as a list of exactly `length` integers.

    A longer text is cut at the end, a shorter one is padded with 0 on the right. A word that the vocabulary does not
    know becomes 1. `length` may be 0.
    """
    raise NotImplementedError("word_encoding: implement encode")


def decode(ids: Sequence[int], vocabulary: Mapping[str, int]) -> str:
    """The words with these ids, with one space between.

    Every padding is left out, wherever it stands; "<unk>" is kept. What counts is the id that the vocabulary gives to a
    word, not the place at which the word stands in it. ValueError for an id that no word has, a negative one, too.
    """
    raise NotImplementedError("word_encoding: implement decode")


def one_hot(ids: Tensor, vocabulary_size: int) -> Tensor:
    """One vector for each id: 1 at the place of the id, 0 elsewhere.

    Args:
        ids: int64 tensor of any shape (...), also () and empty.
        vocabulary_size: how long each vector is, whichever ids there are.

    Returns:
        Tensor (..., vocabulary_size) in the dtype that is torch's default when the function is called
        (`torch.get_default_dtype()`). IndexError for an id that is negative, or `vocabulary_size` or more.
    """
    raise NotImplementedError("word_encoding: implement one_hot")
