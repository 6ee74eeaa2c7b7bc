"""A module's text beside its syntax tree, and changes to the text that keep everything else as it was written."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import UnionType
from typing import Any, NamedTuple, TypeAlias

from autograder.mutation.pytorch import FACTORIES, NOT_TENSORS, PARTS, TENSOR_ATTRIBUTES

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*COMPREHENSIONS, ast.Lambda)
Kind: TypeAlias = type[ast.AST] | UnionType | tuple[type[ast.AST], ...]
"""What `isinstance` takes for a second argument."""

# Expressions that hold together beside any operator, and those in which an operand has to.
_PRIMARIES = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.JoinedStr)
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)
_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Attribute, ast.IfExp, ast.Starred, ast.Await)


class Edit(NamedTuple):
    """Characters `start` to `end` (exclusive) of a text become `text`."""

    start: int
    end: int
    text: str


Change: TypeAlias = tuple[Edit, ...]
"""Edits that belong together and do not overlap."""


def apply(text: str, change: Change) -> str:
    """The text after all edits of a change."""
    for start, end, written in sorted(change, reverse=True):
        text = text[:start] + written + text[end:]
    return text


class Code:
    """A module's text and tree. Raises SyntaxError, like `ast.parse`, when the text is not Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._parents = {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        placed = (node for node in ast.walk(self.tree) if hasattr(node, "lineno"))
        placed = (node for node in placed if not self.inside(node, ast.JoinedStr))
        self._placed = sorted(placed, key=lambda node: (self.span(node)[0], -self.span(node)[1]))
        self._tensors: dict[Function, dict[str, None]] = {}
        self._several: dict[Function, set[str]] = {}
        for function in self.nodes(FUNCTIONS):
            self._find_tensors(function)

    # Where things are.

    def nodes(self, kind: Kind) -> list[Any]:
        """All nodes of a kind that have a place in the text, in its order, outer ones before inner ones.

        Not those inside f-strings: before Python 3.12, nobody knew where they are.
        """
        return [node for node in self._placed if isinstance(node, kind)]

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around `node`; the module is its own parent."""
        return self._parents.get(node, self.tree)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around `node`, from the inside out."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def inside(self, node: ast.AST, kind: Kind) -> bool:
        """Whether a node is within one of a kind."""
        return any(isinstance(outer, kind) for outer in self.ancestors(node))

    def functions(self, node: ast.AST) -> list[Function]:
        """The functions around a node, from the inside out."""
        return [outer for outer in self.ancestors(node) if isinstance(outer, FUNCTIONS)]

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node."""
        return next(iter(self.functions(node)), None)

    def is_in_init(self, node: ast.AST) -> bool:
        """Whether a node is inside a constructor."""
        return any(function.name == "__init__" for function in self.functions(node))

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that a node is, or is in."""
        return next(outer for outer in (node, *self.ancestors(node)) if isinstance(outer, ast.stmt))

    def following(self, statement: ast.stmt) -> ast.stmt | None:
        """The statement that comes next in the block of this one."""
        fields = (value for _, value in ast.iter_fields(self.parent(statement)))
        block = next(value for value in fields if isinstance(value, list) and statement in value)
        return next(iter(block[block.index(statement) + 1 :]), None)

    def span(self, node: Any) -> tuple[int, int]:
        """The offsets in the text, in characters, at which a node starts and ends."""
        start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
        # Python's trees count columns in bytes of UTF-8.
        first, last = (
            self.offset(line, len(self._lines[line - 1].encode()[:column].decode())) for line, column in (start, end)
        )
        return first, last

    def offset(self, line: int, column: int) -> int:
        """Where a place is in the text: lines count from 1, columns in characters from 0."""
        return self._starts[line - 1] + column

    def line(self, offset: int) -> int:
        """The number of the line, from 1, that holds this character."""
        return bisect_right(self._starts, offset)

    def indentation(self, statement: ast.stmt) -> str | None:
        """The white space before a statement; None when it shares its line with another one."""
        before = self.text[self._starts[statement.lineno - 1] : self.span(statement)[0]]
        return None if before.strip() else before

    @cached_property
    def imported(self) -> frozenset[str]:
        """Names that the module imports at its top level."""
        imports = [node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        return frozenset((alias.asname or alias.name).split(".")[0] for node in imports for alias in node.names)

    def is_bound_before(self, function: Function, name: str, statement: ast.stmt, outside: Kind = ()) -> bool:
        """Whether a function has given a name a value before one of its statements, as far as one can see; what is
        inside of a node of kind `outside` does not count.
        """
        stored = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        start = self.span(statement)[0]
        return any(argument.arg == name for argument in arguments(function)) or any(
            node.id == name and self.span(node)[1] <= start and not self.inside(node, outside) for node in stored
        )

    # What is a tensor: told from names and annotations alone, nothing is run. A guess, and enough of one: a mutant that
    # comes of a wrong guess is killed by the first call.

    def tensors(self, function: Function) -> list[str]:
        """Arguments and local variables that hold a tensor, in the order in which they first get one."""
        return list(self._tensors[function])

    def is_tensor(self, node: ast.expr) -> bool:
        """Whether an expression is, as far as one can see, a tensor."""
        match node:
            case ast.Name(name):
                return any(name in self._tensors.get(function, ()) for function in self.functions(node))
            case ast.Call(function):
                name, last = dotted(function), last_name(node)
                if last in NOT_TENSORS | PARTS:
                    return False
                if in_library(name):
                    return last == "Parameter" or (last.islower() and not name.startswith("nn.init."))
                is_layer = is_of_self(name) and not self.is_in_init(node)
                return isinstance(function, ast.Attribute) and (is_layer or self.is_tensor(function.value))
            case ast.BinOp(left, _, right) | ast.IfExp(_, left, right):
                return self.is_tensor(left) or self.is_tensor(right)
            case ast.UnaryOp(sign, operand):
                return not isinstance(sign, ast.Not) and self.is_tensor(operand)
            case ast.Attribute(owner, name):
                is_parameter = dotted(owner) == "self" and name.startswith(("weight", "bias"))
                return name in TENSOR_ATTRIBUTES or is_parameter
            case ast.Subscript(value):
                return self.is_tensor(value) or self.are_tensors(value)
        return False

    def are_tensors(self, node: ast.expr) -> bool:
        """Whether an expression is, as far as one can see, a tuple or list of tensors."""
        match node:
            case ast.Name(name):
                return any(name in self._several.get(function, ()) for function in self.functions(node))
            case ast.Tuple(elements) | ast.List(elements):
                return bool(elements) and all(map(self.is_tensor, elements))
            case ast.ListComp(element) | ast.GeneratorExp(element):
                return self.is_tensor(element)
            case ast.Call(ast.Attribute(owner, name)) if name in PARTS:
                return in_library(called(node)) or self.is_tensor(owner)
        return False

    def is_calculated(self, node: ast.expr) -> bool:
        """Whether a tensor is made from others, as far as one can see."""
        return self.is_tensor(node) and not (isinstance(node, ast.Call) and last_name(node) in FACTORIES)

    def _find_tensors(self, function: Function) -> None:
        tensors, several = self._tensors.setdefault(function, {}), self._several.setdefault(function, set())

        def bind(target: ast.expr, value: ast.expr) -> None:
            match target, value:
                case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
                    for each in zip(targets, values, strict=True):
                        bind(*each)
                case ast.Tuple(targets), _ if self.are_tensors(value):
                    tensors.update((each.id, None) for each in targets if isinstance(each, ast.Name))
                case ast.Name(name), _ if self.is_tensor(value):
                    tensors.setdefault(name)
                case ast.Name(name), _ if self.are_tensors(value):
                    several.add(name)

        def bind_each(target: ast.expr, sequence: ast.expr) -> None:
            if isinstance(target, ast.Name) and self.are_tensors(sequence):
                tensors.setdefault(target.id)

        for argument in arguments(function):
            annotation = "" if argument.annotation is None else self.source(argument.annotation)
            if annotation.removeprefix("torch.") == "Tensor":
                tensors.setdefault(argument.arg)
            elif "Tensor" in annotation:
                several.add(argument.arg)
        for node in self.nodes((ast.Assign, ast.For, *COMPREHENSIONS)):
            if function not in self.functions(node):
                continue
            match node:
                case ast.Assign(targets, value):
                    for target in targets:
                        bind(target, value)
                case ast.For(target, sequence):
                    bind_each(target, sequence)
                case _:
                    for part in node.generators:
                        bind_each(part.target, part.iter)

    # What to write.

    def source(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def operand(self, node: ast.expr) -> str:
        """The text of an expression, with parentheses where it would not hold together beside an operator."""
        return _held(self.source(node))

    def call(self, function: ast.expr | str, *given: ast.AST | str) -> str:
        """The text of a call."""
        name, *inside = (each if isinstance(each, str) else self.source(each) for each in (function, *given))
        return f"{name}({', '.join(inside)})"

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

    def insert_before(self, statement: ast.stmt, *lines: str, change: Change = ()) -> Iterator[Change]:
        """Write lines above a statement, indented like it, beside another change."""
        indentation, start = self.indentation(statement), self.span(statement)[0]
        if indentation is not None:
            yield (Edit(start, start, "".join(f"{line}\n{indentation}" for line in lines)), *change)

    def without_item(self, items: Sequence[ast.AST], index: int) -> Change:
        """Leave out one of several nodes that are separated by commas; there must be another one."""
        start, end = self.span(items[index])
        if index + 1 < len(items):
            return (Edit(start, self.span(items[index + 1])[0], ""),)
        return (Edit(self.span(items[index - 1])[1], end, ""),)


def dotted(node: ast.expr) -> str:
    """The dotted name that an expression is; what stands before the dots is left out when it is no name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def called(call: ast.Call) -> str:
    """The dotted name that a call calls, such as "torch.relu"; with ".relu" for a method of any other expression."""
    return dotted(call.func)


def last_name(call: ast.Call) -> str:
    """What a call calls, without what stands before the last dot."""
    return called(call).rpartition(".")[2]


def in_library(name: str) -> bool:
    """Whether a dotted name is one of torch's, under the names that everyone gives its modules."""
    return name.startswith(("torch.", "F.", "nn."))


def is_of_self(name: str) -> bool:
    """Whether a dotted name is an attribute of self."""
    return name.startswith("self.") and name.count(".") == 1


def arguments(function: Function) -> list[ast.arg]:
    """A function's arguments, without `*args` and `**kwargs`."""
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _held(text: str) -> str:
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"  # such as lines that belong together only inside the parentheses they were taken from
    in_parentheses = isinstance(tree, ast.Tuple) and text.startswith("(")
    return text if isinstance(tree, _PRIMARIES + _DISPLAYS) or in_parentheses else f"({text})"
