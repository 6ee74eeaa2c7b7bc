"""The language that a process speaks. Messages are written in English, and translated when they are made.

`tr` looks a message up in the catalogues of the language that `speak` has chosen, and fills it in:

    tr("{what} has shape {got}, expected {wanted}.", what=what, got=got, wanted=wanted)

What no catalogue has stays English. The engine's catalogues are `autograder/locale/<language>/engine.po`, one folder
for each language. Whatever is decided by a message is decided by data beside it, never by its words.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

from autograder.errors import UsageError
from autograder.language.po import Catalogue, read_catalogue

SOURCE = "en"
"""The language in which everything is written."""
LOCALE = Path(__file__).parents[1] / "locale"
ENGINE = "engine.po"
_NONE = Catalogue({}, "n != 1")
Value = TypeVar("Value")


class _Spoken:
    """What this process speaks."""

    def __init__(self) -> None:
        self.language, self.catalogue = SOURCE, _NONE


_spoken = _Spoken()


def languages() -> list[str]:
    """The languages that the engine speaks."""
    return [SOURCE, *sorted(file.parent.name for file in LOCALE.glob(f"*/{ENGINE}"))]


def require_language(language: str) -> None:
    """Raise UsageError for a language that the engine does not speak."""
    if language not in languages():
        raise UsageError(f'there is no language "{language}"; there are {", ".join(languages())}')


def speak(language: str, catalogues: Iterable[Path] = ()) -> None:
    """Let this process speak a language from now on, with the engine's catalogue and these.

    A catalogue that is not there has no translations.
    """
    own = read_catalogue(LOCALE / language / ENGINE) if language != SOURCE else _NONE
    found = [read_catalogue(path) for path in catalogues if path.is_file()] if language != SOURCE else []
    messages = {text: told for each in (*found, own) for text, told in each.messages.items()}
    _spoken.language, _spoken.catalogue = language, Catalogue(messages, own.plural)


@contextmanager
def speaking(language: str, catalogues: Iterable[Path] = ()) -> Iterator[None]:
    """Inside, the process speaks a language."""
    before = _spoken.language, _spoken.catalogue
    speak(language, catalogues)
    try:
        yield
    finally:
        _spoken.language, _spoken.catalogue = before


def spoken() -> str:
    """The language that this process speaks: "en", "ko"."""
    return _spoken.language


def mark(message: str) -> str:
    """The message as it is, for whoever collects messages: it is translated where it is shown."""
    return message


def tr(message: str, **values: object) -> str:
    """A message in the language of this process, filled in with the values, if there are any."""
    told = _spoken.catalogue.messages.get(message, (message,))[0] if message else ""
    return told.format(**values) if values else told


class Told(str):
    """A translated text that is shown as it is, and that otherwise counts as its source: what is one and the same, or
    the key to something, must not depend on the language.
    """

    source: str

    def __new__(cls, text: str, source: str) -> Told:
        told = super().__new__(cls, text)
        told.source = source
        return told

    def __eq__(self, other: object) -> bool:
        return self.source == (other.source if isinstance(other, Told) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.source)


def source_of(value: Value) -> Value | str:
    """What was translated, where that is known, else the value itself."""
    return value.source if isinstance(value, Told) else value


def tr_kept(message: str, **values: object) -> str:
    """Like `tr`, and the source is kept."""
    text = tr(message, **values)
    if _spoken.language == SOURCE:
        return text
    sources = {name: source_of(value) for name, value in values.items()}
    return Told(text, message.format(**sources) if values else message)


def tr_n(one: str, several: str, count: float, **values: object) -> str:
    """The same of a message that says how many, `{count:g}`: `one` is its form for 1, `several` for others."""
    catalogue = _spoken.catalogue
    told = catalogue.messages.get(one)
    if told is None:
        return (one if count == 1 else several).format(count=count, **values)
    form = min(_form(catalogue.plural)(int(count)), len(told) - 1)
    return told[form].format(count=count, **values)


@cache
def _form(plural: str) -> Callable[[int], int]:
    return gettext.c2py(plural)
