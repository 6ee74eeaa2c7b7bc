"""Gradient flow: measure how much of the gradient is left, step by step back in time and layer by layer back in depth.

A gradient goes back through a network as a product: one factor for each step, or for each layer. If the factors are
small, what arrives at the beginning is next to nothing (it vanishes); if they are large, it explodes. A skip connection
makes each factor 1 plus something, an open forget gate makes it nearly 1. Here you measure it instead of believing it.

Over time: s_0 is the state that is given, s_{t+1} = cell(xs[t], s_t), and L is the sum of the first tensor of s_T.

    norms[t] = ||dL/ds_t||_2,  t = 0 ... T                      all tensors of the state together, one norm

Over depth: a[0] = x, a[l+1] = blocks[l](a[l]), plus a[l] with skip, and L is the sum of the last a.

    norms[l] = ||dL/da[l]||_2,  l = 0 ... len(blocks)

Half-life: with s the slope of the least-squares line through the points (t, log2(norms[t])), it is 1/s, the number of
steps back over which the gradient halves. Norms that vanish towards the past grow with t, so s > 0.

Example: h' = h/2 with one number for a state, three steps; blocks a -> a/2, three of them, one number:

    over time: 0.125, 0.25, 0.5, 1         over depth: 0.125, 0.25, 0.5, 1        half-life of both: 1.0
                                           with skip:  3.375, 2.25, 1.5, 1        half-life: inf

For cells and blocks whose derivative is known the norms are known, too: |w|^(T-t) times the root of N*H for h' = w*h;
(1 + s)^(L-l) times the root of the number of elements for blocks a -> s*a with skip. Check your code with these.

What you measure with is free: torch.autograd.grad, retain_grad, hooks that you remove again. Modules are measured in
the mode in which they come (train or eval). Nothing that belongs to the caller may change, neither values nor
requires_grad nor .grad of parameters, xs, x, state and norms, nor the mode of modules.

Source: S. Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen", diploma thesis, TU Munich, 1991; Y. Bengio,
P. Simard, P. Frasconi, "Learning Long-Term Dependencies with Gradient Descent Is Difficult", IEEE Transactions on
Neural Networks 5(2), 1994; R. Pascanu, T. Mikolov, Y. Bengio, arXiv:1211.5063; K. He, X. Zhang, S. Ren, J. Sun,
arXiv:1603.05027, equation 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn


def gradient_norms_over_time(
    cell: Callable[..., Tensor | tuple[Tensor, ...]], xs: Tensor, state: Tensor | tuple[Tensor, ...]
) -> Tensor:
    """Run `cell` along xs (T, N, I) from `state`; return the norms (T + 1,) of the gradient at every state.

    `state` is a tensor, h, or a tuple of tensors, such as (h, c). The cell is called as cell(x, state), by position,
    with a tuple as a tuple, and returns the next state in the same form. T >= 1.

    Entry t is about the tensors that the cell returned at step t - 1, and entry 0 about those that were given, as
    torch.autograd.grad has it: all ways from that tensor to the loss count. So entry T is about the last state itself:
    for (h, c) of an LSTM, dL/dh_T is 1, and dL/dc_T is o * (1 - tanh(c_T)^2), since h_T is made from c_T. A tensor that
    the loss does not depend on counts as 0, also one that has no graph at all.

    The result has the dtype of the state and no graph.
    """
    raise NotImplementedError("gradient_flow: implement gradient_norms_over_time")


def gradient_norms_over_depth(blocks: Sequence[nn.Module] | nn.Sequential, x: Tensor, skip: bool) -> Tensor:
    """Send x through `blocks`, each with its input added to its output if `skip`; return the norms (len(blocks) + 1,).

    `blocks` is a list or an nn.Sequential of at least one module, perhaps the same one at several places; x has any
    shape. Entry l is about a[l], so entry 0 is about x and the last one about the result itself. The result has the
    dtype of x and no graph.
    """
    raise NotImplementedError("gradient_flow: implement gradient_norms_over_depth")


def half_life(norms: Tensor) -> float:
    """Over how many steps back the gradient halves: 1 / (the least-squares slope of log2(norms) against t), a float.

    Norms of zero count as torch.finfo(norms.dtype).tiny, whose logarithm is finite. math.inf where the slope is not
    above 1e-9, so that nothing shrinks towards the past, and for fewer than two norms.
    """
    raise NotImplementedError("gradient_flow: implement half_life")
