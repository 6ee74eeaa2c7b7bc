"""The messages of the engine, and what a catalogue lacks of messages or says otherwise."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.language.po import read_catalogue
from autograder.language.source import Message

_ROOT = Path(__file__).parents[1]
_STRING = r'"(?:[^"\\]|\\.)*"'
_IN_TEMPLATE = re.compile(rf"\btr(?:_n)?\(({_STRING})(?:, ({_STRING}))?")
_TAKE_MESSAGES = ("tr", "tr_n", "mark", "BadArchiveError", "UnreadableError")
_IN_STYLE = re.compile(r' / "([^"\\]+)"')
_PLACEHOLDER = re.compile(r"\{([\w.]*)(?:![a-z])?(?::[^{}]*)?\}")


def engine_messages() -> Iterator[tuple[Path, Message]]:
    """What code and templates give to what translates, with the file that says it."""
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


def untranslated(path: Path, messages: Iterable[tuple[Path, Message]]) -> list[str]:
    """The messages that a catalogue has no translation of."""
    there = read_catalogue(path).messages if path.is_file() else {}
    return list(dict.fromkeys(each.text for _, each in messages if each.text not in there))


def misfits(path: Path) -> list[str]:
    """Translations that have other placeholders than the source, or begin or end otherwise, a sentence each."""
    return [
        f"{told!r} does not have the {what} of {text!r}"
        for text, forms in read_catalogue(path).messages.items()
        for told in forms
        for what, of in (("placeholders", _placeholders), ("spaces at its ends", _ends))
        if of(told) != of(text)
    ]


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text.replace("{{", "").replace("}}", "")))


def _ends(text: str) -> tuple[bool, bool]:
    """Parts of sentences are joined as they are."""
    return text[:1] == " ", text[-1:] == " "
