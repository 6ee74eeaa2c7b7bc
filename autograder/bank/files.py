"""Reads the files of the bank: wrong implementations that students really write, right ones that look different, and
hollow ones, which compute nothing of what is asked.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

_KINDS = {"mistakes": "mistake", "alternatives": "alternative", "hollow": "hollow"}
_LABELS = ("Hint:", "Costs more:")
"""What the paragraphs begin with that are no explanation."""


@dataclass(frozen=True)
class Entry:
    """One file of the bank."""

    name: str
    kind: str
    """mistake | alternative | hollow"""
    title: str
    """Of a mistake: completes "it behaves exactly like one that ..."."""
    explanation: str
    hint: str
    """For students; only mistakes have one."""
    text: str
    costs_more: str = ""
    """Why this one slip may cost more than most of the points, where it does."""


def read_entry(path: Path) -> Entry:
    """The entry in the file at `path`. Raises UsageError when its docstring is not as the bank wants it."""
    text = path.read_text(encoding="utf-8")
    where = "/".join(path.parts[-5:])  # tests/<assignment>/<exercise>/mistakes/<name>.py
    kind = _KINDS.get(path.parent.name, "alternative")
    try:
        document = _docstring(text)
    except SyntaxError as error:
        raise UsageError(f"{where}, line {error.lineno}: {error.msg}") from None
    paragraphs = [_one_line(part) for part in re.split(r"\n\s*\n", document) if part.strip()]
    hints, dear = (
        [part.removeprefix(label).strip() for part in paragraphs if part.startswith(label)] for label in _LABELS
    )
    explanation = " ".join(part for part in paragraphs[1:] if not part.startswith(_LABELS))
    if not paragraphs or not explanation:
        raise UsageError(f"{where}: the docstring needs a title and, after an empty line, an explanation")
    if kind == "mistake" and (len(hints) != 1 or not hints[0]):
        raise UsageError(f'{where}: the docstring needs one paragraph that begins with "Hint:"')
    if kind == "mistake" and (
        paragraphs[0].endswith(".") or (paragraphs[0][:1].isupper() and paragraphs[0][1:2].islower())
    ):
        raise UsageError(f'{where}: the title completes "it behaves like one that ...": lower case, no full stop')
    return Entry(path.stem, kind, paragraphs[0], explanation, "".join(hints[:1]), text, "".join(dear[:1]))


def _docstring(text: str) -> str:
    """The module's docstring as it stands in the file: `"a\\tb"` is read by students as its author wrote it."""
    tree = ast.parse(text)
    if ast.get_docstring(tree, clean=False) is None:
        return ""
    literal = ast.get_source_segment(text, tree.body[0]) or ""
    found = re.fullmatch(r"[rRuU]?(\"{3}|'{3}|\"|')(.*)\1", literal, re.DOTALL)
    return found[2] if found else ""


def _one_line(paragraph: str) -> str:
    """Without its line ends, but with the blanks inside of a line, which code may need."""
    return " ".join(line.strip() for line in paragraph.strip().splitlines())


def entries(folder: Path) -> list[Entry]:
    """Every entry in a `mistakes`, `alternatives` or `hollow` folder, by name."""
    return [read_entry(path) for path in sorted(folder.glob("*.py"))]
