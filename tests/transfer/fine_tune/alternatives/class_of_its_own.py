"""gives the model a class of its own, with another train

The new class derives from the old one. Losses are added up as sums over the batch.
"""

import itertools
from torch import nn

NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def matches(name, top):
    return name == top or name.startswith(f"{top}.")


def freeze(model, trainable):
    parameters = dict(model.named_parameters())
    chosen = {top: [n for n in parameters if matches(n, top)] for top in trainable}
    for top, found in chosen.items():
        if not found:
            raise ValueError(f"{top} matches nothing")
    wanted = set(itertools.chain.from_iterable(chosen.values()))
    for name, p in parameters.items():
        p.requires_grad_(name in wanted)
    keep = {m for n, m in model.named_modules() if isinstance(m, NORMS) and not any(matches(n, t) for t in trainable)}
    base = getattr(type(model), "thawed", type(model))

    class Frozen(base):
        thawed = base

        def train(self, mode=True):
            super().train(mode)
            for module in keep:
                module.eval()
            return self

    Frozen.__name__ = base.__name__
    model.__class__ = Frozen
    for module in keep:
        module.eval()
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
    def clear():
        for p in model.parameters():
            p.grad = None

    model.train(True)
    criterion = nn.CrossEntropyLoss(reduction="sum")
    losses = [0.0] * epochs
    count = sum(y.numel() for _, y in batches)
    for epoch in range(epochs):
        for x, y in batches:
            clear()
            loss = criterion(model(x), y)
            (loss / y.numel()).backward()
            optimizer.step()
            losses[epoch] += float(loss.detach()) / count
    clear()
    return losses
