"""changes the classes of frozen layers

`type(layer).train` is the method of all layers of this class, those of other models and those that train included.

Hint: After `freeze`, make a second model. In which mode are its layers after `model.train()` and `model.eval()`?
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

    for module in frozen:
        type(module).train = lambda layer, mode=True: layer
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
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            samples += len(x)
        history.append(total / samples)
    model.zero_grad(set_to_none=True)
    return history
