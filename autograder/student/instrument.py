"""Changes the syntax tree of a file so that its functions hand over every value on the way; they compute the same.

Whoever is called `WATCHER` in the file's module is handed them, each with the number of a place in the file.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WATCHER = "__watcher__"
_LONG = 44
"""Characters of an expression; a longer one has dots in place of its parts, which are shown by themselves."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PARTS = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Attribute)
"""Expressions that are handed over by themselves."""


@dataclass(frozen=True)
class Place:
    """Where a value comes from. `label` is its expression, or empty where values bring their names."""

    function: str
    line: int
    goes_on: bool
    """The statement, or its head, where it has a body, has more lines."""
    label: str = ""


def instrumented(text: str) -> tuple[ast.Module, list[Place]]:
    """The tree, and what its numbers stand for, with the file's classes among it. It calls, each with a number first:

    `arguments(n, {name: value})` where a function begins, `part(n, value)` around expressions, `variables(n, {name:
    value})` after assignments, `result(n, value)` around what is returned, and `done(n, value, {name: value})` around
    calls that are statements, with what they may have changed.
    """
    transformer = _Instrumented()
    return ast.fix_missing_locations(transformer.visit(ast.parse(text))), transformer.places


class _Instrumented(ast.NodeTransformer):
    def __init__(self) -> None:
        self.places: list[Place] = []
        self._names: list[str] = []
        self._line, self._goes_on = 0, False
        """Of the statement at hand."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._names.append(node.name)
        self.places.append(Place(".".join(self._names), node.lineno, False))
        node.body = [self.visit(each) if isinstance(each, (*_FUNCTIONS, ast.ClassDef)) else each for each in node.body]
        self._names.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._names.append(node.name)
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        documented = ast.get_docstring(node, clean=False) is not None
        self._line, self._goes_on = node.lineno, False
        begin = self._statement_of("arguments", _dict([ast.Name(each.arg, ast.Load()) for each in given if each]))
        node.body = [*node.body[:documented], begin, *self._block(node.body[documented:])]
        self._names.pop()
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    # -- statements ---------------------------------------------------------------------------------------------------

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [each for statement in body for each in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            return [self.visit(node)]
        head = getattr(node, "iter", None) or getattr(node, "test", None) or node
        self._line, self._goes_on = place = node.lineno, (head.end_lineno or 0) > node.lineno
        after: list[ast.stmt] = []
        match node:
            case ast.Assign():
                node.value = self._named(node.value)
                after = self._set(node.targets)
            case ast.AugAssign(value=ast.expr() as value) | ast.AnnAssign(value=ast.expr() as value):
                node.value = self._parts_of(value)
                after = self._set([node.target])
            case ast.Return(value=ast.expr() as value):
                node.value = self._handed("result", "return", self._named(value))
            case ast.Expr(value=ast.Call() as value):
                label, changed = _label(value), _dict(list(_leaves(getattr(value.func, "value", value))))
                node.value = self._handed("done", label, self._parts_of(value), changed)
            case ast.If() | ast.While():
                node.test = self._expression(node.test)
            case ast.For():
                node.iter = self._parts_of(node.iter)
        for name in ("body", "orelse", "finalbody"):
            if isinstance(block := getattr(node, name, None), list):
                setattr(node, name, self._block(block))
        for inner in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            inner.body = self._block(inner.body)
        self._line, self._goes_on = place
        if isinstance(node, ast.For):
            node.body = [*self._set([node.target]), *node.body]
        return [node, *after]

    def _set(self, targets: Sequence[ast.expr]) -> list[ast.stmt]:
        """Hands over what has been set."""
        leaves = [leaf for target in targets for leaf in _leaves(target)]
        return [self._statement_of("variables", _dict(leaves))] if leaves else []

    # -- expressions --------------------------------------------------------------------------------------------------

    def _expression(self, node: ast.expr) -> ast.expr:
        """Hands over the expression and its parts."""
        if not isinstance(node, _PARTS):
            return self._parts_of(node)
        label = _label(node)
        return self._handed("part", label, self._parts_of(node))

    def _named(self, node: ast.expr) -> ast.expr:
        """What gets a name, or is returned, hands over its parts alone; of a tuple, so does each of its values."""
        if isinstance(node, ast.Tuple):
            node.elts = [self._named(each) for each in node.elts]
            return node
        return self._parts_of(node)

    def _parts_of(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Call():
                if isinstance(node.func, ast.Attribute):
                    node.func.value = self._expression(node.func.value)
                node.args = [self._expression(each) for each in node.args]
                for keyword in node.keywords:
                    keyword.value = self._expression(keyword.value)
            case ast.Subscript():
                node.value = self._expression(node.value)
            case ast.Lambda() | ast.JoinedStr() | ast.NamedExpr():
                pass
            case _:
                for name, value in ast.iter_fields(node):
                    if isinstance(value, ast.expr):
                        setattr(node, name, self._expression(value))
                    elif isinstance(value, list):
                        inner = [self._expression(each) if isinstance(each, ast.expr) else each for each in value]
                        setattr(node, name, inner)
        return node

    def _handed(self, method: str, label: str, node: ast.expr, *more: ast.expr) -> ast.expr:
        function = ast.Attribute(ast.Name(WATCHER, ast.Load()), method, ast.Load())
        self.places.append(Place(".".join(self._names), self._line, self._goes_on, label))
        call = ast.Call(function, [ast.Constant(len(self.places) - 1), node, *more], [])
        return ast.copy_location(call, node)

    def _statement_of(self, method: str, values: ast.expr) -> ast.stmt:
        statement = ast.Expr(self._handed(method, "", values))
        for each in ast.walk(statement):
            if isinstance(each, (ast.expr, ast.stmt)):
                each.lineno = each.end_lineno = self._line
                each.col_offset = each.end_col_offset = 0
        return statement


def _dict(names: list[ast.expr]) -> ast.expr:
    return ast.Dict([ast.Constant(ast.unparse(name)) for name in names], names)


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    """What an assignment or a method sets, to be read: of `x[0]` all of `x`."""
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _leaves(part)
        case ast.Starred(value=value) | ast.Subscript(value=value):
            yield from _leaves(value)
        case ast.Name() | ast.Attribute():
            leaf = copy.deepcopy(target)
            leaf.ctx = ast.Load()
            yield leaf


def _label(node: ast.expr) -> str:
    text = ast.unparse(node)
    if len(text) > _LONG:
        shortened = ast.NodeTransformer.generic_visit(_Dotted(), copy.deepcopy(node))
        text = ast.unparse(shortened).replace("....", "(...).")  # dots, and an attribute of them
    return text if len(text) <= 2 * _LONG else f"{text[: 2 * _LONG]}..."


class _Dotted(ast.NodeTransformer):
    """Puts dots in place of what is handed over by itself."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        return (
            ast.Constant(...) if isinstance(node, (ast.Call, ast.BinOp, ast.Subscript)) else super().generic_visit(node)
        )
