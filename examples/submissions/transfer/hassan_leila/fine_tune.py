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


def parameter_groups(model, head, lr, head_lr, weight_decay=0.0)
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
        groups.append({"params": [p], "lr": head_lr if matches(name, head) else lr, "weight_decay": decay, "name": name})
    return groups


def fine_tune(model, batches, optimizer, epochs=1):
    model = model.train()
    history = []
    epoch = 0
    while epoch < epochs:
        losses, sizes = [], []
        for inputs, targets in batches:
            optimizer.zero_grad()
            model.zero_grad()
            output = model(inputs)
            loss = nn.functional.nll_loss(F.log_softmax(output, dim=-1), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            sizes.append(targets.size(0))
        history.append(sum(a * b for a, b in zip(losses, sizes, strict=True)) / sum(sizes))
        epoch += 1
    optimizer.zero_grad()
    model.zero_grad()
    return history
