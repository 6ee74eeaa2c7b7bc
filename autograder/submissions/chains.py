"""Expressions taken apart: what a dotted name begins with, constant strings put together, what is assigned to what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard


@dataclass(frozen=True)
class Chain:
    """The expression that a chain of attributes begins with, their names, and expressions in it that are neither."""

    root: ast.expr
    parts: list[str]
    others: list[ast.expr]


def chain_of(node: ast.expr) -> Chain:
    """Takes `x.a.b` apart; `getattr(x, "a")`, `vars(x)["a"]` and `x.__dict__["a"]` are `x.a`."""
    parts: list[str] = []
    others: list[ast.expr] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif _calls(node, "getattr") and len(node.args) >= 2 and (name := constant_text(node.args[1])):
            parts.append(name)
            others += node.args[2:]
            node = node.args[0]
        elif isinstance(node, ast.Subscript) and (name := constant_text(node.slice)):
            inner = _namespace(node.value)
            if inner is None:
                break
            parts.append(name)
            node = inner
        else:
            break
    return Chain(node, parts[::-1], others)


def _calls(node: ast.expr, function: str) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function


def _namespace(node: ast.expr) -> ast.expr | None:
    """The object whose attributes an expression has as a dictionary, if that is what it is."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value
    return node.args[0] if _calls(node, "vars") and len(node.args) == 1 else None


def constant_text(node: ast.expr, steps: int = 30) -> str | None:
    """The string that a constant, or constants put together in so many steps, stand for."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
    texts = [constant_text(part, steps - 1) for part in parts] if steps else []
    known = [text for text in texts if text is not None]
    return "".join(known) if known and len(known) == len(texts) else None


def assigned(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """Names of an assignment with what each is assigned, where that can be told: `a = x`, `a, b = x, y`."""
    if value is None:
        return
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        starred = any(isinstance(element, ast.Starred) for element in (*target.elts, *value.elts))
        if not starred and len(target.elts) == len(value.elts):
            for name, element in zip(target.elts, value.elts, strict=True):
                if isinstance(name, ast.Name):
                    yield name.id, element
