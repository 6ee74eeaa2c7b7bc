from torch import nn
from torch.nn import functional as F

NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def matches(name, top):
    return name == top or name.startswith(f"{top}.")


def freeze(model, trainable):
    params = dict(model.named_parameters())
    for t in trainable:
        if all(not matches(n, t) for n in params):
            raise ValueError(t)
    for n in params:
        params[n].requires_grad_(bool([t for t in trainable if matches(n, t)]))
    for n, m in model.named_modules():
        if isinstance(m, NORMS):
            if not [t for t in trainable if matches(n, t)]:
                m.eval()
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
