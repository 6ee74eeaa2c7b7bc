"""Reading Python's syntax without running anything."""

from __future__ import annotations

import ast
import re
import symtable
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from autograder.language import mark, tr
from autograder.submissions.names import INVISIBLE

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
    kept = "".join("?" if unicodedata.category(c) in INVISIBLE else "'" if c == "`" else c for c in text)
    return kept if len(kept) <= _MAX_SHOWN else kept[: _MAX_SHOWN - 1] + "…"
