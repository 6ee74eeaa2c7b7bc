"""Has fifty thousand members

Route: archives
Tries: to make reading the directory take for ever
Holds: It is refused with a clear message, and nothing is written anywhere.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        for number in range(50_000):
            file.writestr(f"file{number}.txt", "")
