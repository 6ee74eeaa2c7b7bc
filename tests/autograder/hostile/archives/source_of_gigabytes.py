"""Hands in sources that are small, and become gigabytes when they are compiled

Route: names
Tries: to take the memory of whoever reads them: Python copies a `finally` block to every way out of its `try`
Holds: The process that reads has a limit; each source costs its exercise, with a message, and the others are graded.
"""

from __future__ import annotations

from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    nested = "".join(f"{' ' * level}try: pass\n{' ' * level}finally:\n" for level in range(95)) + " " * 95 + "pass\n"
    returns = "def f():\n try:\n  pass\n" + "  return\n" * 4_000 + " finally:\n" + "  x\n" * 4_000
    for name, text in base.items():
        (folder / name).write_text({"se_block.py": nested, "clip_grad.py": returns}.get(name, text))
