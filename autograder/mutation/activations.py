"""Mutation operators on activations, as functions, as methods and as modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.mutation.code import Change, Code, called, in_library
from autograder.mutation.tensors import Tensors

# What each activation is taken for: the other usual ones, and one that differs only for some inputs.
_SWAPS = {
    "relu": ("tanh", "sigmoid", "silu", "leaky_relu", "relu6"),
    "tanh": ("relu", "sigmoid", "silu", "hardtanh"),
    "sigmoid": ("relu", "tanh", "silu", "hardsigmoid"),
    "silu": ("relu", "tanh", "sigmoid", "gelu"),
    "gelu": ("relu", "tanh", "sigmoid", "silu"),
    "leaky_relu": ("relu", "tanh", "sigmoid", "silu"),
    "relu6": ("relu", "tanh", "sigmoid", "silu"),
    "elu": ("relu", "tanh", "sigmoid", "silu"),
    "hardsigmoid": ("relu", "tanh", "sigmoid", "silu"),
    "hardtanh": ("relu", "tanh", "sigmoid", "silu"),
    "softmax": ("log_softmax", "softmin"),
    "log_softmax": ("softmax",),
}
_WITH_ARGUMENTS = frozenset({"softmax", "log_softmax"})
_CLASSES = {
    "relu": "ReLU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "silu": "SiLU",
    "gelu": "GELU",
    "leaky_relu": "LeakyReLU",
    "relu6": "ReLU6",
    "elu": "ELU",
    "hardsigmoid": "Hardsigmoid",
    "hardtanh": "Hardtanh",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "softmin": "Softmin",
}
_BY_CLASS = {class_name: name for name, class_name in _CLASSES.items()}
_IN_TORCH = frozenset({"relu", "tanh", "sigmoid", "softmax", "log_softmax"})


@dataclass(frozen=True)
class Activation:
    """A call that is an activation."""

    call: ast.Call
    name: str
    """As in `torch.nn.functional`."""
    value: ast.expr | None
    """What it is applied to; None when the call makes a module."""


def find_activation(call: ast.Call) -> Activation | None:
    """The activation that a call is, or None."""
    where, _, last = called(call).rpartition(".")
    if in_library(called(call)) and last in _BY_CLASS:
        return Activation(call, _BY_CLASS[last], None)
    name = last.removesuffix("_")
    if name not in _SWAPS or not isinstance(call.func, ast.Attribute) or where == "self":
        return None
    if in_library(called(call)):
        return Activation(call, name, call.args[0]) if call.args else None
    return Activation(call, name, call.func.value)


def swap_activation(code: Code) -> Iterator[Change]:
    """`F.relu(x)` becomes `F.tanh(x)`."""
    for activation in _activations(code):
        for name in _SWAPS[activation.name]:
            yield code.replace(activation.call, _written(code, activation, name))


def drop_activation(code: Code) -> Iterator[Change]:
    """`F.relu(x)` becomes `x`."""
    for activation in _activations(code):
        if activation.value is None:
            yield code.replace(activation.call, "nn.Identity()")
        else:
            yield code.replace(activation.call, code.source(activation.value))


def add_activation(code: Code) -> Iterator[Change]:
    """`self.bn2(x)` becomes `self.bn2(x).relu()`."""
    tensors = Tensors(code)
    for call in code.nodes(ast.Call):
        parent = code.parent(call)
        activated = isinstance(parent, ast.Call) and find_activation(parent) is not None
        if called(call).startswith("self.") and tensors.is_tensor(call) and not activated:
            yield code.replace(call, f"{code.source(call)}.relu()")


def _activations(code: Code) -> list[Activation]:
    found = [find_activation(call) for call in code.nodes(ast.Call)]
    return [activation for activation in found if activation is not None]


def _written(code: Code, activation: Activation, name: str) -> str:
    """The same activation with another name, written in the same way where torch has it that way."""
    call, value = activation.call, activation.value
    where = called(call).rpartition(".")[0]
    others = call.args if value is None else call.args[1:] if in_library(called(call)) else call.args
    kept = [code.source(node) for node in (*others, *call.keywords)] if activation.name in _WITH_ARGUMENTS else []
    if value is None:
        return f"{where}.{_CLASSES[name]}({', '.join(kept)})"
    if not in_library(called(call)) and name in _IN_TORCH:
        return f"{code.operand(value)}.{name}({', '.join(kept)})"
    if where == "torch" and name in _IN_TORCH:
        return f"torch.{name}({', '.join([code.source(value), *kept])})"
    functional = "F" if "F" in code.imported else "torch.nn.functional" if "torch" in code.imported else "nn.functional"
    return f"{functional}.{name}({', '.join([code.source(value), *kept])})"
