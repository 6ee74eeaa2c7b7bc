"""computes gradients with torch.autograd.grad

They are put into `.grad` just before the step, and taken out again after it.
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
    inside = {name: p for name, p in model.named_parameters() if matches(name, head)}
    if not inside:
        raise ValueError("no parameters in the head")
    norms = [m for m in model.modules() if isinstance(m, NORMS)]

    def decays(p):
        return p.dim() > 1 and not any(p is q for m in norms for q in m.parameters())

    def group(ps, rate, decay):
        return {"params": ps, "lr": rate, "weight_decay": decay}

    rest = {name: p for name, p in model.named_parameters() if name not in inside}
    found = []
    for part, rate in ((rest, lr), (inside, head_lr)):
        train = [p for p in part.values() if p.requires_grad]
        found.append(group([p for p in train if decays(p)], rate, weight_decay))
        found.append(group([p for p in train if not decays(p)], rate, 0.0))
    return [each for each in found if each["params"]]


def fine_tune(model, batches, optimizer, epochs=1):
    model.train()
    for p in model.parameters():
        p.grad = None
    history = []
    for _ in range(epochs):
        sums = []
        for x, y in batches:
            scores = model(x).log_softmax(1)
            loss = -scores.gather(1, y[:, None]).mean()
            learn = [p for p in model.parameters() if p.requires_grad]
            for p, g in zip(learn, torch.autograd.grad(loss, learn, allow_unused=True), strict=True):
                p.grad = g
            optimizer.step()
            for p in model.parameters():
                p.grad = None
            sums.append((loss.item(), y.shape[0]))
        history.append(sum(v * n for v, n in sums) / sum(n for _, n in sums))
    return history
