"""BERT's input and training task: where a word stands is part of its vector, and hidden words are to be guessed.

A word's vector is the sum of three looked-up rows, normalised, with dropout:

    BertEmbeddings(ids) = dropout(norm(token[ids] + position[0, 1, ..., L - 1] + segment[segments]))

For training, some tokens are chosen, each with `probability`, and whatever the others are. The model is to say what the
chosen ones were. It sees, in their places,

    80 %  mask_id
    10 %  an id drawn at random
    10 %  the token itself

The labels are the ids of the chosen tokens, and -100 elsewhere. The loss is the mean cross-entropy over the chosen
tokens.

Special tokens ("<pad>", "[CLS]", "[SEP]", "[MASK]", ...) are never chosen, and never drawn at random.

Worked example, with the special ids 0 to 4:

    >>> ids = torch.tensor([[2, 5, 6, 3]])
    >>> mask_tokens(ids, mask_id=4, vocabulary_size=8, special_ids=[0, 1, 2, 3, 4], probability=1.0)   # for example
    (tensor([[2, 4, 7, 3]]), tensor([[-100,    5,    6, -100]]))
    >>> masked_lm_loss(torch.zeros(1, 2, 4), torch.tensor([[3, -100]]))                                # log 4
    tensor(1.3863)

Source: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding", 2018, https://arxiv.org/abs/1810.04805, section 3.1, figure 2 and appendix A.1.

`nn.Embedding`, `nn.LayerNorm` and `F.cross_entropy` are allowed here.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BertEmbeddings(nn.Module):
    """What goes into BERT: token, position and segment, summed up and normalised.

    Args:
        vocabulary_size: number of token ids.
        hidden_size: length D of the vectors.
        max_length: number of positions.
        num_segments: number of segments; BERT reads two sentences at once.
        dropout: probability with which an element of the result is set to 0 while training.

    Layers: `token` (vocabulary_size, D), `position` (max_length, D) and `segment` (num_segments, D), each an
    `nn.Embedding` without `padding_idx`; `norm`, an `nn.LayerNorm` over D with eps 1e-12. There are no other parameters
    and no persistent buffers.
    """

    def __init__(
        self, vocabulary_size: int, hidden_size: int, max_length: int, num_segments: int = 2, dropout: float = 0.1
    ) -> None:
        super().__init__()
        # BEGIN SOLUTION
        self.token = nn.Embedding(vocabulary_size, hidden_size)
        self.position = nn.Embedding(max_length, hidden_size)
        self.segment = nn.Embedding(num_segments, hidden_size)
        self.norm = nn.LayerNorm(hidden_size, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        # END SOLUTION

    def forward(self, ids: Tensor, segments: Tensor | None = None) -> Tensor:
        """int64 (N, L), and segments alike -> (N, L, D).

        Without `segments`, every token belongs to segment 0. ValueError if L is more than max_length; fewer are fine.
        """
        # BEGIN SOLUTION
        length = ids.shape[1]
        if length > self.position.num_embeddings:
            raise ValueError(f"{length} tokens are too many")
        if segments is None:
            segments = torch.zeros_like(ids)
        positions = torch.arange(length, device=ids.device)
        vectors = self.token(ids) + self.position(positions) + self.segment(segments)
        return self.dropout(self.norm(vectors))
        # END SOLUTION


def mask_tokens(
    ids: Tensor, mask_id: int, vocabulary_size: int, special_ids: Sequence[int], probability: float = 0.15
) -> tuple[Tensor, Tensor]:
    """Choose tokens to be guessed, and hide most of them.

    Args:
        ids: int64 (N, L); stays as it is.
        mask_id: what stands for a hidden token; one of `special_ids`.
        vocabulary_size: ids are 0 to vocabulary_size - 1.
        special_ids: those that are neither chosen nor drawn. There is at least one id that is not special.
        probability: of each token that is not special, by itself, to be chosen; 0 and 1 are probabilities, too.

    Returns:
        inputs and labels, int64 (N, L) each, as above. The random id is any that is not special, the token's own
        included, each as likely as the others. Every call draws anew, from torch's global generator of random numbers;
        no seed is set.
    """
    # BEGIN SOLUTION
    ordinary = torch.tensor([index for index in range(vocabulary_size) if index not in special_ids], device=ids.device)
    chance, fate = torch.rand(2, *ids.shape, device=ids.device)  # whether a token is chosen, and what becomes of it
    chosen = torch.isin(ids, ordinary) & (chance < probability)
    drawn = ordinary[torch.randint(len(ordinary), ids.shape, device=ids.device)]
    seen = torch.where(fate < 0.8, mask_id, torch.where(fate < 0.9, drawn, ids))
    return torch.where(chosen, seen, ids), torch.where(chosen, ids, -100)
    # END SOLUTION


def masked_lm_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over the chosen tokens, all of the batch together.

    Args:
        logits: (N, L, V), finite.
        labels: (N, L), an id, or -100 where a token was not chosen.

    Returns:
        Tensor of shape (). Where no token is chosen it is 0, with a graph: `backward` works, and gives zeros.
    """
    # BEGIN SOLUTION
    chosen = labels != -100
    if not chosen.any():
        return 0.0 * logits.sum()
    return F.cross_entropy(logits[chosen], labels[chosen])
    # END SOLUTION
