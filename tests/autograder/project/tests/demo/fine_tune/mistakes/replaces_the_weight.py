"""puts a new parameter in the place of the head's weight

Seen in class.

Hint: Who else knows the old one?
"""

import torch
from torch import nn


def fine_tune(model, x, y, steps, lr):
    model.requires_grad_(False)
    model.head.weight = nn.Parameter(model.head.weight.clone())
    optimizer = torch.optim.SGD(model.head.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
