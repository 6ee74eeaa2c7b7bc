"""Mutation operators on sums, products and tensors that are packed together: terms, gates, dimensions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations, pairwise

from autograder.mutation.code import Change, Code, called, dotted, in_library
from autograder.mutation.tensors import PARTS, Tensors

# At which place a function of torch takes its dimension; a method of a tensor takes it one place earlier.
_DIM_POSITION = {
    "cat": 1,
    "stack": 1,
    "unbind": 1,
    "softmax": 1,
    "log_softmax": 1,
    "mean": 1,
    "sum": 1,
    "prod": 1,
    "amax": 1,
    "amin": 1,
    "argmax": 1,
    "cumsum": 1,
    "squeeze": 1,
    "unsqueeze": 1,
    "flatten": 1,
    "chunk": 2,
    "split": 2,
}
_WITHOUT_DIM = frozenset({"mean", "sum", "amax", "amin", "cat", "chunk", "split"})
_KEYWORDS = ("dim", "axis", "start_dim")
_DIMS = (0, 1, -1)


def drop_term(code: Code) -> Iterator[Change]:
    """`a + b` becomes `a`, or `b`; so does a product, a quotient and a power."""
    for operation in code.nodes(ast.BinOp):
        yield code.replace(operation, code.source(operation.left))
        yield code.replace(operation, code.source(operation.right))


def double_term(code: Code) -> Iterator[Change]:
    """`a + b` becomes `a + 2 * b`, `a * b` becomes `a * b**2`, when they are tensors or lists."""
    tensors = Tensors(code)
    for operation in code.nodes(ast.BinOp):
        for operand in (operation.left, operation.right):
            if isinstance(operand, ast.Constant) or not (tensors.is_tensor(operation) or _holds_list(operation)):
                continue
            if isinstance(operation.op, ast.Add | ast.Sub) and not isinstance(operand, ast.BinOp):
                yield code.replace(operand, f"2 * {code.operand(operand)}")
            elif isinstance(operation.op, ast.Mult) and not isinstance(operand, ast.BinOp):
                yield code.replace(operand, f"{code.operand(operand)} ** 2")


def swap_operands(code: Code) -> Iterator[Change]:
    """`a / b` becomes `b / a`; so does what else depends on the order."""
    for operation in code.nodes(ast.BinOp):
        if isinstance(operation.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Mod | ast.Pow | ast.MatMult):
            yield code.swap(operation.left, operation.right)


def permute_targets(code: Code) -> Iterator[Change]:
    """`i, f = gates.chunk(2)` becomes `f, i = gates.chunk(2)`: every pair of parts, elsewhere every two neighbours."""
    for assignment in code.nodes(ast.Assign):
        target, value = assignment.targets[0], assignment.value
        if not isinstance(target, ast.Tuple):
            continue
        parts = isinstance(value, ast.Call) and called(value).rpartition(".")[2] in PARTS
        used = [element for element in target.elts if dotted(element) != "_"]
        for first, second in combinations(used, 2) if parts else pairwise(used):
            yield code.swap(first, second)


def change_dim(code: Code) -> Iterator[Change]:
    """`x.mean(dim=1)` becomes `x.mean(dim=0)`; so do the dimensions of parts, joined tensors and softmax."""
    tensors = Tensors(code)
    for call in code.nodes(ast.Call):
        name = called(call)
        last = name.rpartition(".")[2]
        if last not in _DIM_POSITION or not isinstance(call.func, ast.Attribute):
            continue
        is_function = in_library(name)
        if not is_function and not tensors.is_tensor(call.func.value):
            continue
        position = _DIM_POSITION[last] - (not is_function)
        given = [keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS] + call.args[position:][:1]
        if given:
            yield from _other_dims(code, given[0])
        elif last in _WITHOUT_DIM:
            dim = "dim=1" if last in ("cat", "chunk", "split") else "dim=0"
            arguments = [code.source(node) for node in (*call.args, *call.keywords)]
            yield code.replace(call, f"{code.source(call.func)}({', '.join([*arguments, dim])})")


def _holds_list(operation: ast.BinOp) -> bool:
    return any(isinstance(operand, ast.List | ast.ListComp) for operand in (operation.left, operation.right))


def _other_dims(code: Code, given: ast.expr) -> Iterator[Change]:
    try:
        dims = ast.literal_eval(given)
    except ValueError:
        return
    if isinstance(dims, int):
        for other in _DIMS:
            if other != dims:
                yield code.replace(given, str(other))
    elif isinstance(dims, tuple):
        for index in range(len(dims)):
            yield code.replace(given, str(dims[:index] + dims[index + 1 :]))
        if 0 not in dims:
            yield code.replace(given, str((0, *dims)))
