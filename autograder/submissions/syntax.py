"""Reading Python's syntax without running anything."""

from __future__ import annotations

import ast
import re
import symtable
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from autograder.language import mark, tr
from autograder.submissions.names import plain

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
Import = ast.Import | ast.ImportFrom

_MAX_SHOWN = 120
_FILE_NAME = "<submission>"
_TOO_DEEP = mark("this is nested too deeply, or becomes too large, for Python to read")


@dataclass(frozen=True)
class Fault:
    """A syntax error: the line (None when there is no saying), its text, and Python's words for it."""

    line: int | None
    text: str
    message: str

    def describe(self, position: str) -> str:
        """One sentence; `position` is where the line is: "line 12"."""
        quoted = f"`{self.text}` - " if self.text else ""
        return f"{position}: {quoted}{self.message}"


@lru_cache(maxsize=8)  # asked of every file when it is read, and again when its rules are checked
def fault_in(text: str) -> Fault | None:
    """The first syntax error of a module, or None."""
    return _fault(text, 0)


def fault_in_cell(text: str) -> Fault | None:
    """The first syntax error of a notebook cell, in which `await` may stand outside a function."""
    return _fault(text, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def python_version() -> str:
    """Of the Python that grades, for messages: "3.11"."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def parse(text: str) -> ast.Module:
    """The syntax tree of a text that has no fault."""
    with _quiet():
        return ast.parse(text)


def executed(nodes: Iterable[ast.AST], into_classes: bool = True) -> Iterator[ast.AST]:
    """The nodes of code but for the insides of functions, which are run only when called, if at all."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and (
            into_classes or not isinstance(node, ast.ClassDef)
        ):
            waiting += ast.iter_child_nodes(node)


def name_given(node: ast.AST) -> str:
    """The name that a node defines or assigns by itself, or ""."""
    if isinstance(node, Definition):
        return node.name
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""


def defined_names(nodes: Iterable[ast.stmt]) -> set[str]:
    """Names that statements define or assign when they are executed, also inside `if`, `for` and `try`."""
    return {name for node in executed(nodes, into_classes=False) if (name := name_given(node))}


def bound_by(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def first_line(node: ast.stmt) -> int:
    """The line on which a statement begins, with its decorators."""
    decorators = node.decorator_list if isinstance(node, Definition) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def line_groups(tree: ast.Module) -> list[tuple[int, int, list[ast.stmt]]]:
    """Top-level statements with their first and last line; those that share a line (`a = 1; b = 2`) are one group."""
    groups: list[list[ast.stmt]] = []
    last = 0
    for node in tree.body:
        if groups and first_line(node) <= last:
            groups[-1].append(node)
        else:
            groups.append([node])
        last = node.end_lineno or node.lineno
    return [(first_line(nodes[0]), nodes[-1].end_lineno or nodes[-1].lineno, nodes) for nodes in groups]


def put(lines: list[str], first: int, last: int, text: str = "") -> None:
    """Another text in the place of some lines, so that the others keep their numbers."""
    lines[first - 1 : last] = [text] + [""] * (last - first)


def symbols(text: str) -> symtable.SymbolTable | None:
    """Scopes and names of a text that has no fault as part of a cell; None when it cannot stand alone."""
    try:
        with _quiet():
            return symtable.symtable(text, _FILE_NAME, "exec")
    except (SyntaxError, RecursionError, MemoryError):
        return None


def seems_to_define(text: str, name: str) -> bool:
    """Whether a text, which may be no valid Python, looks as if it defined or assigned a name at its top level."""
    word = re.escape(name)
    definition = rf"^(?:(?:async[ \t]+)?def|class)[ \t]+{word}\b|^{word}[ \t]*(?::[^=\n]+)?=(?!=)"
    return re.search(definition, text, re.MULTILINE) is not None


def seems_to_bind(text: str, name: str) -> bool:
    """The same, or as if it imported the name."""
    imported = rf"^(?:from|import)\b[^#\n]*\b{re.escape(name)}\b"
    return seems_to_define(text, name) or re.search(imported, text, re.MULTILINE) is not None


def _fault(text: str, flags: int) -> Fault | None:
    # compile() first: it finds what the parser alone does not (`return` outside a function), and it counts the depth of
    # the tree, which Python 3.10 does not do when it hands the tree out.
    try:
        with _quiet():
            compile(text, _FILE_NAME, "exec", flags=flags, dont_inherit=True)
    except SyntaxError as error:
        said = _clean(error.msg or "invalid syntax")
        # It may be right in a newer Python; an indentation is wrong in all.
        if not isinstance(error, IndentationError):
            said = tr("{said} (graded with Python {version})", said=said, version=python_version())
        return Fault(error.lineno, _line(text, error.lineno), said)
    except (RecursionError, MemoryError):
        return Fault(None, "", tr(_TOO_DEEP))
    except UnicodeError:
        return Fault(None, "", tr("the text holds characters that do not exist in Unicode"))
    except (ValueError, OverflowError, SystemError):
        return Fault(None, "", tr("Python cannot read this"))
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """Python prints warnings about a student's source (`"\\d"`, `x is 1`), or raises them when it is told to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _line(text: str, line: int | None) -> str:
    lines = text.split("\n")
    if line is None or not 1 <= line <= len(lines):
        return ""
    return _clean(lines[line - 1].strip())


def _clean(text: str) -> str:
    # One line that cannot break out of its back quotes: both come from the student.
    return plain(text.replace("`", "'"), _MAX_SHOWN)
