"""The messages of the engine itself: what its code and its templates give to what translates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.language.source import Message

_ROOT = Path(__file__).parents[1]
_STRING = r'"(?:[^"\\]|\\.)*"'
_IN_TEMPLATE = re.compile(rf"\btr(?:_n)?\(({_STRING})(?:, ({_STRING}))?")
_TAKE_MESSAGES = ("tr", "tr_n", "mark", "BadArchiveError", "UnreadableError")
_IN_STYLE = re.compile(r' / "([^"\\]+)"')


def engine_messages() -> Iterator[tuple[Path, Message]]:
    """Every message, with the file that says it."""
    for path in sorted(_ROOT.rglob("*.py")):
        yield from ((path, each) for each in _in_code(ast.parse(path.read_text(encoding="utf-8"))))
    for path in sorted([*_ROOT.rglob("*.j2"), *_ROOT.glob("*/templates/*.css")]):
        text = path.read_text(encoding="utf-8")
        pattern = _IN_STYLE if path.suffix == ".css" else _IN_TEMPLATE
        for found in pattern.finditer(text):
            one, *others = (
                part if path.suffix == ".css" else ast.literal_eval(part) for part in found.groups() if part
            )
            yield path, Message(one, text.count("\n", 0, found.start()) + 1, plural="".join(others))


def _in_code(tree: ast.Module) -> Iterator[Message]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TAKE_MESSAGES:
            texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
            if texts and isinstance(texts[0], str):
                plural = str(texts[1]) if node.func.id == "tr_n" else ""
                yield Message(texts[0], node.lineno, plural=plural)
