"""What stands beside the code: tensors that are parts of larger ones, and a model of layers of all kinds."""

import copy
import math

import torch
from torch import nn


def drawn(init, shape, dtype, **options):
    """A weight with gradients, after `init`; the draws."""
    weight = nn.Parameter(torch.zeros(shape, dtype=dtype))
    init(weight, **options)
    return weight.detach()


def in_place(init, **options):
    """What there is of a Parameter, of a crop and of a transposed tensor after `init`."""
    weight = nn.Parameter(torch.full((5, 4, 3), 50.0))
    weight.grad = torch.full((5, 4, 3), 2.0)
    memory = weight.data_ptr()
    result = init(weight, **options)
    larger = torch.full((6, 7), 50.0)
    init(larger[1:4, 2:6], **options)
    around = larger.masked_fill(larger != 50, 0)  # what is drawn there by mistake is no number to compare
    around[1:4, 2:6] = 50
    turned = torch.full((4, 9), 50.0)
    init(turned.t(), **options)
    frozen = nn.Parameter(torch.full((3, 2), 50.0), requires_grad=False)
    init(frozen, **options)
    state = torch.get_rng_state()
    first, second = torch.zeros(3, 2), torch.zeros(3, 2)
    init(first, **options)
    torch.set_rng_state(state)
    init(second, **options)
    third = torch.zeros(3, 2)
    init(third, **options)
    single = torch.full((1, 1), math.nan)
    init(single, **options)
    others = [init(torch.zeros(3, 2, dtype=dtype), **options) for dtype in (torch.float64, torch.half)]
    return {
        "returns": "the same object" if result is weight else type(result).__name__,
        "memory": "the same" if weight.data_ptr() == memory else "another",
        "requires_grad": weight.requires_grad,
        "frozen": frozen.requires_grad,
        "generator": "the same" if torch.equal(first, second) else "others",
        "anew": "the same" if torch.equal(second, third) else "others",
        "single": "a number" if single.isfinite().all() else "NaN or infinity",
        "is_leaf": weight.is_leaf,
        "grad": weight.grad.clone(),
        "weights left as they were": int((weight == 50).sum() + (larger[1:4, 2:6] == 50).sum() + (turned == 50).sum()),
        "what is around a crop": around,
        "dtypes": [str(getattr(other, "dtype", None)) for other in others],
    }


class Scaled(nn.Linear):
    """A class of a student's own that derives from Linear."""


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(24, 60, 5)
        self.bare = nn.Conv1d(80, 50, 7, bias=False)
        self.volume = nn.Conv3d(10, 45, (3, 5, 3))
        self.groups = nn.Conv2d(60, 90, (5, 7), groups=6)
        self.inner = nn.ModuleList([nn.Sequential(nn.Linear(110, 230), nn.BatchNorm1d(230))])
        self.norm = nn.BatchNorm2d(6)
        self.plain = nn.BatchNorm2d(6, affine=False)
        self.group = nn.GroupNorm(2, 6)
        self.layer = nn.LayerNorm((2, 3))
        self.layer_without = nn.LayerNorm(4, elementwise_affine=False)
        self.layer_no_bias = nn.LayerNorm(4, bias=False)
        self.instance = nn.InstanceNorm2d(6, affine=True, track_running_stats=True)
        self.rms = nn.RMSNorm(5)
        self.sync = nn.SyncBatchNorm(4)
        self.embedding = nn.Embedding(7, 5)
        self.bilinear = nn.Bilinear(2, 3, 4)
        self.slope = nn.PReLU(3)
        self.scale = nn.Parameter(torch.ones(3, 4))
        self.scaled = Scaled(150, 120)
        self.linear = nn.Linear(150, 120)  # of the shape of `scaled`


MADE, LAYER = Model(), nn.Linear(300, 70)
"""Made once and copied, as the constructors of layers draw numbers that nobody needs."""


def model(seed):
    """The same values for whoever gives the same seed; some parameters are frozen, some modules in evaluation mode
    or of another dtype.
    """
    made = copy.deepcopy(MADE)
    made.scaled.double()
    made.inner.double()
    made.group.to(torch.bfloat16)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in made.state_dict().values():
            numbers = torch.randn(value.shape, dtype=torch.float64, generator=generator)
            value.copy_(3 + numbers if value.is_floating_point() else torch.full_like(value, 9))
        for index, p in enumerate(made.parameters()):
            p.requires_grad_(index % 3 != 1)
            p.grad = torch.full_like(p, 0.25) if index % 2 else None
    made.plain.eval()
    made.conv.eval()
    return made


def initialised(init_model, made):
    """Draws of layers by name, all other values, and what must not change."""
    before = dict(made.named_parameters())
    result = init_model(made)
    layers = ("groups", "linear", "bare", "inner.0.0", "conv", "volume", "scaled")
    values = {name: value.detach().clone() for name, value in made.state_dict().items()}
    return {
        "draws": {name: values.pop(f"{name}.weight") for name in layers},
        "values": values,
        "returns": "the same object" if result is made else type(result).__name__,
        "same parameters": [name for name, p in made.named_parameters() if p is before.get(name)],
        "requires_grad": {name: p.requires_grad for name, p in made.named_parameters()},
        "training": {name: module.training for name, module in made.named_modules()},
        "grad": {name: None if p.grad is None else p.grad.mean().item() for name, p in made.named_parameters()},
    }


def layer_initialised(init_model):
    """A model that is one layer itself."""
    made = copy.deepcopy(LAYER)
    init_model(made)
    return {"weight": made.weight.detach(), "bias": made.bias.detach()}
