"""Mutation operators on conditions: negated, ignored, asked of the wrong thing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.code import COMPREHENSIONS, Change, Code, called

_OTHER_CLASSES = {
    "nn.Linear": ("nn.Conv2d", "nn.Module"),
    "nn.Conv2d": ("nn.Linear", "nn.Conv1d"),
    "Tensor": ("list",),
    "torch.Tensor": ("list",),
    "list": ("tuple",),
    "tuple": ("list",),
    "int": ("float",),
    "float": ("int",),
}


def negate_condition(code: Code) -> Iterator[Change]:
    """`if found:` becomes `if not found:`, also in a conditional expression and in a comprehension."""
    for test in _conditions(code):
        yield code.replace(test, f"not {code.operand(test)}")


def force_condition(code: Code) -> Iterator[Change]:
    """`if found:` becomes `if True:`; a part of `a and b` is dropped; `a if found else b` becomes `a`, or `b`."""
    for test in _conditions(code):
        yield code.replace(test, "True")
        if not isinstance(code.parent(test), ast.If):  # without its `if`: see delete_statement
            yield code.replace(test, "False")
    for operation in code.nodes(ast.BoolOp):
        for index in range(len(operation.values)):
            rest = [*operation.values[:index], *operation.values[index + 1 :]]
            sign = " and " if isinstance(operation.op, ast.And) else " or "
            kept = [code.operand(part) for part in rest] if len(rest) > 1 else [code.source(rest[0])]
            yield code.replace(operation, sign.join(kept))


def swap_is_none(code: Code) -> Iterator[Change]:
    """`x is None` becomes `x is not None`, and `not x`, which is something else for a tensor."""
    for comparison in code.nodes(ast.Compare):
        other = comparison.comparators[0]
        if len(comparison.ops) != 1 or not isinstance(other, ast.Constant) or other.value is not None:
            continue
        left = code.operand(comparison.left)
        if isinstance(comparison.ops[0], ast.Is):
            yield code.replace(comparison, f"{left} is not None")
            yield code.replace(comparison, f"not {left}")
        elif isinstance(comparison.ops[0], ast.IsNot):
            yield code.replace(comparison, f"{left} is None")
            yield code.replace(comparison, left)


def swap_isinstance(code: Code) -> Iterator[Change]:
    """`isinstance(layer, nn.Linear)` becomes `isinstance(layer, nn.Conv2d)`."""
    for call in code.nodes(ast.Call):
        if called(call) == "isinstance" and len(call.args) == 2:
            for other in _OTHER_CLASSES.get(code.source(call.args[1]), ("object",)):
                yield code.replace(call.args[1], other)


def _conditions(code: Code) -> list[ast.expr]:
    tests = [node.test for node in code.nodes(ast.If, ast.IfExp)]
    comprehensions = code.nodes(*COMPREHENSIONS)
    return tests + [test for node in comprehensions for part in node.generators for test in part.ifs]
