from torch import nn


class LSTMCell(nn.LSTMCell):
    """PyTorch already has one, with the same names and the same packing."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__(input_size, hidden_size, bias=bias)

    def forward(self, x, state=None):
        return super().forward(x, state)
