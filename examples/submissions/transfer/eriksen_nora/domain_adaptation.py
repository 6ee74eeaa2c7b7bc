"""Domain adaptation: labels in one domain (the source), images without labels in another (the target).

Idea: a network that was trained on the source sees other numbers in the target. Three remedies: teach the features to
hide where they come from (gradient reversal), pull their covariances together (CORAL), or replace the statistics of
batch normalisation by the target's (AdaBN).

Formula:

    reversal   R(x) = x,   dR/dx = -strength · I                    between the features and a classifier of domains
               strength = 2 / (1 + exp(-10 · progress)) - 1         progress from 0 to 1 during the training
    CORAL      loss = ||C_S - C_T||² / (4 d²)                       the sum of all squared differences
               C = (X - mean)ᵀ (X - mean) / (n - 1)                 X: (n, d), the mean over the n rows; C: (d, d)
    AdaBN      running_mean = average over the target's batches b of mean_b
               running_var  = average over b of var_b               var_b divides by m - 1 (m numbers per channel)

Example: for x = [1, 2] and strength 0.5, sum(R(x)³) is 9 and its gradient -0.5 · 3x² = [-1.5, -6]. For a source
[[0, 0], [2, 0]] and a target [[0, 0], [0, 4]], C_S = [[2, 0], [0, 0]], C_T = [[0, 0], [0, 8]], and the loss is
(2² + 8²) / (4 · 2²) = 4.25. A new `nn.BatchNorm1d(1)` that is given the batches [[0], [2]] and [[4], [8]] ends with
running_mean (1 + 6) / 2 = 3.5 and running_var (2 + 8) / 2 = 5.

Allowed: all of torch.

Source: Ganin and Lempitsky, "Unsupervised domain adaptation by backpropagation", ICML 2015, arXiv:1409.7495, section 3;
Sun and Saenko, "Deep CORAL", 2016, arXiv:1607.01719, equations (1) to (3); Li et al., "Revisiting batch normalization
for practical domain adaptation", 2016, arXiv:1603.04779, algorithm 1.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Reverse(torch.autograd.Function):
    """The identity, whose gradient is turned round. A suggestion: only the four functions below are graded."""

    @staticmethod
    def forward(ctx, x, strength):
        raise NotImplementedError("domain_adaptation: implement Reverse.forward")

    @staticmethod
    def backward(ctx, gradient):
        raise NotImplementedError("domain_adaptation: implement Reverse.backward")


def reverse_gradient(x: Tensor, strength: float = 1.0) -> Tensor:
    """Return x, and turn round the gradient that comes back through what is returned: times -strength.

    x is used elsewhere, too: the gradients that reach it on other ways stay as they are. The result can be
    differentiated twice, and under `torch.no_grad()` it is just x.

    Args:
        x: of any shape and floating dtype.
        strength: a number, 0 included. Nothing is learned from it.
    """
    raise NotImplementedError("domain_adaptation: implement reverse_gradient")


def reversal_strength(progress: float) -> float:
    """How strong the reversal is at `progress`, from 0 (begin) to 1 (end of the training): first 0, then nearly 1."""
    raise NotImplementedError("domain_adaptation: implement reversal_strength")


def covariance(x: Tensor) -> Tensor:
    """C of the formula: (n, d) -> (d, d). A suggestion, too."""
    raise NotImplementedError("domain_adaptation: implement covariance")


def coral_loss(source: Tensor, target: Tensor) -> Tensor:
    """The distance of the two covariances, a tensor of shape (). Gradients reach both domains.

    Args:
        source: (n_S, d), features of one batch of the source; n_S is at least 2.
        target: (n_T, d), features of the target; n_T may be another number than n_S.
    """
    raise NotImplementedError("domain_adaptation: implement coral_loss")


def adapt_batch_norm(model: nn.Module, batches: Sequence[Tensor]) -> nn.Module:
    """Replace the running statistics of all batch-norm layers by the target's, and return the same model.

    There is one forward of the model for each batch. In it, every BatchNorm1d, 2d and 3d that has running statistics
    normalises with the batch's own mean and variance, as in training mode; all other layers do as in evaluation mode,
    so dropout is inactive. Afterwards, `running_mean` and `running_var` are the plain averages over the batches of the
    batch's mean and of its unbiased variance: each batch counts once, whatever its size, and nothing of the old
    statistics is left. `num_batches_tracked` is the number of batches.

    Nothing else changes: parameters, `requires_grad`, `.grad`, the mode of each module, whichever it was in, momentum,
    the batches. No graph is built.

    Args:
        model: at least one batch of it reaches every batch-norm layer, once.
        batches: (n, ...) each, at least one; what the model takes.
    """
    raise NotImplementedError("domain_adaptation: implement adapt_batch_norm")
