"""gives every frozen norm a train of its own

It leaves the layer in evaluation mode, whoever calls it. A second freeze takes it off again.
"""

import types
from torch import nn
from torch.nn import functional as F

NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def matches(name, tops):
    return any((name + ".").startswith(top + ".") for top in tops)


def freeze(model, trainable):
    names = [name for name, _ in model.named_parameters()]
    if unknown := [top for top in trainable if not any(matches(name, [top]) for name in names)]:
        raise ValueError(f"no parameter at {unknown}")
    for name, module in model.named_modules():
        for own, p in module.named_parameters(recurse=False):
            p.requires_grad_(matches(f"{name}.{own}" if name else own, trainable))
        if isinstance(module, NORMS):
            thawed = module.__dict__.pop("train", None) is not None
            if not matches(name, trainable):
                module.eval()
                module.train = types.MethodType(lambda self, mode=True: self, module)
            elif thawed:
                module.training = model.training
    shared = [p for _, p in model.named_parameters(remove_duplicate=True)]
    for name, p in zip(names, shared, strict=True):
        p.requires_grad_(matches(name, trainable))
    return model


def parameter_groups(model, head, lr, head_lr, weight_decay=0.0):
    named = list(model.named_parameters())
    if not [name for name, _ in named if matches(name, [head])]:
        raise ValueError("no such head")
    of_norms = [id(p) for m in model.modules() if isinstance(m, NORMS) for p in m.parameters()]
    groups = {}
    for name, p in named:
        if p.requires_grad:
            groups.setdefault((matches(name, [head]), p.ndim > 1 and id(p) not in of_norms), []).append(p)
    return [
        {"params": ps, "lr": (lr, head_lr)[in_head], "weight_decay": weight_decay if decays else 0}
        for (in_head, decays), ps in groups.items()
    ]


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
