"""Speaks of what is not allowed

Honest: names nn.LSTMCell in comments, strings and its own names
"""
# exercise: lstm_cell

import torch
from torch import nn

# nn.LSTMCell packs the gates in the order i, f, g, o; so do we.
REFERENCE = "torch.nn.LSTMCell"


class MyLSTM(nn.Module):
    """Like nn.LSTM, a step at a time; torch._VF.lstm_cell would do the same."""

    def __init__(self, cell):
        super().__init__()
        self.LSTMCell = cell


DEMO = MyLSTM(LSTMCell(3, 4))
DEMO.LSTMCell(torch.randn(2, 3))
