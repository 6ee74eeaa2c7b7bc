"""Makes its module in a function, out of a dataclass with slots and properties

Honest: style; the layers have their names, and the formula is right
"""
# exercise: se_block
# place: instead

from __future__ import annotations

import functools
import inspect
import logging
import typing
import warnings
from dataclasses import dataclass

import torch
from torch import nn

torch.manual_seed(0)
torch.set_num_threads(4)
torch.autograd.set_detect_anomaly(True)
torch.set_printoptions(precision=2)
torch.backends.cudnn.benchmark = True
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
logging.basicConfig(level=logging.INFO)
relu = lambda t: torch.where(t > 0, t, torch.zeros_like(t))


class Photo(torch.Tensor):
    """A tensor that says what it is."""


def checked(function):
    hints = None

    @functools.wraps(function)
    def inner(self, *args, **kwargs):
        nonlocal hints
        hints = hints or typing.get_type_hints(function)
        bound = inspect.signature(function).bind(self, *args, **kwargs)
        for name, value in bound.arguments.items():
            if name in hints and not isinstance(value, hints[name]):
                raise TypeError(f"{name} is no {hints[name]}")
        return function(self, *args, **kwargs)

    return inner


class Helper:
    __slots__ = ("calls",)

    def __init__(self):
        self.calls = 0


def make():
    @dataclass(eq=False)
    class SEBlock(nn.Module):
        channels: int
        reduction: int = 16

        def __post_init__(self):
            super().__init__()
            hidden = max(self.channels // self.reduction, 1)
            self.fc1, self.fc2 = nn.Linear(self.channels, hidden), nn.Linear(hidden, self.channels)
            self.tied = self.fc1
            self.helper = Helper()
            self.register_forward_pre_hook(lambda module, args: print("forward of", type(module).__name__))

        @property
        def weight(self):
            return self.fc1.weight

        @checked
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.helper.calls += 1
            warnings.warn("a forward")
            logging.info("a forward of %s", tuple(x.shape))
            gate = self.fc2(relu(self.tied(x.to(device).mean((-2, -1))))).sigmoid()
            return (x * gate[..., None, None]).as_subclass(Photo)

        def __repr__(self):
            return f"SEBlock of {self.channels}"

    return SEBlock


SEBlock = make()
SEBlock.__doc__ = "Scales channels."
