"""Is a bomb: kilobytes that unpack to a gigabyte

Route: archives
Tries: to fill memory or disk
Holds: The ratio and the size are limited; what was read before is graded or refused, quickly.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        file.writestr("notes.txt", bytes(1 << 27), zipfile.ZIP_DEFLATED)
