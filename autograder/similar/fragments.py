"""Fragments of code: six words in a row, in which it does not matter what variables are called."""

from __future__ import annotations

import keyword
import re
from collections import defaultdict

LENGTH = 6
"""Of 171 copies in which a program has reordered all it can, 6 words find more than 8: `python -m tools.copies`."""
_MOST_WORDS = 50_000
_WORD = re.compile(
    r"""(?P<skip>\#[^\n]*|[rRbBuUfF]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"[^"\n]*"|'[^'\n]*'))"""
    r"|(?P<line>\n)|(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>\*\*|//|[-+*/@%<>=!]=|->|[^\s\w])",
    re.DOTALL,
)
_KEPT = frozenset({*keyword.kwlist, "self", "super"})


def words(text: str) -> list[tuple[str, int]]:
    """The words of some code and their lines, from 1, without comments and strings. Names of variables are all one.

    What is called, or stands behind a dot, keeps its name.
    """
    found: list[tuple[str, int]] = []
    line = 1
    for match in _WORD.finditer(text):
        word = match[0]
        if match["name"] and word not in _KEPT:
            before = found[-1][0] if found else ""
            called = text[match.end() : match.end() + 1] == "("
            word = word if before == "." or (called and before not in ("def", "class")) else "n"
        if not match["skip"] and not match["line"]:
            found.append((word, line))
        line += match[0].count("\n")
        if len(found) >= _MOST_WORDS:
            break
    return found


def fragments(text: str) -> dict[tuple[str, ...], list[int]]:
    """Every fragment of the code, and the lines that it touches."""
    found: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    told = words(text)
    for start in range(len(told) - LENGTH + 1):
        part = told[start : start + LENGTH]
        found[tuple(word for word, _ in part)] += sorted({line for _, line in part})
    return dict(found)
