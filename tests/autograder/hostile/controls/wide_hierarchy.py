"""Subclasses widely

Honest: has a base class, a mixin and a registry of its own
"""
# exercise: residual_block

from torch import nn

from abc import ABC, abstractmethod

REGISTRY = {}


class Named:
    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        REGISTRY[cls.__name__] = cls


class Block(ABC, nn.Module):
    @abstractmethod
    def forward(self, x): ...


class Other(Named, Block):
    def forward(self, x):
        return x


_Plain = ResidualBlock


class ResidualBlock(Named, _Plain):
    pass
