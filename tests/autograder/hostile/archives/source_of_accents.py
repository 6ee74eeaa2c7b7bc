"""Hands in a name of a hundred thousand accents

Route: names
Tries: to keep whoever reads it busy for hours: Python sorts the accents of a name, in quadratic time
Holds: The process that reads runs out of time; the submission costs itself and nobody else.
"""

from __future__ import annotations

from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    for name, text in base.items():
        accents = "a" + "\u0300\u0323" * 100_000 + " = 1\n"
        (folder / name).write_text(accents + text if name == "se_block.py" else text, encoding="utf-8")
