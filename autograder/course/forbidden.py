"""Named sets of names that an exercise forbids, from forbidden.toml beside this file."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import msgspec

from autograder.errors import did_you_mean


def expanded(patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns with each "@name" replaced by those of that set. Raises ValueError for a set that there is not."""
    return tuple(one for pattern in patterns for one in (_named(pattern) if pattern[:1] == "@" else (pattern,)))


def _named(pattern: str) -> tuple[str, ...]:
    if pattern[1:] not in _sets():
        known = [f"@{name}" for name in _sets()]
        raise ValueError(
            f'key "forbidden": there is no set "{pattern}"{did_you_mean(pattern, known)}; there are {", ".join(known)}'
        )
    return _sets()[pattern[1:]]


@functools.cache
def _sets() -> dict[str, tuple[str, ...]]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[str, tuple[str, ...]])
