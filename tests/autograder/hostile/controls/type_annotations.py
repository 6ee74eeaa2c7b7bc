"""Annotates everything and checks at run time

Honest: uses dataclasses, protocols and singledispatch
"""
# exercise: residual_block

import torch

from dataclasses import dataclass
from functools import singledispatch
from typing import Protocol, runtime_checkable


@runtime_checkable
class HasForward(Protocol):
    def forward(self, x: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True)
class Shape:
    channels: int


@singledispatch
def describe(thing) -> str:
    return repr(thing)


@describe.register
def _(thing: torch.Tensor) -> str:
    return str(tuple(thing.shape))


class ResidualBlock(ResidualBlock):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert isinstance(self, HasForward) and describe(x)
        return super().forward(x)
