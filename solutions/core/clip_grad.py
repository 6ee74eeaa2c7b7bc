"""Gradient clipping: keep one bad step from throwing the weights away.

When a gradient explodes, keep its direction and shorten it (`clip_grad`), or cut off each element that is too
large (`clip_grad_value`). Call either between `loss.backward()` and `optimizer.step()`.

Clipping by the norm treats the gradients g_1, ..., g_n of all parameters as one long vector g:

    total_norm = ||g||_p = (sum over all elements of |g_j| ** p) ** (1 / p)        p = inf: the largest |g_j|
    coef       = min(1, max_norm / (total_norm + 1e-6))
    g_i        = coef * g_i                                                        for every parameter

There is one norm and one coefficient for all parameters, so the direction of g stays. The norm of the p-norms of
the single tensors is the p-norm of the whole vector. Clipping by value works on each element by itself, and may
turn g:

    g_j = min(max(g_j, -clip_value), clip_value)

Parameters come in any shape, from () to (out, in, kH, kW), and gradients need not be contiguous. Both functions change
`p.grad` in place: afterwards it is the same tensor object as before, with other values. They change nothing else,
neither the parameter, nor the list that was passed, nor whether gradients are switched on.

Worked example, max_norm = 1 and p = 2:

    >>> w, b = torch.zeros(1, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
    >>> w.grad, b.grad = torch.tensor([[3.0, 0.0]]), torch.tensor([0.0, -4.0])
    >>> clip_grad([w, b], max_norm=1.0)              # sqrt(3 ** 2 + 4 ** 2)
    tensor(5.)
    >>> w.grad, b.grad                               # both times 1 / 5.000001
    (tensor([[0.6000, 0.0000]]), tensor([ 0.0000, -0.8000]))

Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
https://arxiv.org/abs/1211.5063, section 3.2, Algorithm 1. The 1e-6 and the behaviour in special cases are those of
`torch.nn.utils.clip_grad_norm_` with its default arguments.

Not allowed, since they are the exercise: `torch.nn.utils.clip_grad*`, `torch.nn.utils.get_total_norm` and
`torch._foreach_norm`. `torch.linalg.vector_norm` is allowed.
"""

import torch
from torch import Tensor


def clip_grad(parameters, max_norm: float, norm_type: float = 2.0) -> Tensor:
    """Scale all gradients together, in place, so that their total norm is at most `max_norm`.

    Args:
        parameters: an iterable of tensors of any shapes, or one tensor, whether they are nn.Parameters or not. It may
            be a generator such as `model.parameters()`, which can be run through only once. Parameters whose `.grad` is
            None are skipped, and no others: one that was frozen after its gradient was computed counts like any other.
        max_norm: largest total norm allowed. Gradients with a smaller norm are left as they are, never scaled up. 0 is
            a limit like any other: by the formula, all gradients become 0.
        norm_type: p of the p-norm, for example 1, 2, 3 or `float("inf")`.

    Returns:
        The total norm **before** clipping: a tensor of shape (), with the gradients' dtype, float16 and bfloat16 too.
        `torch.tensor(0.0)` if there is no gradient at all.

    Gradients that are not finite raise nothing. The formula is applied as it stands: with a NaN the norm is NaN and so
    is every gradient afterwards; with an infinite norm the coefficient is 0, so finite elements become 0 and infinite
    ones NaN.
    """
    # BEGIN SOLUTION
    # A generator can be run through only once, and iterating over a single tensor would give its rows.
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    grads = [p.grad for p in parameters if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)

    with torch.no_grad():
        # vector_norm sees a vector whatever the shape. linalg.norm would take the spectral norm of a matrix.
        norms = torch.stack([torch.linalg.vector_norm(g, norm_type) for g in grads])
        total_norm = torch.linalg.vector_norm(norms, norm_type)

        # clamp keeps a NaN. An `if total_norm > max_norm` would let it pass as a small gradient.
        coef = torch.clamp(max_norm / (total_norm + 1e-6), max=1.0)
        for g in grads:
            g.mul_(coef)  # g is the tensor that the optimizer will read, not a copy
    return total_norm
    # END SOLUTION


def clip_grad_value(parameters, clip_value: float) -> None:
    """Clamp every element of every gradient to [-clip_value, clip_value], in place.

    Args:
        parameters: an iterable of tensors of any shapes, or one tensor, as for `clip_grad`, with gradients of any
            floating dtype. Parameters whose `.grad` is None are skipped, and no others.
        clip_value: largest absolute value that an element may keep; with 0, all become 0. NaN stays NaN, an infinite
            element becomes `clip_value` with its sign.
    """
    # BEGIN SOLUTION
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p.grad.clamp_(-clip_value, clip_value)
    # END SOLUTION
