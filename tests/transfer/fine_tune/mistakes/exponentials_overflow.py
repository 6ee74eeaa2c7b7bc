"""takes the logarithm of a quotient of exponentials

exp overflows above 709, and the quotient is 0 where scores are far apart: the loss becomes NaN or infinite.

Hint: What is your loss for the scores [1000., 0.]? What does `log_softmax` do with the largest score?
"""

import torch
from torch import nn

NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def matches(name, top):
    return name == top or name.startswith(f"{top}.")


def freeze(model, trainable):
    names = [name for name, _ in model.named_parameters()]
    for top in trainable:
        if not any(matches(name, top) for name in names):
            raise ValueError(f"nothing is called {top}")
    for name, p in model.named_parameters():
        p.requires_grad = any(matches(name, top) for top in trainable)
    frozen = []
    for name, module in model.named_modules():
        if isinstance(module, NORMS) and not any(matches(name, top) for top in trainable):
            frozen.append(module)

    def train(mode=True):
        model.__class__.train(model, mode)
        for module in frozen:
            module.training = False
        return model

    model.train = train
    for module in frozen:
        module.training = False
    return model


def parameter_groups(model, head, lr, head_lr, weight_decay=0.0):
    if not any(matches(name, head) for name, _ in model.named_parameters()):
        raise ValueError(f"nothing is called {head}")
    norm_parameters = set()
    for module in model.modules():
        if isinstance(module, NORMS):
            norm_parameters.update(module.parameters())
    groups = []
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        decay = weight_decay if p.dim() >= 2 and p not in norm_parameters else 0.0
        groups.append({"params": [p], "lr": head_lr if matches(name, head) else lr, "weight_decay": decay})
    return groups


def fine_tune(model, batches, optimizer, epochs=1):
    model.train()
    history = []
    for _ in range(epochs):
        total, samples = 0.0, 0
        for x, y in batches:
            model.zero_grad(set_to_none=True)
            scores = torch.exp(model(x))
            chosen = scores[torch.arange(len(y)), y] / scores.sum(1)
            loss = -torch.log(chosen).mean()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            samples += len(x)
        history.append(total / samples)
    model.zero_grad(set_to_none=True)
    return history
