"""does not clear gradients

Seen in class.

Hint: What does backward do with what is there?
"""

import torch
from torch import nn


def fine_tune(model, x, y, steps, lr):
    model.requires_grad_(False)
    model.head.requires_grad_(True)
    optimizer = torch.optim.SGD(model.head.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        pass
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
