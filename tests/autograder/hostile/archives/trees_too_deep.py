"""Hands in sources whose syntax trees are as deep as a file is long, and one of half a million statements

Route: names
Tries: to crash whoever walks them
Holds: They cost their submission at most.
"""

from __future__ import annotations

from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    texts = [
        "x" + ".a" * 400_000,
        "x = 1" + "+1" * 400_000,
        "x = " + "[" * 150 + "]" * 150 + "\n" + "if x: pass\n" + "elif x: pass\n" * 900,
        "f" + "()" * 400_000,
        "x = " + "lambda: " * 100_000 + "1",
        "x;" * 450_000,
    ]
    for name, text in zip(base, texts, strict=True):
        (folder / name).write_text(text)
