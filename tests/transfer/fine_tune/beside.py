"""What stands beside the code: networks with layers of all kinds, what there is of them, and what training does."""

import torch
from torch import nn


class Network(nn.Module):
    """Names that begin alike, normalisation of all kinds, a weight with two names, parameters of every rank."""

    def __init__(self, width):
        super().__init__()
        self.layer4 = nn.Sequential()
        self.layer4.add_module("linear", nn.Linear(2, width))
        self.layer4.add_module("norm", nn.BatchNorm1d(width))
        self.layer4.add_module("drop", nn.Dropout(0.0))
        self.layer40 = nn.Sequential()
        self.layer40.add_module("linear", nn.Linear(width, width))
        self.layer40.add_module("norm", nn.BatchNorm1d(width))
        self.again = nn.Linear(width, width)
        self.again.weight = self.layer40.linear.weight
        self.head = nn.Linear(width, 3)
        self.head2 = nn.Linear(3, 3, bias=False)
        self.scale = nn.Parameter(torch.ones(()))
        self.offset = nn.Parameter(torch.zeros(1, 3))
        self.spare = nn.ModuleDict(
            {
                "instance": nn.InstanceNorm2d(3, track_running_stats=True),
                "group": nn.GroupNorm(1, 3),
                "layer": nn.LayerNorm((2, 3)),
                "plain": nn.BatchNorm2d(3, affine=False),
                "volume": nn.BatchNorm3d(2),
                "sync": nn.SyncBatchNorm(2),
                "slope": nn.PReLU(2),
                "filter": nn.Conv1d(2, 3, 2),
                "drop": nn.Dropout(0.5),
                "rms": nn.RMSNorm((3, 2)),
            }
        )

    def forward(self, x):
        x = self.again(torch.tanh(self.layer40(torch.tanh(self.layer4(x)))))
        return self.head2(self.head(x)) * self.scale + self.offset


class Classifier(nn.Module):
    """For training: its own `train` keeps one norm in evaluation mode, as a caller may have arranged."""

    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(2, width)
        self.frozen = nn.BatchNorm1d(width)
        self.second = nn.Linear(width, width)
        self.norm = nn.BatchNorm1d(width)
        self.head = nn.Linear(width, 3)

    def train(self, mode=True):
        super().train(mode)
        self.frozen.training = False
        return self

    def forward(self, x):
        return self.head(torch.tanh(self.norm(self.second(torch.tanh(self.frozen(self.first(x)))))))


def filled(model, seed):
    """The same values for whoever gives the same seed."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.double().state_dict().items():
            numbers = torch.randn(value.shape, dtype=torch.float64, generator=generator)
            if value.is_floating_point():
                value.copy_(0.5 + numbers.abs() if name.endswith("running_var") else 0.5 * numbers)
            else:
                value.fill_(17)
    return model


def network(width, seed):
    """Some parameters are frozen and have gradients already; two modules are in evaluation mode."""
    model = filled(Network(width), seed)
    for index, p in enumerate(model.parameters()):
        p.requires_grad_(index % 4 != 1)
        p.grad = torch.full_like(p, 0.25) if index % 3 == 0 else None
    model.spare.drop.eval()
    model.head.eval()
    return model


def freeze_all_but(model, trainable):
    """Lets parameters train whose names begin with one of these; all, if it is None."""
    for name, p in model.named_parameters():
        p.requires_grad_(trainable is None or name.startswith(tuple(trainable)))


def classifier(width, seed):
    return filled(Classifier(width), seed)


def sure_classifier(width, seed):
    """Scores far apart, and all of them large."""
    model = classifier(width, seed)
    with torch.no_grad():
        model.head.weight.mul_(1000)
        model.head.bias.add_(1e4)
    return model


def flags(model):
    return {name: p.requires_grad for name, p in model.named_parameters()}


def modes(model):
    return {name: module.training for name, module in model.named_modules()}


def gradients(model):
    return {name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()}


def state(model):
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def modes_through_training(model):
    """Modes after each of several calls of train and eval, and what these return."""
    found = {}
    calls = {
        "freeze": lambda: model,
        "model.train()": lambda: model.train(),
        "model.eval()": lambda: model.eval(),
        "model.train(False)": lambda: model.train(False),
        "model.train(mode=True)": lambda: model.train(mode=True),
        "model.train(True)": lambda: model.train(True),
    }
    for name, call in calls.items():
        returned = call()
        returned = "the model" if returned is model else type(returned).__name__
        found[name] = {"modes": modes(model), "returns": returned}
    return found


def statistics_after_a_forward(model, x):
    model.train()
    with torch.no_grad():
        model(x)
    return {name: value.clone() for name, value in model.named_buffers() if not name.startswith("spare")}


def members(params):
    """The parameters of a group, also where one stands alone, as optimizers allow."""
    return [params] if isinstance(params, torch.Tensor) else list(params)


def rates(parameter_groups, model, *args, **kwargs):
    """Learning rate and decay of each parameter, by name, as an optimizer has them; a list for each, of all groups that
    it is in. An optimizer refuses what is in more than one, so that is read from the groups themselves.
    """
    names = {id(p): name for name, p in model.named_parameters()}
    returned = parameter_groups(model, *args, **kwargs)
    groups = returned if isinstance(returned, (list, tuple)) else []
    kinds = sorted({type(group["params"]).__name__ for group in groups})
    groups = [{**group, "params": members(group["params"])} for group in groups]
    empty = sum(group["params"] == [] for group in groups)
    every = [id(p) for group in groups for p in group["params"]]
    if len(set(every)) < len(every):
        groups_held = [{"lr": 77.0, "weight_decay": 55.0, **group} for group in groups]
    else:
        groups_held = torch.optim.SGD(groups, lr=77.0, weight_decay=55.0).param_groups if groups else []
    held = {name: [] for name in names.values()}
    for group in groups_held:
        for p in group["params"]:
            held.setdefault(names.get(id(p), "no parameter of the model"), []).append(
                [float(group["lr"]), float(group["weight_decay"])]
            )
    result = "a list" if isinstance(returned, (list, tuple)) else type(returned).__name__
    return {
        "rates": held,
        "counts": {name: len(pairs) for name, pairs in held.items()},
        "flags": flags(model),
        "returned": result,
        "kinds": kinds,
        "empty": empty,
    }


def head_refused(parameter_groups, model, head):
    try:
        parameter_groups(model, head, 0.1, 0.2)
    except ValueError:
        return "ValueError"
    return "nothing"


def names_refused(freeze, model, trainable):
    try:
        freeze(model, trainable)
    except ValueError:
        return "ValueError"
    return "nothing"


def optimizer_of(model, kind, held):
    """An optimizer of the parameters whose names are given, with everything that moves what has no new gradient."""
    parameters = [p for name, p in model.named_parameters() if name in held]
    if kind == "Adam":
        return torch.optim.Adam(parameters, lr=0.02, weight_decay=0.1)
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=0.1)


def trained(fine_tune, model, batches, kind, held, frozen, **options):
    """Trains a model that comes in evaluation mode, with gradients left from before, one of them of a frozen layer."""
    for name, p in model.named_parameters():
        p.grad = torch.full_like(p, 0.5)
        p.requires_grad_(not name.startswith(tuple(frozen)))
    model.eval()
    before = [[value.clone() for value in batch] for batch in batches]
    left, count = [], [0]

    def look(module, args, out):
        count[0] += 1
        if out.requires_grad:
            out.register_hook(lambda _: left.append([n for n, p in module.named_parameters() if p.grad is not None]))

    handle = model.register_forward_hook(look)
    optimizer = optimizer_of(model, kind, held)
    losses = fine_tune(model, batches, optimizer, **options)
    handle.remove()
    steps = [int(state["step"]) for state in optimizer.state.values() if "step" in state]
    return {
        "state": state(model),
        "requires_grad": flags(model),
        "training": modes(model),
        "grad": gradients(model),
        "losses": losses,
        "kinds of losses": sorted({type(loss).__name__ for loss in losses}) if isinstance(losses, list) else [],
        "left": left,
        "forwards": count[0],
        "steps": steps,
        "changed": [
            index
            for index, (batch, copies) in enumerate(zip(batches, before, strict=True), start=1)
            if any(
                value.requires_grad or not torch.equal(value, copy) for value, copy in zip(batch, copies, strict=True)
            )
        ],
    }


def everything(freeze, parameter_groups, fine_tune, model, batches):
    """The three together, as one uses them."""
    freeze(model, ["head", "head2"])
    frozen = modes(model)
    optimizer = torch.optim.SGD(parameter_groups(model, "head", 0.01, 0.2, weight_decay=0.01), lr=1.0, momentum=0.9)
    losses = fine_tune(model, batches, optimizer, epochs=4)
    return {"losses": losses, "state": state(model), "frozen": frozen, "training": modes(model)}
