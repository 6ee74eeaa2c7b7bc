"""LSTM cell: one time step of a long short-term memory network.

A second state c, the cell state, is carried from step to step by a sum instead of a matrix product, and three gates
between 0 and 1 decide what is written into it, what is kept of it and what is shown of it.

Formula (s is the logistic sigmoid, * is element by element, @ a matrix product, W.T the transpose):

    i = s(x @ W_ii.T + b_ii + h @ W_hi.T + b_hi)            input gate: how much is written
    f = s(x @ W_if.T + b_if + h @ W_hf.T + b_hf)            forget gate: how much of the old c is kept
    g = tanh(x @ W_ig.T + b_ig + h @ W_hg.T + b_hg)         candidate: what is written
    o = s(x @ W_io.T + b_io + h @ W_ho.T + b_ho)            output gate: how much is shown
    c' = f * c + i * g                                      new cell state
    h' = o * tanh(c')                                       new hidden state, computed from the new c'

Shapes, with N the batch size, I = input_size and H = hidden_size:

    x (N, I), h (N, H), c (N, H)  ->  h' (N, H), c' (N, H)

Parameters, under exactly these names, as parameters of the cell itself (not of a sub-module):

    weight_ih (4H, I)      W_ii, W_if, W_ig, W_io stacked
    weight_hh (4H, H)      W_hi, W_hf, W_hg, W_ho stacked
    bias_ih (4H,)          b_ii, b_if, b_ig, b_io stacked
    bias_hh (4H,)          b_hi, b_hf, b_hg, b_ho stacked

Packing: the order is i, f, g, o in all four, whatever the order in which a text introduces the gates.
Rows 0 to H-1 belong to i, rows H to 2H-1 to f, rows 2H to 3H-1 to g, rows 3H to 4H-1 to o.
With bias=False there is no bias_ih and no bias_hh.

Initial values: draw every parameter from the uniform distribution on [-1/sqrt(H), 1/sqrt(H)], as PyTorch does. Another
start is accepted when all values are finite, no two rows of a weight are equal, and no two cells start with the same
weights. Creating a cell sets no seed and changes nothing outside it; each cell has parameters of its own.

Example, with I = H = 1, x = 1, h = 0, c = 2, and all parameters zero but the g row of weight_ih, which is 1:

    i = f = o = s(0) = 0.5,  g = tanh(1) = 0.7616
    c' = 0.5 * 2 + 0.5 * 0.7616 = 1.3808
    h' = 0.5 * tanh(1.3808) = 0.4406

Not allowed, since they are the exercise: nn.LSTMCell, nn.LSTM, nn.RNNCell, nn.RNN, nn.GRUCell, nn.GRU, their base
classes (nn.RNNCellBase) and functional forms (torch.lstm_cell, torch.lstm and the like). nn.Linear, F.linear and the
activations are allowed.

Source: S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997; the forget gate is from
F. Gers, J. Schmidhuber, F. Cummins, "Learning to Forget", Neural Computation 12(10), 2000. The formula is that of
A. Graves, arXiv:1308.0850, equations 7 to 11, without the peephole terms, and of torch.nn.LSTMCell.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class LSTMCell(nn.Module):
    """One step of an LSTM, with the packing i, f, g, o."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        """Create the parameters named above; bias=False leaves out both bias_ih and bias_hh."""
        super().__init__()
        # BEGIN SOLUTION
        bound = hidden_size**-0.5

        def uniform(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(*shape).uniform_(-bound, bound))

        self.hidden_size = hidden_size
        self.weight_ih = uniform(4 * hidden_size, input_size)
        self.weight_hh = uniform(4 * hidden_size, hidden_size)
        self.bias_ih = uniform(4 * hidden_size) if bias else None
        self.bias_hh = uniform(4 * hidden_size) if bias else None
        # END SOLUTION

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Take one step: x (N, I) and state (h, c), each (N, H), to the new state (h', c'), each (N, H).

        Without a state both h and c start as zeros, in the dtype and on the device of x. Zeros that are given are a
        state like any other, which gets its gradient; so do x, h and c where parameters are frozen. The caller's
        tensors are not changed, nothing is kept between calls, and gradients reach x, h, c and all parameters: nothing
        is detached.
        All this holds in training and in evaluation mode alike, and under `torch.no_grad()`. The parameters that count
        are those that the cell holds when it is called, also where others have taken their places; a deep copy has its
        own. Where x, the state and the parameters have one dtype, h' and c' have it, too, with biases and without.

        N, I and H may each be 1, and the shapes are the same then. x, h and c need not be contiguous: they may be
        transposed, or parts of a larger tensor. Values of any size are right: a gate far out is 0 or 1, never NaN.
        """
        # BEGIN SOLUTION
        if state is None:
            zeros = x.new_zeros(x.shape[0], self.hidden_size)
            state = (zeros, zeros)
        h, c = state

        gates = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = gates.chunk(4, dim=1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)

        c = f * c + i * g
        h = o * torch.tanh(c)
        return h, c
        # END SOLUTION
