"""What stands beside load_pretrained: networks to load into, and what there is of them before and after."""

from collections import OrderedDict
from types import MappingProxyType

import torch
from torch import nn


class Network(nn.Module):
    """Weights of every rank, a name that begins with "module" and holds "module." inside, counters, and a buffer that
    is not saved; one weight lies in memory otherwise.
    """

    def __init__(self, width, classes):
        super().__init__()
        self.encoder = nn.Conv2d(3, width, (2, 3))
        self.norm = nn.BatchNorm2d(width)
        self.module_dict = nn.ModuleDict({"module": nn.Linear(width, width + 1)})
        self.head = nn.Linear(width + 1, classes)
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("cache", torch.zeros(width), persistent=False)
        self.encoder.to(memory_format=torch.channels_last)


class Plain(nn.Module):
    """Parameters alone that are saved, and none of their names has anything to do with a prefix."""

    def __init__(self, width, classes):
        super().__init__()
        self.first = nn.Conv2d(3, width, (2, 3))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        self.register_buffer("cache", torch.zeros(width), persistent=False)


class Tied(nn.Module):
    """Two layers that share one weight, which has two names."""

    def __init__(self, width, classes):
        super().__init__()
        self.embed = nn.Linear(width, classes, bias=False)
        self.out = nn.Linear(width, classes)
        self.out.weight = self.embed.weight


def filled(model, seed):
    """The same values for whoever gives the same seed, in all parameters and buffers; counts that float32 rounds."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in model.state_dict().values():
            numbers = torch.randn(value.shape, dtype=torch.float64, generator=generator)
            value.copy_(numbers if value.is_floating_point() else (1e8 * numbers).abs().round() + 1)
    return model


def network(width, classes, seed):
    return filled(Network(width, classes).double(), seed)


def plain(width, classes, seed):
    return filled(Plain(width, classes).double(), seed)


def mixed(width, classes, seed):
    """A network of which every part has a dtype of its own."""
    model = Plain(width, classes).double()
    model.first.float()
    model.norm.to(torch.bfloat16)
    return filled(model, seed)


def tied(width, classes, seed):
    return filled(Tied(width, classes).double(), seed)


def on_meta(width, classes):
    return Plain(width, classes).to("meta")


def values(model):
    """Copies of all that is saved."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def read_only(checkpoint):
    return MappingProxyType(OrderedDict(checkpoint))


def load(load_pretrained, model, checkpoint, **options):
    """The report, and what the model holds then."""
    return {"report": load_pretrained(model, read_only(checkpoint), **options), "values": values(model)}


def refused(load_pretrained, model, checkpoint, **options):
    """What is raised, and how the model is left."""
    raised = "nothing"
    try:
        load_pretrained(model, checkpoint, **options)
    except ValueError:
        raised = "ValueError"
    return {"raised": raised, "values": values(model), "around": around(model)}


def around(model):
    """What is no value: flags, modes, hooks, gradients."""
    return {
        "requires_grad": {name: p.requires_grad for name, p in model.named_parameters()},
        "training": {name: module.training for name, module in model.named_modules()},
        "hooks": {
            name: sum(len(value) for what, value in vars(module).items() if what.endswith("_hooks"))
            for name, module in model.named_modules()
        },
        "grad": {name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()},
        "cache": model.cache.clone(),
    }


def while_training(load_pretrained, model, checkpoint):
    """Loads into a model that an optimizer has moved once, with a frozen layer and one in evaluation mode; then the
    optimizer moves it again, with the gradients that are there.
    """
    model.first.requires_grad_(False)
    model.norm.eval()
    model.cache.fill_(3.0)
    model.head.register_forward_hook(lambda *_: None)
    calls = []
    model.head.weight.register_hook(calls.append)
    parameters = dict(model.named_parameters())
    for name, p in parameters.items():
        p.grad = None if name.startswith("first") else torch.full_like(p, 0.5)
    optimizer = torch.optim.SGD([p for p in parameters.values() if p.requires_grad], lr=0.1, momentum=0.9)
    optimizer.step()
    load_pretrained(model, checkpoint)
    found = {"around": around(model), "loaded": values(model)}
    found["same objects"] = [name for name, p in model.named_parameters() if p is parameters.get(name)]
    optimizer.step()
    found["after the next step"] = values(model)
    found["momentum"] = [optimizer.state[p]["momentum_buffer"].clone() for p in optimizer.state]
    result = model.head(torch.ones(1, model.head.in_features, dtype=torch.float64)).sum()
    if result.requires_grad:
        result.backward()
    return {**found, "tensor hooks": len(calls)}


def apart(load_pretrained, model, checkpoint):
    """The checkpoint after the call, after the model has been changed, and the model after the checkpoint has been;
    the model has one saved buffer more.
    """
    model.register_buffer("table", torch.zeros(3, dtype=torch.float64))
    checkpoint = {name: value.clone() for name, value in checkpoint.items()}
    checkpoint["table"] = torch.arange(3, dtype=torch.float64)
    checkpoint["head.bias"] = checkpoint["head.bias"].float()  # of another dtype than the model
    checkpoint = {
        name: nn.Parameter(value) if value.is_floating_point() else value for name, value in checkpoint.items()
    }
    given = dict(checkpoint)
    load_pretrained(model, checkpoint)
    found = {"names": list(checkpoint), "same objects": [name for name in given if checkpoint.get(name) is given[name]]}
    found["requires_grad"] = [value.requires_grad for value in given.values()]
    found["after the call"] = {name: value.detach().clone() for name, value in given.items()}
    found["attached"] = [name for name, value in model.named_buffers() if value.requires_grad]
    with torch.no_grad():
        for value in model.state_dict().values():
            value.fill_(7)
        found["after the model has changed"] = {name: value.detach().clone() for name, value in given.items()}
        load_pretrained(model, given)
        for value in given.values():
            value.fill_(9)
    parameters = {name: p.detach().clone() for name, p in model.named_parameters()}
    return {**found, "the model after the checkpoint has changed": parameters}
