"""Has members with absolute names

Route: archives
Tries: to write to fixed places, also in the way of Windows
Holds: It is refused with a clear message, and nothing is written anywhere.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        for name in ("/tmp/autograder-hostile-was-here", "C:\\autograder-hostile-was-here", "\\\\server\\share\\x"):
            file.writestr(name, "x")
