"""Which exercise is meant by what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import PureWindowsPath


def exercise_named(typed: str, names: Sequence[str]) -> str | None:
    """An exercise by its name or that of its file, as shells complete it: `./se_block.py`, `.\\se_block.py`."""
    name = _bare(typed)
    return next((each for each in names if each.casefold() == name), None)


def no_such_exercise(typed: str, names: Sequence[str]) -> str:
    """That there is none of this name, and which one it may have been."""
    close = get_close_matches(_bare(typed), names, n=1)
    return f"There is no exercise {typed}." + (f" Did you mean {close[0]}?" if close else "")


def _bare(typed: str) -> str:
    return PureWindowsPath(typed).name.casefold().removesuffix(".py")  # takes both kinds of slash
