"""Mutation operators on the arguments of calls and on the functions that are called, layers among them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from autograder.mutation.code import Change, Code, called, in_library

_ABOUT_NAMES_AND_TYPES = frozenset(
    {"isinstance", "issubclass", "getattr", "setattr", "hasattr", "len", "super", "type"}
)
# Functions that are taken for one another.
_SIBLINGS = {
    "mean": ("sum",),
    "sum": ("mean",),
    "max": ("min",),
    "min": ("max",),
    "amax": ("amin",),
    "amin": ("amax",),
    "any": ("all",),
    "all": ("any",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "new_zeros": ("new_ones",),
    "uniform_": ("normal_",),
    "normal_": ("uniform_",),
    "chunk": ("split",),
    "stack": ("cat",),
    "cat": ("stack",),
    "vector_norm": ("norm",),
    "norm": ("vector_norm",),
    "clamp": ("clamp_min", "clamp_max"),
    "rpartition": ("partition",),
    "partition": ("rpartition",),
    "named_modules": ("named_children",),
    "modules": ("children",),
    "parameters": ("buffers",),
    "append": ("extend",),
}
_CONVERSIONS = frozenset({"list", "tuple", "set", "dict", "sorted", "int", "float", "bool", "abs", "torch.tensor"})


@dataclass(frozen=True)
class _Argument:
    """An argument that a call may be given, and what to write for it. `{0}` stands for the call's first argument."""

    name: str
    position: int
    default: str
    others: tuple[str, ...]


def _arguments(*rows: tuple[str, int, str, str]) -> tuple[_Argument, ...]:
    return tuple(_Argument(name, position, default, tuple(others.split())) for name, position, default, others in rows)


_CONVOLUTION = _arguments(
    ("kernel_size", 2, "", "1 3"),
    ("stride", 3, "1", "1 2"),
    ("padding", 4, "0", "0 1"),
    ("dilation", 5, "1", "2"),
    ("groups", 6, "1", "1 {0}"),
    ("bias", 7, "True", "True False"),
    ("padding_mode", 8, '"zeros"', '"reflect"'),
)
_BATCH_NORM = _arguments(
    ("eps", 1, "1e-5", "1e-3"),
    ("momentum", 2, "0.1", "0.9 None"),
    ("affine", 3, "True", "False"),
    ("track_running_stats", 4, "True", "False"),
)
_POOLING = _arguments(
    ("kernel_size", 0, "", "2 3"), ("stride", 1, "", "1 2"), ("padding", 2, "0", "1"), ("ceil_mode", 3, "False", "True")
)
_LOSS = _arguments(("reduction", 9, '"mean"', '"mean" "sum" "none"'))
_LAYERS = {
    **{f"Conv{dimensions}d": _CONVOLUTION for dimensions in (1, 2, 3)},
    **{f"BatchNorm{dimensions}d": _BATCH_NORM for dimensions in (1, 2, 3)},
    **{f"{kind}Pool{dimensions}d": _POOLING for kind in ("Max", "Avg") for dimensions in (1, 2, 3)},
    "Linear": _arguments(("bias", 2, "True", "True False")),
    "LayerNorm": _arguments(
        ("eps", 1, "1e-5", "1e-3"), ("elementwise_affine", 2, "True", "False"), ("bias", 3, "True", "False")
    ),
    "GroupNorm": _arguments(("num_groups", 0, "", "1"), ("eps", 2, "1e-5", "1e-3"), ("affine", 3, "True", "False")),
    "Dropout": _arguments(("p", 0, "0.5", "0.1 0.0 1.0"), ("inplace", 1, "False", "True")),
    "ReLU": _arguments(("inplace", 0, "False", "True")),
}
_FUNCTIONALS = {
    **{
        f"conv{dimensions}d": _arguments(
            ("stride", 3, "1", "1 2"), ("padding", 4, "0", "0 1"), ("dilation", 5, "1", "2"), ("groups", 6, "1", "1")
        )
        for dimensions in (1, 2, 3)
    },
    "batch_norm": _arguments(("momentum", 6, "0.1", "0.9"), ("eps", 7, "1e-5", "1e-3")),
    "layer_norm": _arguments(("eps", 4, "1e-5", "1e-3")),
    "dropout": _arguments(("p", 1, "0.5", "0.1 0.0")),
    "leaky_relu": _arguments(("negative_slope", 1, "0.01", "0.1")),
    "cross_entropy": _LOSS,
    "mse_loss": _LOSS,
    "nll_loss": _LOSS,
    "binary_cross_entropy_with_logits": _LOSS,
}
_REDUCTIONS = frozenset({"mean", "sum", "amax", "amin", "std", "var"})


def change_argument(code: Code) -> Iterator[Change]:
    """`nn.Conv2d(3, 8, 3, stride=stride)` gets `stride=1`, or an argument that was left at its default."""
    for call in code.nodes(ast.Call):
        last = called(call).rpartition(".")[2]
        table = (_LAYERS | _FUNCTIONALS).get(last, ()) if in_library(called(call)) else ()
        for argument in table:
            given = _given(call, argument)
            first = code.source(call.args[0]) if call.args else ""
            for other in (text.format(first) for text in argument.others):
                if given is not None:
                    yield code.replace(given, other)
                elif other != argument.default and argument.default and not _has_no_effect(code, call, argument):
                    yield _with_argument(code, call, f"{argument.name}={other}")
        if last in ("clamp", "clamp_"):
            bounds = {"min": "max", "max": "min"}
            for keyword in call.keywords:
                if keyword.arg in bounds and len(call.keywords) == 1:
                    yield code.replace(keyword, f"{bounds[keyword.arg]}={code.source(keyword.value)}")
        keywords = {keyword.arg for keyword in call.keywords}
        if last in _REDUCTIONS and "dim" in keywords and "keepdim" not in keywords:
            yield _with_argument(code, call, "keepdim=True")


def drop_argument(code: Code) -> Iterator[Change]:
    """`torch.clamp(x, max=1)` becomes `torch.clamp(x)`: keywords, and the last argument that has no keyword."""
    for call in code.nodes(ast.Call):
        if called(call) in _ABOUT_NAMES_AND_TYPES:
            continue
        given: list[ast.AST] = [*call.args, *call.keywords]
        droppable: list[ast.AST] = [*call.args[1:][-1:], *call.keywords]
        if called(call).endswith("nn.Sequential"):
            droppable = given
        for argument in droppable:
            if len(given) > 1:
                yield code.without_item(given, given.index(argument))


def swap_arguments(code: Code) -> Iterator[Change]:
    """`nn.Linear(inputs, outputs)` becomes `nn.Linear(outputs, inputs)`; in nn.Sequential any two neighbours."""
    for call in code.nodes(ast.Call):
        if called(call) not in _ABOUT_NAMES_AND_TYPES | {"max", "min"}:
            pairs = list(pairwise(call.args))
            for first, second in pairs if called(call).endswith("nn.Sequential") else pairs[:1]:
                yield code.swap(first, second)


def swap_function(code: Code) -> Iterator[Change]:
    """`x.mean()` becomes `x.sum()`: a function that is easily taken for the right one."""
    for call in code.nodes(ast.Call):
        for sibling in _SIBLINGS.get(called(call).rpartition(".")[2], ()):
            if isinstance(call.func, ast.Name):
                yield code.replace(call.func, sibling)
            elif isinstance(call.func, ast.Attribute):
                yield code.replace(call.func, f"{code.source(call.func.value)}.{sibling}")


def drop_call(code: Code) -> Iterator[Change]:
    """`x.clone().relu()` becomes `x.relu()`, `list(values)` becomes `values`, `torch.tensor(0.0)` becomes `0.0`."""
    for call in code.nodes(ast.Call):
        name = called(call)
        if name in _CONVERSIONS and len(call.args) == 1:
            yield code.replace(call, code.source(call.args[0]))
        elif isinstance(call.func, ast.Attribute) and not in_library(name) and not _is_about_self(name):
            is_statement = isinstance(code.parent(call), ast.Expr)  # see delete_statement
            if not is_statement:
                yield code.replace(call, code.source(call.func.value))


def _is_about_self(name: str) -> bool:
    return name.startswith("self.") and name.count(".") == 1


def _given(call: ast.Call, argument: _Argument) -> ast.expr | None:
    """The expression that a call gives for an argument."""
    for keyword in call.keywords:
        if keyword.arg == argument.name:
            return keyword.value
    return call.args[argument.position] if argument.position < len(call.args) else None


def _has_no_effect(code: Code, call: ast.Call, argument: _Argument) -> bool:
    """Whether a convolution would not notice: a 1x1 kernel cannot be dilated, and no padding needs no mode."""
    if not called(call).rpartition(".")[2].startswith("Conv"):
        return False
    given = {known.name: _given(call, known) for known in _CONVOLUTION}
    kernel, padding = given["kernel_size"], given["padding"]
    is_one = kernel is not None and code.source(kernel) == "1"
    return (argument.name == "dilation" and is_one) or (argument.name == "padding_mode" and padding is None)


def _with_argument(code: Code, call: ast.Call, argument: str) -> Change:
    """The call with one argument more, at its end."""
    given = [*call.args, *[keyword.value for keyword in call.keywords]]
    if not given:
        return code.replace(call, f"{code.source(call.func)}({argument})")
    return code.replace(given[-1], f"{code.source(given[-1])}, {argument}")
