"""Has two members of one name

Route: archives
Tries: to be one file for a check and another for the grader
Holds: One of them counts, whichever: it is read once.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, text in base.items():
                file.writestr(name, text.replace("relu", "gelu"))
