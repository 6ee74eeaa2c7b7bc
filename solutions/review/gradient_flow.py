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


# BEGIN SOLUTION
def measured(states: list[tuple[Tensor, ...]]) -> Tensor:
    """For each state, the norm of the gradient of the sum of the last state's first tensor."""
    loss = states[-1][0].sum()
    with_graph = [tensor for state in states for tensor in state if tensor.requires_grad]
    # autograd.grad hands gradients out instead of adding them to .grad; zeros for what the loss does not depend on.
    gradients = iter(torch.autograd.grad(loss, with_graph, materialize_grads=True))
    norms = []
    for state in states:
        parts = [next(gradients) if tensor.requires_grad else torch.zeros_like(tensor) for tensor in state]
        norms.append(torch.cat([part.flatten() for part in parts]).norm())
    return torch.stack(norms)


# END SOLUTION
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
    # BEGIN SOLUTION
    given = state if isinstance(state, tuple) else (state,)
    # A leaf of our own for each tensor: the caller's stay as they are.
    states = [tuple(tensor.detach().requires_grad_() for tensor in given)]
    for x in xs:
        state = cell(x, states[-1] if isinstance(state, tuple) else states[-1][0])
        states.append(state if isinstance(state, tuple) else (state,))
    return measured(states)
    # END SOLUTION


def gradient_norms_over_depth(blocks: Sequence[nn.Module] | nn.Sequential, x: Tensor, skip: bool) -> Tensor:
    """Send x through `blocks`, each with its input added to its output if `skip`; return the norms (len(blocks) + 1,).

    `blocks` is a list or an nn.Sequential of at least one module, perhaps the same one at several places; x has any
    shape. Entry l is about a[l], so entry 0 is about x and the last one about the result itself. The result has the
    dtype of x and no graph.
    """
    # BEGIN SOLUTION
    a = x.detach().requires_grad_()
    activations = [(a,)]
    for block in blocks:
        a = block(a) + a if skip else block(a)
        activations.append((a,))
    return measured(activations)
    # END SOLUTION


def half_life(norms: Tensor) -> float:
    """Over how many steps back the gradient halves: 1 / (the least-squares slope of log2(norms) against t), a float.

    Norms of zero count as torch.finfo(norms.dtype).tiny, whose logarithm is finite. math.inf where the slope is not
    above 1e-9, so that nothing shrinks towards the past, and for fewer than two norms.
    """
    # BEGIN SOLUTION
    if len(norms) < 2:
        return math.inf
    tiny = torch.finfo(norms.dtype).tiny
    y = [math.log2(norm or tiny) for norm in norms.tolist()]
    middle = (len(y) - 1) / 2  # the mean of 0, 1, ..., so that the mean of y drops out
    slope = sum((t - middle) * value for t, value in enumerate(y)) / sum((t - middle) ** 2 for t in range(len(y)))
    return 1 / slope if slope > 1e-9 else math.inf
    # END SOLUTION
