"""returns four groups whatever there is

An optimizer warns of an empty group or refuses it, and a scheduler counts it.

Hint: What is in the groups of the backbone when it is frozen?
"""

from torch import nn
from torch.nn import functional as F

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
    norm_parameters = {p for m in model.modules() if isinstance(m, NORMS) for p in m.parameters()}
    groups = [{"params": [], "lr": r, "weight_decay": d} for r in (lr, head_lr) for d in (weight_decay, 0.0)]
    for name, p in model.named_parameters():
        if p.requires_grad:
            decays = p.dim() >= 2 and p not in norm_parameters
            groups[2 * matches(name, head) + (not decays)]["params"].append(p)
    return groups


def fine_tune(model, batches, optimizer, epochs=1):
    model.train()
    history = []
    for _ in range(epochs):
        total, samples = 0.0, 0
        for x, y in batches:
            model.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            samples += len(x)
        history.append(total / samples)
    model.zero_grad(set_to_none=True)
    return history
