"""Errors that are meant for people. This module imports nothing of the engine, so every room may use it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UsageError(Exception):
    """Something the caller must put right; its text says what, where and what to do. Shown without a traceback."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """A guess at what was meant, in parentheses and with a space before it; empty where nothing is close."""
    close = difflib.get_close_matches(wrong, list(known), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""
