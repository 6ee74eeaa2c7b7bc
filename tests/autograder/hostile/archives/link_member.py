"""Has a member that is a symbolic link

Route: archives
Tries: to have the solution read through a link of the exercise's name
Holds: It is refused with a clear message, and nothing is written anywhere.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        link = zipfile.ZipInfo("links/residual_block.py")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
