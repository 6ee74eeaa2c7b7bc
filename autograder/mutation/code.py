"""A module's text beside its syntax tree, and changes to the text that keep everything else as it was written."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar, overload

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)
A = TypeVar("A", bound=ast.AST)
B = TypeVar("B", bound=ast.AST)
C = TypeVar("C", bound=ast.AST)
D = TypeVar("D", bound=ast.AST)

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*COMPREHENSIONS, ast.Lambda)

# Expressions that hold together beside any operator.
_TIGHT = (
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Subscript,
    ast.Constant,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.JoinedStr,
)
# Expressions in which an operand that does not hold together needs parentheses.
_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Attribute, ast.IfExp, ast.Starred, ast.Await)


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` (exclusive) of a text become `text`."""

    start: int
    end: int
    text: str


Change: TypeAlias = tuple[Edit, ...]
"""Edits that belong together and do not overlap."""

Operator: TypeAlias = Callable[["Code"], Iterator[Change]]
"""A mutation operator: finds every place where it applies in a module, and says what it would write there."""


def apply(text: str, change: Change) -> str:
    """The text after all edits of a change."""
    for edit in sorted(change, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


class Code:
    """A module's text and tree. Raises SyntaxError, like `ast.parse`, when the text is not Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        in_strings = {
            node for string in ast.walk(self.tree) if isinstance(string, ast.JoinedStr) for node in _below(string)
        }
        self._placed = [node for node in ast.walk(self.tree) if hasattr(node, "lineno") and node not in in_strings]
        self._parents = {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    # Where things are.

    @overload
    def nodes(self, a: type[A], /) -> list[A]: ...
    @overload
    def nodes(self, a: type[A], b: type[B], /) -> list[A | B]: ...
    @overload
    def nodes(self, a: type[A], b: type[B], c: type[C], d: type[D], /) -> list[A | B | C | D]: ...
    def nodes(self, *types: type[ast.AST]) -> list[ast.AST]:  # type: ignore[misc]
        """All nodes of these types that have a place in the text, in its order, outer ones before inner ones.

        Not those inside f-strings: before Python 3.12, nobody knew where they are.
        """
        found = [node for node in self._placed if isinstance(node, types)]
        return sorted(found, key=lambda node: (self.span(node)[0], -self.span(node)[1]))

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around `node`; the module is its own parent."""
        return self._parents.get(node, self.tree)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around `node`, from the inside out."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def functions(self, node: ast.AST) -> list[Function]:
        """The functions around a node, from the inside out."""
        return [outer for outer in self.ancestors(node) if isinstance(outer, FUNCTIONS)]

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that a node is, or is in."""
        return next(outer for outer in (node, *self.ancestors(node)) if isinstance(outer, ast.stmt))

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which this one stands, itself included."""
        parent = self.parent(statement)
        blocks = [value for _, value in ast.iter_fields(parent) if isinstance(value, list) and statement in value]
        return blocks[0]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The offsets in the text, in characters, at which a node starts and ends."""
        return (
            self._place(getattr(node, "lineno"), getattr(node, "col_offset")),  # noqa: B009
            self._place(getattr(node, "end_lineno"), getattr(node, "end_col_offset")),  # noqa: B009
        )

    def offset(self, line: int, column: int) -> int:
        """Where a place is in the text: lines count from 1, columns in characters from 0."""
        return self._starts[line - 1] + column

    def line(self, offset: int) -> int:
        """The number of the line, from 1, that holds this character."""
        return bisect_right(self._starts, offset)

    def indentation(self, statement: ast.stmt) -> str | None:
        """The white space before a statement; None when it shares its line with another one."""
        start = self.span(statement)[0]
        before = self.text[self._starts[statement.lineno - 1] : start]
        return None if before.strip() else before

    @cached_property
    def imported(self) -> frozenset[str]:
        """Names that the module imports at its top level."""
        imports = [node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        return frozenset((alias.asname or alias.name).split(".")[0] for node in imports for alias in node.names)

    def is_in_init(self, node: ast.AST) -> bool:
        """Whether a node is inside a constructor."""
        return any(function.name == "__init__" for function in self.functions(node))

    def is_without_gradient(self, node: ast.AST) -> bool:
        """Whether a node is in the block of a `with torch.no_grad()`, where no graph is built anyway."""
        blocks = [outer for outer in self.ancestors(node) if isinstance(outer, ast.With)]
        return any(is_no_grad(item.context_expr) for block in blocks for item in block.items)

    # What to write.

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def operand(self, node: ast.expr) -> str:
        """The text of an expression, with parentheses where it would not hold together beside an operator."""
        return _held(self.source(node))

    def replace(self, node: ast.AST, text: str) -> Change:
        """Write `text` for a node, in parentheses where the operators around it would tear it apart."""
        parent, (start, end) = self.parent(node), self.span(node)
        is_operand = isinstance(parent, _OPERATIONS) or (isinstance(parent, ast.Subscript) and parent.value is node)
        is_held = self.text[start - 1 : start] == "(" and self.text[end : end + 1] == ")"
        if isinstance(node, ast.expr) and is_operand and not is_held:
            text = _held(text)
        return (Edit(start, end, text),)

    def swap(self, first: ast.AST, second: ast.AST) -> Change:
        """Let two nodes change places."""
        return (*self.replace(first, self.source(second)), *self.replace(second, self.source(first)))

    def insert_after(self, statement: ast.stmt, *lines: str) -> Iterator[Change]:
        """Write lines below a statement, indented like it."""
        indentation, end = self.indentation(statement), self.span(statement)[1]
        rest = self.text[end : self._starts[self.line(end - 1)]].rstrip("\n")
        if indentation is not None and (not rest.strip() or rest.strip().startswith("#")):
            end += len(rest)  # a comment stays on the line of its statement
            yield (Edit(end, end, "".join(f"\n{indentation}{line}" for line in lines)),)

    def insert_before(self, statement: ast.stmt, *lines: str) -> Iterator[Change]:
        """Write lines above a statement, indented like it."""
        indentation, start = self.indentation(statement), self.span(statement)[0]
        if indentation is not None:
            yield (Edit(start, start, "".join(f"{line}\n{indentation}" for line in lines)),)

    def without_item(self, items: list[Node], index: int) -> Change:
        """Leave out one of several nodes that are separated by commas; there must be another one."""
        start, end = self.span(items[index])
        if index + 1 < len(items):
            return (Edit(start, self.span(items[index + 1])[0], ""),)
        return (Edit(self.span(items[index - 1])[1], end, ""),)

    def _place(self, line: int, column: int) -> int:
        # Python's trees count columns in bytes of UTF-8.
        return self.offset(line, len(self._lines[line - 1].encode()[:column].decode()))


def is_no_grad(node: ast.expr) -> bool:
    """Whether an expression is `torch.no_grad()`, or `torch.inference_mode()`."""
    return isinstance(node, ast.Call) and called(node).rpartition(".")[2] in ("no_grad", "inference_mode")


def called(call: ast.Call) -> str:
    """The dotted name that a call calls, such as "torch.relu"; with ".relu" for a method of any other expression."""
    return dotted(call.func)


def dotted(node: ast.expr) -> str:
    """The dotted name that an expression is; what stands before the dots is left out when it is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def in_library(name: str) -> bool:
    """Whether a dotted name is one of torch's, under the names that everyone gives its modules."""
    return name.startswith(("torch.", "F.", "nn."))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    return (inner for inner in ast.walk(node) if inner is not node)


def _held(text: str) -> str:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"  # such as lines that belong together only inside the parentheses they were taken from
    in_parentheses = isinstance(tree, ast.Tuple) and text.startswith("(")
    return text if isinstance(tree, _TIGHT) or in_parentheses else f"({text})"
