"""Trains the head of a model, and nothing else."""

import torch
from torch import Tensor, nn


def fine_tune(model: nn.Module, x: Tensor, y: Tensor, steps: int, lr: float) -> list[float]:
    """Freezes all but `model.head`, takes SGD's steps on the mean squared error; the loss before each."""
    # BEGIN SOLUTION
    model.requires_grad_(False)
    model.head.requires_grad_(True)
    optimizer = torch.optim.SGD(model.head.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (model(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    # END SOLUTION
