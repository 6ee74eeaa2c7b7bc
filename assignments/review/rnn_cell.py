"""Recurrent cell: one step of a plain recurrent network, and the loop that takes it along a sequence.

The cell mixes the new input with what it remembers, the hidden state h. The same weights serve every step, as the same
kernel serves every place in a convolution; `run` applies them from the first step to the last.

Formula (@ is a matrix product, W.T the transpose):

    h' = tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)

Shapes, with T the number of steps, N the batch size, I = input_size and H = hidden_size:

    cell:  x (N, I), h (N, H)        ->  h' (N, H)
    run:   xs (T, N, I), h (N, H)    ->  all states (T, N, H), last state (N, H)

Parameters, under exactly these names, as parameters of the cell itself (not of a sub-module):

    weight_ih (H, I)     weight_hh (H, H)     bias_ih (H,)     bias_hh (H,)

With bias=False there is no bias_ih and no bias_hh.

Initial values: draw every parameter from the uniform distribution on [-1/sqrt(H), 1/sqrt(H)], as PyTorch does. Another
start is accepted when all values are finite, no two rows of a weight are equal, and no two cells start with the same
weights. Creating a cell sets no seed and changes nothing outside it; each cell has parameters of its own.

Example, with I = H = 1, weight_ih = 1, weight_hh = 0.5, biases 0, the inputs 1, 0, 0 and no state given:

    h_1 = tanh(1) = 0.7616,   h_2 = tanh(0.5 * 0.7616) = 0.3634,   h_3 = tanh(0.5 * 0.3634) = 0.1797

    `run` returns the states 0.7616, 0.3634, 0.1797, shape (3, 1, 1), and the last of them, shape (1, 1).

Not allowed, since they are the exercise: nn.RNNCell, nn.RNN, nn.LSTMCell, nn.LSTM, nn.GRUCell, nn.GRU, their base
classes (nn.RNNCellBase) and functional forms (torch.rnn_tanh, torch.rnn_tanh_cell and the like). nn.Linear, F.linear
and tanh are allowed.

Source: J. Elman, "Finding Structure in Time", Cognitive Science 14(2), 1990; the formula is that of torch.nn.RNNCell.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class RNNCell(nn.Module):
    """One step of a plain recurrent network with tanh."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        """Create the parameters named above; bias=False leaves out both bias_ih and bias_hh."""
        super().__init__()
        raise NotImplementedError("rnn_cell: implement RNNCell.__init__")

    def forward(self, x: Tensor, h: Tensor | None = None) -> Tensor:
        """Take one step: x (N, I) and h (N, H) to the new state (N, H).

        Without a state, h starts as zeros, in the dtype and on the device of x. Zeros that are given are a state like
        any other, which gets its gradient. The caller's tensors are not changed, nothing is kept between calls, and
        gradients reach x, h and all parameters: nothing is detached. All this holds in training and in evaluation mode
        alike, with frozen parameters, and under `torch.no_grad()`.

        N, I and H may each be 1, and the shapes are the same then. x and h need not be contiguous. Values of any size
        are right: far out, the new state is 1 or -1, never NaN.
        """
        raise NotImplementedError("rnn_cell: implement RNNCell.forward")


def run(cell: Callable[..., Tensor], xs: Tensor, h: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Apply `cell` once to each of xs[0], xs[1], ... in turn; return all states (T, N, H) and the last one (N, H).

    `cell` is called as cell(x, h), by position, and returns the new h. It may be any cell of this kind, not only
    RNNCell: a module or a function, with a hidden size and a start of its own. Where no h is given, the first call gets
    None, or no state at all, and the cell starts as it does by itself.

    The last state is that of the last step. T = 0 comes with an h: then the states have the shape (0, N, H), and the
    last state is h. Nothing is detached: gradients reach xs[0], h and the cell's parameters. xs and h are not changed,
    nor the cell's mode and gradients.
    """
    raise NotImplementedError("rnn_cell: implement run")
