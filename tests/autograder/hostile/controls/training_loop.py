"""Trains a little while it is imported

Honest: has not put its experiment below `if __name__ == ...`
"""
# exercise: residual_block

import torch
from torch import nn

_block = ResidualBlock(3, 4)
_optimizer = torch.optim.SGD(_block.parameters(), lr=0.1)
for _ in range(3):
    _optimizer.zero_grad()
    _block(torch.randn(2, 3, 8, 8)).pow(2).mean().backward()
    nn.utils.clip_grad_norm_(_block.parameters(), 1.0)
    _optimizer.step()
print("loss went down")
