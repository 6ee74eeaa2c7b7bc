"""Hands in sources that break parsers

Route: names
Tries: to crash or stall whoever compiles them: nesting, long numbers, NUL bytes, odd encodings
Holds: Each costs its exercise, with a message, in bounded time.
"""

from __future__ import annotations

from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    texts = [
        b"(" * 100_000,
        b"x = " + b"-" * 500_000 + b"1",
        b"x = " + b"9" * 1_000_000,
        b"\x00\xff\xfe import os",
        b"# -*- coding: rot13 -*-\nvzcbeg bf\n",
        b"if x:\n" + b"".join(b" " * depth + b"if x:\n" for depth in range(1, 150)),
    ]
    for name, text in zip(base, texts, strict=True):
        (folder / name).write_bytes(text)
