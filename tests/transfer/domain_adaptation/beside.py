"""What stands beside the code: branches that share a tensor, a network with all kinds of statistics, toy domains."""

import torch
from torch import nn
from torch.nn import functional as F

# -- gradient reversal ------------------------------------------------------------------------------------------------


def two_branches(reverse_gradient, x, features, task, domain, strength):
    """Gradients where a task and, behind the reversal, a classifier of domains use the same features."""
    leaves = [value.clone().requires_grad_() for value in (x, features, task, domain)]
    x, features, task, domain = leaves
    h = torch.tanh(x @ features)
    loss = (h @ task).square().sum() + (reverse_gradient(h, strength) @ domain).square().sum()
    return dict(zip(("x", "features", "task", "domain"), torch.autograd.grad(loss, leaves), strict=True))


def two_strengths(reverse_gradient, x, strengths):
    """The gradient of features that go through two reversals of one network, before one backward."""
    x = x.clone().requires_grad_()
    results = [reverse_gradient(x, strength) for strength in strengths]
    return torch.autograd.grad(sum((power * result**power).sum() for power, result in enumerate(results, 2)), x)[0]


def added_to_itself(reverse_gradient, x, strength):
    """The gradient of the sum of (R(x) + x) cubed: what comes back goes both ways as one tensor."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad(((reverse_gradient(x, strength) + x) ** 3).sum(), x)[0]


def twice(reverse_gradient, x, strength):
    """The gradient of the sum of cubes, and the gradient of that one's sum."""
    x = x.clone().requires_grad_()
    (first,) = torch.autograd.grad((reverse_gradient(x, strength) ** 3).sum(), x, create_graph=True)
    second = torch.autograd.grad(first.sum(), x, allow_unused=True)[0] if first.requires_grad else None
    return {"first": first.detach(), "second": second}


def without_gradients(reverse_gradient, x, strength):
    """The result under no_grad of a tensor with gradients, and of one without them; whether the first has a graph."""
    with torch.no_grad():
        inside = reverse_gradient(x.clone().requires_grad_(), strength)
    outside = reverse_gradient(x.clone(), strength)
    return [inside.detach(), outside, inside.grad_fn is not None]


# -- batch normalisation ----------------------------------------------------------------------------------------------


class Network(nn.Module):
    """Statistics of all kinds, at several depths, dropout as a module and as a function, and norms that are not to be
    adapted.
    """

    def __init__(self, width):
        super().__init__()
        self.volumes = nn.BatchNorm3d(3)
        self.conv = nn.Conv2d(3, width, 3)
        self.images = nn.Sequential(nn.BatchNorm2d(width, momentum=0.3), nn.ReLU(), nn.Dropout(0.5))
        self.single = nn.InstanceNorm2d(width, affine=True, track_running_stats=True)
        self.second = nn.Conv2d(width, width + 1, 2)
        self.vectors = nn.BatchNorm1d(width + 1, momentum=None)
        self.drop = nn.Dropout(0.3)
        self.free = nn.BatchNorm1d(width + 1, track_running_stats=False)
        self.hidden = nn.Linear(width + 1, width)
        self.plain = nn.BatchNorm1d(width, affine=False)
        self.group = nn.GroupNorm(1, width)
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        x = self.volumes(x[:, :, None])[:, :, 0]
        x = self.second(self.single(self.images(self.conv(x)))).mean((2, 3))
        x = F.dropout(x, 0.4, self.training)
        return self.head(self.group(self.plain(self.hidden(self.free(self.drop(self.vectors(x)))))))


def network(width, seed):
    """The same values for whoever gives the same seed; modes, flags and gradients are mixed."""
    model = Network(width).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.state_dict().items():
            numbers = torch.randn(value.shape, dtype=torch.float64, generator=generator)
            if name.endswith("running_var"):
                value.copy_(0.5 + numbers.abs())
            else:
                value.copy_(numbers if value.is_floating_point() else torch.full_like(value, 17))
        for index, p in enumerate(model.parameters()):
            p.requires_grad_(index % 3 != 1)
            p.grad = torch.full_like(p, 0.25) if index % 3 == 0 else None
    return model


def set_modes(model, training):
    """All modules in one mode, but for some that are in the other; the children of `images` are not as it is."""
    model.train(training)
    for name in ("images.0", "images.2", "vectors", "single", "head"):
        model.get_submodule(name).training = not training


def watched(model):
    """From now on, the hidden layer's output says whether there is a graph, and dropout in which mode it and the model
    are.
    """
    seen = {"graph": [], "dropout": [], "model": []}
    model.hidden.register_forward_hook(lambda module, args, out: seen["graph"].append(out.requires_grad))
    model.drop.register_forward_hook(lambda module, args, out: seen["dropout"].append(module.training))
    model.drop.register_forward_hook(lambda module, args, out: seen["model"].append(model.training))
    model.seen = seen


def kind(value):
    """Of a tensor that a later training has to change in place."""
    if value.is_inference():
        return "an inference tensor, which no training can change"
    return "a tensor with a graph" if value.requires_grad else "a plain tensor"


def snapshot(model):
    """All that there is of a network."""
    norms = {name: module for name, module in model.named_modules() if hasattr(module, "momentum")}
    return {
        "state": {name: value.detach().clone() for name, value in model.state_dict().items()},
        "training": {name: module.training for name, module in model.named_modules()},
        "momentum": {name: norm.momentum for name, norm in norms.items()},
        "tracks": {name: norm.track_running_stats for name, norm in norms.items()},
        "requires_grad": {name: p.requires_grad for name, p in model.named_parameters()},
        "grad": {name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()},
        "kinds": {name: kind(value) for name, value in model.named_buffers()},
        "hooks": {
            name: sum(len(value) for what, value in vars(module).items() if what.endswith("_hooks"))
            for name, module in model.named_modules()
        },
        "seen": getattr(model, "seen", None),
    }


def objects(model):
    """Keeps the parameters and buffers, to ask later whether they are still the same."""
    model.kept = {**dict(model.named_parameters()), **dict(model.named_buffers())}


def same_objects(model):
    return [name for name, value in model.named_parameters() if value is model.kept[name]]


# -- toy domains ------------------------------------------------------------------------------------------------------


def accuracy(scores, labels):
    return (scores.argmax(1) == labels).double().mean().item()


def trained_with_coral(coral_loss, source, target, labels, first, second, weight, steps=60):
    """Two linear layers, trained on the source's labels and `weight` times CORAL of the features."""
    first, second = first.clone().requires_grad_(), second.clone().requires_grad_()
    for _ in range(steps):
        loss = F.cross_entropy(source @ first @ second, labels)
        if weight:
            loss = loss + weight * coral_loss(source @ first, target @ first)
        gradients = torch.autograd.grad(loss, (first, second))
        with torch.no_grad():
            for value, gradient in zip((first, second), gradients, strict=True):
                value -= 0.03 * gradient
    with torch.no_grad():
        return {"loss": loss.item(), "accuracy": accuracy(target @ first @ second, labels)}


def adapted_classifier(adapt_batch_norm, source, target, labels):
    """A classifier with batch normalisation, trained on the source; its accuracy in the target before and after."""
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2)).double()
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[0.1, 0.0], [0.0, 0.1]]))
        model[1].bias.zero_()
    for _ in range(30):
        loss = F.cross_entropy(model(source), labels)
        for p, gradient in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters())), strict=True):
            p.data -= 0.5 * gradient
    model.eval()
    with torch.no_grad():
        found = {"before": accuracy(model(target), labels)}
        adapt_batch_norm(model, target.split(40))
        return {**found, "after": accuracy(model.eval()(target), labels)}
