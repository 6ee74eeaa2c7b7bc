"""Week 4, review. Lukas Schmidt."""

import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    x = F.pad(x, (padding, padding, padding, padding))
    kH, kW = weight.shape[2], weight.shape[3]
    patches = x.unfold(2, kH, stride).unfold(3, kW, stride)      # N C H' W' kH kW
    out = torch.einsum("nchwij,ocij->nohw", patches, weight)
    if bias is not None:
        out = out + bias[:, None, None]
    return out


def conv2d_matrix(weight, height, width, stride=1, padding=0):
    O, C, kH, kW = weight.shape
    oh = (height + 2 * padding - kH) // stride + 1
    ow = (width + 2 * padding - kW) // stride + 1
    M = weight.new_zeros((O, oh, ow, C, height + 2 * padding, width + 2 * padding))
    for i in range(oh):
        for j in range(ow):
            M[:, i, j, :, i * stride : i * stride + kH, j * stride : j * stride + kW] = weight
    M = M[..., padding : padding + height, padding : padding + width]
    return M.reshape(O * oh * ow, C * height * width)


import math

import torch
from torch import nn


class RNNCell(nn.Module):
    def __init__(self, input_size, hidden_size, bias=True):
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        self.weight_ih = nn.Parameter(torch.empty(hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.empty(hidden_size, hidden_size))
        if bias:
            self.bias_ih = nn.Parameter(torch.empty(hidden_size))
            self.bias_hh = nn.Parameter(torch.empty(hidden_size))
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        k = 1 / math.sqrt(hidden_size)
        for p in self.parameters():
            nn.init.uniform_(p, -k, k)

    def forward(self, x, h=None):
        if h is None:
            h = x.new_zeros(x.size(0), self.hidden_size)
        z = x @ self.weight_ih.T + h @ self.weight_hh.T
        if self.bias_ih is not None:
            z = z + self.bias_ih + self.bias_hh
        return torch.tanh(z)


def run(cell, xs, h=None):
    states = []
    for x in xs:
        h = cell(x, h)
        states.append(h)
    return torch.stack(states), h


import math

import torch


def gradient_norms_over_time(cell, xs, state):
    single = not isinstance(state, tuple)
    first = (state,) if single else state
    track = [tuple(s.detach().clone().requires_grad_(True) for s in first)]
    for x in xs:
        out = cell(x, track[-1][0] if single else track[-1])
        track.append((out,) if single else tuple(out))
    loss = track[-1][0].sum()
    norms = []
    for tensors in track:
        tensors = [t for t in tensors if t.requires_grad]
        grads = torch.autograd.grad(loss, tensors, retain_graph=True, allow_unused=True)
        sq = sum((g ** 2).sum() for g in grads if g is not None)
        norms.append(torch.as_tensor(sq, dtype=loss.dtype) ** 0.5)
    return torch.stack(norms)


def gradient_norms_over_depth(blocks, x, skip):
    acts = [x.detach().clone().requires_grad_(True)]
    for f in blocks:
        a = acts[-1]
        acts.append(f(a) + a if skip else f(a))
    grads = torch.autograd.grad(acts[-1].sum(), acts)
    return torch.stack([torch.linalg.vector_norm(g) for g in grads])


def half_life(norms):
    n = len(norms)
    if n < 2:
        return math.inf
    y = torch.log2(norms.masked_fill(norms == 0, torch.finfo(norms.dtype).tiny)).tolist()
    t_mean, y_mean = (n - 1) / 2, sum(y) / n
    num = sum((t - t_mean) * (v - y_mean) for t, v in enumerate(y))
    den = sum((t - t_mean) ** 2 for t in range(n))
    slope = num / den
    return 1 / slope if slope > 1e-9 else math.inf


if __name__ == "__main__":
    print(conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2)))
