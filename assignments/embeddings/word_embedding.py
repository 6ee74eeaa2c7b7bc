"""Word vectors: a table with one short row per word, learnt so that words of the same company lie close together.

A one-hot vector times a matrix W picks one row of W, so a lookup does the same without the vector:

    WordEmbedding(ids) = W[ids]                                                 W: `weight`, (V, D)

Skip-gram with negative sampling learns the rows. A word (the centre) and one that stands near it in a text (the
context) should have a large dot product; the centre and K words drawn at random (the negatives), small ones. With u_c,
v_o and v_1, ..., v_K for their vectors and s for the sigmoid, the loss is

    -log s(v_o . u_c) - sum_k log s(-v_k . u_c)                                 sum over negatives, mean over the batch

Words are then close if the angle between their vectors is small: cosine(a, b) = a . b / (|a| |b|).

Worked example:

    >>> skip_gram_pairs([5, 2, 7], window=1)
    [(5, 2), (2, 5), (2, 7), (7, 2)]
    >>> skip_gram_pairs([5, 0, 7], window=2)                 # 0 is padding
    [(5, 7), (7, 5)]
    >>> centre, context = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> negative_sampling_loss(centre, context, torch.tensor([[[0.0, 2.0], [0.0, 3.0]]]))   # 3 log 2
    tensor(2.0794)
    >>> weight = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 3.0], [0.0, 2.0], [5.0, 0.0]])
    >>> nearest(weight, word=1, k=3)                         # cosines 0, -, 0.71, 0, 1
    [4, 2, 0]

Source: Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed Representations of Words and Phrases and their
Compositionality", 2013, https://arxiv.org/abs/1310.4546, equation (4).

Not allowed, since it is the exercise: `nn.Embedding`, `nn.EmbeddingBag`, `torch.nn.functional.embedding` and their
relatives. Indexing and `index_select` are allowed, and so are `F.logsigmoid`, `F.normalize` and the like.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class WordEmbedding(nn.Module):
    """The rows of `weight` that belong to ids.

    Args:
        vocabulary_size: number of words V.
        embedding_dim: length of their vectors D.
        padding_idx: the id that stands for padding, from 0 to V - 1, or None where no id does. Its row is zero at
            first, and lookups give it no gradient.

    The one parameter is `weight`, (V, D). Its other rows begin with random numbers, of whatever distribution you like.
    """

    def __init__(self, vocabulary_size: int, embedding_dim: int, padding_idx: int | None = None) -> None:
        super().__init__()
        raise NotImplementedError("word_embedding: implement WordEmbedding.__init__")

    def forward(self, ids: Tensor) -> Tensor:
        """int64 ids of any shape (...), also () and empty -> (..., D).

        A lookup of padding gives the row of padding, whatever it holds by now. The gradient of a word that occurs more
        than once is the sum over its places. IndexError for an id that is negative, or V or more.
        """
        raise NotImplementedError("word_embedding: implement WordEmbedding.forward")


def skip_gram_pairs(ids: Sequence[int], window: int) -> list[tuple[int, int]]:
    """All pairs (centre, context) of `ids` that are at most `window` places apart.

    Centres come from left to right, and the contexts of each from left to right. Padding (0) is neither centre nor
    context, but keeps its place: distances are counted in `ids` as they are given. A word that occurs twice is a
    context of itself. `window` may be 0, or longer than `ids`, which may be empty.
    """
    raise NotImplementedError("word_embedding: implement skip_gram_pairs")


def negative_sampling_loss(centre: Tensor, context: Tensor, negatives: Tensor) -> Tensor:
    """The loss above: (B, D), (B, D), (B, K, D) -> ().

    Exact and finite, as are its gradients, for dot products of +1000 and -1000, where the sigmoid is rounded to 0 or 1.
    """
    raise NotImplementedError("word_embedding: implement negative_sampling_loss")


def nearest(weight: Tensor, word: int, k: int) -> list[int]:
    """The `k` words whose rows of `weight` have the largest cosine with the row of `word`, the nearest first.

    Args:
        weight: (V, D). It may be a module's parameter.
        word: whose neighbours; never one of them.
        k: 0 to V - 1.

    Of equal cosines, the lower id comes first. A row of zeros has the cosine 0 with every row.
    """
    raise NotImplementedError("word_embedding: implement nearest")
