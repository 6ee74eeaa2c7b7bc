"""Which exercise is meant by what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import PureWindowsPath

from autograder.language import tr


def exercise_named(typed: str, names: Sequence[str]) -> str | None:
    """An exercise by its name or that of its file, as shells complete it: `./se_block.py`, `.\\se_block.py`."""
    name = _bare(typed)
    return next((each for each in names if each.casefold() == name), None)


def no_such_exercise(typed: str, names: Sequence[str]) -> str:
    """That there is none of this name, and which one it may have been."""
    close = get_close_matches(_bare(typed), names, n=1)
    if close:
        return tr("There is no exercise {typed}. Did you mean {close}?", typed=typed, close=close[0])
    return tr("There is no exercise {typed}.", typed=typed)


def _bare(typed: str) -> str:
    return PureWindowsPath(typed).name.casefold().removesuffix(".py")  # takes both kinds of slash
