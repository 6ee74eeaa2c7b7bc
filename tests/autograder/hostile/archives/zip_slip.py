"""Has members that climb out of the archive

Route: archives
Tries: to write beside and above the folder into which it is unpacked
Holds: It is refused with a clear message, and nothing is written anywhere.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        for up in ("../", "../../../../../../", "a/../../"):
            file.writestr(up + "tmp/autograder-hostile-was-here", "x")
