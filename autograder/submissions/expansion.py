"""Sources that compile to far more code than they are long, which the compiler would only notice by its memory.

Python copies a `finally` block to every way out of its `try`: 52 kB of `return`s can become a gigabyte.
"""

from __future__ import annotations

import ast
import re
import symtable
import unicodedata
from collections.abc import Iterable, Iterator

_MAX_EXPANDED = 6_000_000
"""Characters, as if every copy stood in the source. One of them takes up to 20 bytes."""
_LARGE = 50_000
_COPY = 200
"""What a copy of a `finally` block takes beside its statements, in characters."""
_CLEANUP = 40
"""What leaving a `with` or a named `except` takes."""
_MAX_MARKS = 500
_MAX_TOKENS = 150_000
_TOKEN = re.compile(r"#[^\n]*|\w+|[^\w\s]")


def explodes(text: str) -> bool:
    """Whether compiling would take memory out of all proportion. False for a text that is no valid Python."""
    if "finally" not in text and len(text) < _LARGE:
        return False
    try:
        # Counts how deep the tree is, which Python 3.10 does not do when it hands the tree out.
        symtable.symtable(text, "<submission>", "exec")
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    size, _ = _Expanded(text).block(tree.body)
    return size > _MAX_EXPANDED


def is_too_much(text: str) -> bool:
    """Whether this is more than anybody writes: the syntax tree of a megabyte of `x;` takes up a gigabyte."""
    return len(text) > _MAX_TOKENS and sum(1 for _ in _TOKEN.finditer(text)) > _MAX_TOKENS


def piles_up_marks(text: str) -> bool:
    """Whether hundreds of combining characters follow one another: Python sorts those in names, in quadratic time."""
    if text.isascii():
        return False
    marks = "".join(filter(_is_mark, set(text)))
    return bool(marks) and re.search(f"[{re.escape(marks)}]{{{_MAX_MARKS}}}", text) is not None


def _is_mark(character: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) != 0


class _Expanded:
    """Sizes in characters, and how many ways lead out, of statements with all copies that the compiler makes."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line.encode(errors="replace")) + 1)

    def block(self, statements: Iterable[ast.stmt]) -> tuple[int, int]:
        size = exits = 0
        for statement in statements:
            inside, out = self._statement(statement)
            size, exits = size + inside, exits + out
        return size, exits

    def _statement(self, statement: ast.stmt) -> tuple[int, int]:
        blocks = list(_blocks(statement))
        size, exits = max(1, self._length(statement) - sum(map(self._extent, blocks))), 0
        last = getattr(statement, "finalbody", [])
        for block in blocks:
            if block is not last:
                inside, out = self.block(block)
                size, exits = size + inside, exits + out
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return size, 0  # its ways out are not its surroundings'
        if isinstance(statement, (ast.Return, ast.Break, ast.Continue)):
            return size, 1
        copies = exits + 2
        if last:
            inside, out = self.block(last)
            return size + copies * (inside + _COPY), exits + copies * out
        return size + copies * _CLEANUP * _cleanups(statement), exits

    def _extent(self, block: list[ast.stmt]) -> int:
        return self._place(block[-1].end_lineno, block[-1].end_col_offset) - self._place(*_start(block[0]))

    def _length(self, statement: ast.stmt) -> int:
        return self._place(statement.end_lineno, statement.end_col_offset) - self._place(*_start(statement))

    def _place(self, line: int | None, column: int | None) -> int:
        return self._starts[(line or 1) - 1] + (column or 0)


def _start(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.col_offset


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks directly inside a statement; those of a chain of `elif` all at once, since it may be very long."""
    parts: list[object] = [statement]
    for part in parts:
        for name in ("body", "handlers", "cases", "orelse", "finalbody"):
            block = getattr(part, name, None)
            if not isinstance(block, list) or not block:
                continue
            if name in ("handlers", "cases"):
                parts += block
            elif name == "orelse" and isinstance(part, ast.If) and len(block) == 1 and isinstance(block[0], ast.If):
                parts.append(block[0])
            else:
                yield block


def _cleanups(statement: ast.stmt) -> int:
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return len(statement.items)
    return sum(handler.name is not None for handler in getattr(statement, "handlers", []))
