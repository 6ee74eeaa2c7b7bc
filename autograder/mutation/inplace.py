"""Mutation operators on operations that change a tensor instead of making a new one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.code import Change, Code, called, in_library
from autograder.mutation.tensors import Tensors

# What torch has in both forms: as its functions, in torch.nn.functional, as methods of a tensor.
_FUNCTIONS = frozenset({"relu", "sigmoid", "tanh", "clamp", "exp", "log", "sqrt", "rsqrt", "neg", "abs"})
_FUNCTIONALS = frozenset({"relu", "leaky_relu", "elu", "hardtanh", "selu", "celu"})
_METHODS = _FUNCTIONS | {"add", "sub", "mul", "div", "pow"}
_OPERATIONS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add_", "+="),
    ast.Sub: ("sub_", "-="),
    ast.Mult: ("mul_", "*="),
    ast.Div: ("div_", "/="),
}
_COMMUTATIVE = (ast.Add, ast.Mult)


def work_in_place(code: Code) -> Iterator[Change]:
    """`x * y` becomes `x.mul_(y)`, `x.mul(y)` becomes `x.mul_(y)`, `F.relu(x)` becomes `F.relu_(x)`, `x = x + y`
    becomes `x += y`."""
    tensors = Tensors(code)
    for operation in code.nodes(ast.BinOp):
        methods = _OPERATIONS.get(type(operation.op))
        if methods is None:
            continue
        left, right = operation.left, operation.right
        statement = code.parent(operation)
        target = code.source(statement.targets[0]) if isinstance(statement, ast.Assign) else None
        if target == code.source(left) and tensors.is_tensor(left):
            yield code.replace(statement, f"{code.source(left)} {methods[1]} {code.source(right)}")
        elif isinstance(left, ast.Name) and tensors.is_tensor(left):
            yield code.replace(operation, f"{left.id}.{methods[0]}({code.source(right)})")
        if isinstance(operation.op, _COMMUTATIVE) and isinstance(right, ast.Name) and tensors.is_tensor(right):
            yield code.replace(operation, f"{right.id}.{methods[0]}({code.source(left)})")
    for call in code.nodes(ast.Call):
        if not isinstance(call.func, ast.Attribute):
            continue
        method = call.func.attr in _METHODS and tensors.is_tensor(call.func.value)
        if method or _has_both_forms(called(call)):
            yield code.replace(call.func, f"{code.source(call.func)}_")


def work_out_of_place(code: Code) -> Iterator[Change]:
    """`x.mul_(y)` becomes `x.mul(y)`, whose result is lost; `x += y` becomes `x = x + y`."""
    for call in code.nodes(ast.Call):
        name = called(call)
        if not name.endswith("_") or not isinstance(call.func, ast.Attribute):
            continue
        if _has_both_forms(name[:-1]) or (not in_library(name) and call.func.attr[:-1] in _METHODS):
            yield code.replace(call.func, code.source(call.func).removesuffix("_"))
    for assignment in code.nodes(ast.AugAssign):
        target, value = code.source(assignment.target), code.operand(assignment.value)
        between = code.text[code.span(assignment.target)[1] : code.span(assignment.value)[0]]
        sign = between.partition("=")[0].strip()
        yield code.replace(assignment, f"{target} = {target} {sign} {value}")


def _has_both_forms(name: str) -> bool:
    """Whether a dotted name is a function that torch has in place as well, under its name with an underscore."""
    module, _, last = name.rpartition(".")
    if module == "torch":
        return last in _FUNCTIONS
    return module in ("F", "nn.functional", "torch.nn.functional") and last in _FUNCTIONALS
