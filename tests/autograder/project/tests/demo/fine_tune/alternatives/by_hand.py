"""takes the steps by hand

Seen in class.
"""

import torch


def fine_tune(model, x, y, steps, lr):
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith("head.")
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    losses = []
    for _ in range(steps):
        loss = torch.mean((model(x) - y) ** 2)
        gradients = torch.autograd.grad(loss, learning)
        with torch.no_grad():
            for parameter, gradient in zip(learning, gradients):
                parameter -= lr * gradient
        losses.append(float(loss.detach()))
    return losses
