"""What is missing in a catalogue, and where it cannot be right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from autograder.language.po import read_catalogue
from autograder.language.source import Message

_PLACEHOLDER = re.compile(r"\{([\w.]*)(?:![a-z])?(?::[^{}]*)?\}")


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
