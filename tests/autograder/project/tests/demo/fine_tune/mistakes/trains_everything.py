"""trains the body, too

Seen in class.

Hint: What is frozen?
"""

import torch
from torch import nn


def fine_tune(model, x, y, steps, lr):
    model.requires_grad_(True)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
