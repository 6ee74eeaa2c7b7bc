"""Mutation operators on a module's layers and tensors as wholes: shared, skipped, in the wrong order, mode or dtype."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from autograder.mutation.activations import find_activation
from autograder.mutation.code import SCOPES, Change, Code, Function, called, dotted, in_library
from autograder.mutation.tensors import FACTORIES, Tensors

_DEPENDS_ON_MODE = re.compile(r"\b\w*(?:Norm|Dropout)\w*\(")
_NEW = {"new_zeros": "zeros", "new_ones": "ones", "new_empty": "empty"}


def share_layer(code: Code) -> Iterator[Change]:
    """`self.bn2 = nn.BatchNorm2d(n)` becomes `self.bn2 = self.bn1`; a use of `self.bn2` becomes one of `self.bn1`."""
    for alike in _alike(code):
        for first, second in pairwise(alike):
            yield code.replace(second.value, code.source(first.targets[0]))
        names = [dotted(assignment.targets[0]) for assignment in alike]
        for use in code.nodes(ast.Attribute):
            if isinstance(use.ctx, ast.Load) and dotted(use) in names and not code.is_in_init(use):
                index = names.index(dotted(use))
                for name in names[max(index - 1, 0) : index] + names[index + 1 : index + 2]:
                    yield code.replace(use, name)


def drop_layer(code: Code) -> Iterator[Change]:
    """`self.bn(self.conv(x))` becomes `self.conv(x)`."""
    for call in _layer_calls(code):
        yield code.replace(call, code.source(call.args[0]))


def repeat_layer(code: Code) -> Iterator[Change]:
    """`self.conv(x)` becomes `self.conv(self.conv(x))`."""
    for call in _layer_calls(code):
        yield code.replace(call.args[0], code.source(call))


def reverse_order(code: Code) -> Iterator[Change]:
    """`F.relu(self.bn(x))` becomes `self.bn(F.relu(x))`: two layers or activations that follow each other."""
    layers = _layer_calls(code)
    for outer in code.nodes(ast.Call):
        if len(outer.args) != 1 or outer.keywords or not isinstance(outer.args[0], ast.Call):
            continue
        inner = outer.args[0]
        if all(call in layers or _is_functional(call) for call in (outer, inner)):
            yield code.swap(outer.func, inner.func)


def ignore_mode(code: Code) -> Iterator[Change]:
    """`self.training` becomes True, False or its opposite; a layer with batch norm or dropout is put into one mode."""
    for attribute in code.nodes(ast.Attribute):
        if attribute.attr == "training" and isinstance(attribute.ctx, ast.Load):
            for other in ("True", "False", f"not {code.source(attribute)}"):
                yield code.replace(attribute, other)
    for call in code.nodes(ast.Call):
        method = called(call).rpartition(".")[2]
        if isinstance(call.func, ast.Attribute) and method in ("train", "eval"):
            owner = code.operand(call.func.value)
            yield code.replace(call, f"{owner}.eval()" if method == "train" else f"{owner}.train()")
        if called(call) in _with_mode(code):
            for mode in ("eval", "train"):
                yield code.replace(call.func, f"{code.source(call.func)}.{mode}()")
        flags = [keyword.value for keyword in call.keywords if keyword.arg == "training"]
        for flag in flags:
            for other in ("True", "False"):
                yield code.replace(flag, other)


def pin_dtype(code: Code) -> Iterator[Change]:
    """`return y` becomes `return y.float()`, `dtype=x.dtype` becomes `dtype=torch.float32`."""
    tensors = Tensors(code)
    for statement in code.nodes(ast.Return, ast.Assign):
        if statement.value is not None and not code.is_in_init(statement):
            for value in statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]:
                made_here = isinstance(value, ast.Call) and called(value).rpartition(".")[2] in FACTORIES
                if tensors.is_tensor(value) and not made_here:
                    yield code.replace(value, f"{code.operand(value)}.float()")
    for call in code.nodes(ast.Call):
        for keyword in call.keywords:
            if keyword.arg == "dtype":
                yield from _with_torch(code, call, code.replace(keyword.value, "torch.float32"))
        if isinstance(call.func, ast.Attribute) and call.func.attr in _NEW:
            inside = [code.source(argument) for argument in call.args]
            device = f"device={code.operand(call.func.value)}.device"
            made = f"torch.{_NEW[call.func.attr]}({', '.join([*inside, device])})"
            yield from _with_torch(code, call, code.replace(call, made))


def pin_device(code: Code) -> Iterator[Change]:
    """`device=x.device` becomes `device="cpu"`; a tensor that is made like another one is made on the CPU."""
    for call in code.nodes(ast.Call):
        for keyword in call.keywords:
            if keyword.arg == "device":
                yield code.replace(keyword.value, '"cpu"')
        if isinstance(call.func, ast.Attribute) and call.func.attr in _NEW:
            inside = [*(code.source(node) for node in (*call.args, *call.keywords)), 'device="cpu"']
            yield code.replace(call, f"{code.source(call.func)}({', '.join(inside)})")


def other_variable(code: Code) -> Iterator[Change]:
    """`f * c` becomes `f * g`: another tensor of the function, or another number among its arguments."""
    tensors = Tensors(code)
    for name in code.nodes(ast.Name):
        functions = code.functions(name)
        if not functions or not isinstance(name.ctx, ast.Load):
            continue
        function = functions[0]
        known = [other for other in tensors.names(function) if _is_bound_before(code, function, other, name)]
        kinds = [known, _numbers(code, function)]
        for kind in kinds:
            if name.id in kind and len(kind) > 1:
                yield code.replace(name, kind[(kind.index(name.id) + 1) % len(kind)])


def _alike(code: Code) -> list[list[ast.Assign]]:
    """Assignments to attributes of self in one function whose values are calls of one callable, written alike."""
    groups: dict[tuple[Function, str, int], list[ast.Assign]] = {}
    for assignment in code.nodes(ast.Assign):
        value = assignment.value.body if isinstance(assignment.value, ast.IfExp) else assignment.value
        functions = code.functions(assignment)
        if functions and isinstance(value, ast.Call) and dotted(assignment.targets[0]).startswith("self."):
            groups.setdefault((functions[0], code.source(value.func), len(value.args)), []).append(assignment)
    return [group for group in groups.values() if len(group) > 1]


def _layer_calls(code: Code) -> list[ast.Call]:
    """Calls of a layer with one argument."""
    tensors = Tensors(code)
    return [
        call
        for call in code.nodes(ast.Call)
        if called(call).startswith("self.") and called(call).count(".") == 1
        if len(call.args) == 1 and not call.keywords and tensors.is_tensor(call)
    ]


def _is_functional(call: ast.Call) -> bool:
    return in_library(called(call)) and find_activation(call) is not None


def _with_mode(code: Code) -> frozenset[str]:
    """Attributes of self that hold layers which behave differently in training."""
    return frozenset(
        dotted(assignment.targets[0])
        for assignment in code.nodes(ast.Assign)
        if dotted(assignment.targets[0]).startswith("self.")
        if _DEPENDS_ON_MODE.search(code.source(assignment.value))
    )


def _with_torch(code: Code, node: ast.AST, change: Change) -> Iterator[Change]:
    """A change that needs the name `torch`, which not every file has."""
    if "torch" in code.imported:
        yield change
    else:
        for above in code.insert_before(code.statement(node), "import torch"):
            yield (*above, *change)


def _numbers(code: Code, function: Function) -> list[str]:
    """Arguments of a function that are annotated as numbers."""
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return [
        argument.arg
        for argument in arguments
        if argument.annotation is not None and code.source(argument.annotation) in ("int", "float")
    ]


def _is_bound_before(code: Code, function: Function, variable: str, use: ast.Name) -> bool:
    if any(argument.arg == variable for argument in (*function.args.args, *function.args.kwonlyargs)):
        return True
    start = code.span(code.statement(use))[0]
    return any(
        isinstance(node.ctx, ast.Store) and code.span(node)[1] <= start
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == variable
        if not any(isinstance(outer, SCOPES) for outer in code.ancestors(node))
    )
