"""What is told of an exception of a file: its type, its words, and the lines of the file that it passed."""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import re
import traceback
from collections.abc import Iterator
from itertools import pairwise

CLASS_BODY = "<class>"
"""In the place of a function's name, for lines that run when a class is made."""
LEFTOVER = "LeftoverRaise"
"""In the place of NotImplementedError, where code stands below the `raise` and is never reached."""
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
# Whatever differs from run to run, and between machines: where objects lie in memory, what the folder is called that a
# worker writes to, and where Python is installed.
_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]+")
_SCRATCH = re.compile(r"(?:/[\w.-]+)*/autograder-\w+(?=/|\W|$)")
_INSTALLED = re.compile(r" \(/[^()]*\.(?:py|so)\)$")


def type_of(error: BaseException, file: str) -> str:
    """The name of its class; `LEFTOVER` for a stub's `raise` above finished code."""
    if isinstance(error, NotImplementedError) and _stands_above_code(error, file):
        return LEFTOVER
    return type(error).__name__


def words_of(error: BaseException) -> str:
    """Its text, the same in every run."""
    try:
        text = str(error)
    except BaseException:  # __str__ is the student's, too
        return "(its message could not be read)"
    return _INSTALLED.sub("", _SCRATCH.sub(".", _ADDRESS.sub("0x...", text)))


def lines_passed(error: BaseException, file: str) -> list[tuple[int, str, str]]:
    """Number, function and text of the lines of `file` that it passed, the outermost first."""
    lines: list[tuple[int, str, str]] = []
    with contextlib.suppress(BaseException):
        for frame, number in traceback.walk_tb(error.__traceback__):
            code = frame.f_code
            if code.co_filename != file:
                continue
            name = code.co_name
            if name in _COMPREHENSIONS and lines:  # no call that anybody wrote; newer Pythons run them in place
                name = lines.pop()[1]
            elif name != "<module>" and not code.co_flags & inspect.CO_OPTIMIZED:
                name = CLASS_BODY
            lines.append((number, name, linecache.getline(file, number).strip()))
    if isinstance(error, SyntaxError) and error.filename == file:
        lines.append((error.lineno or 0, "", (error.text or "").strip()))
    return lines


def _stands_above_code(error: BaseException, file: str) -> bool:
    with contextlib.suppress(BaseException):
        number, _, _ = lines_passed(error, file)[-1]
        tree = ast.parse("".join(linecache.getlines(file)))
        return any(one.lineno <= number <= (one.end_lineno or one.lineno) for one in _unconditional_raises(tree))
    return False


def _unconditional_raises(tree: ast.Module) -> Iterator[ast.Raise]:
    """Every `raise` that has a statement below it in its block, and so keeps it from ever being reached."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield from (one for one, _ in pairwise(block) if isinstance(one, ast.Raise))
