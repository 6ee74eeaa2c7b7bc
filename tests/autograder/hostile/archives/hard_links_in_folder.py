"""Hands in a FIFO, a folder and a device where files should be

Route: swapped
Tries: to have the grader wait for ever for the other end
Holds: Only regular files are opened, without waiting.
"""

from __future__ import annotations

import os
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    names = list(base)
    os.mkfifo(folder / names[0])
    (folder / names[1]).mkdir()
    (folder / names[2]).symlink_to("/dev/zero")
    for name in names[3:]:
        (folder / name).write_text(base[name])
