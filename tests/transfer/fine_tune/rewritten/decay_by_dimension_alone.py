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
    named = [(n, p) for n, p in model.named_parameters()]
    if sum(matches(n, head) for n, _ in named) == 0:
        raise ValueError("head?")
    out = []
    for wants_head, rate in ((False, lr), (True, head_lr)):
        for big, decay in ((True, weight_decay), (False, 0.0)):
            ps = [p for n, p in named if p.requires_grad and matches(n, head) == wants_head and (p.ndim > 1) == big]
            if len(ps) > 0:
                out.append(dict(params=ps, lr=rate, weight_decay=decay))
    return out


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
