"""Has names that differ by case or Unicode form only

Route: archives
Tries: to overwrite one file by another where the disk does not tell them apart
Holds: Nothing is unpacked to the disk.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        for name in (
            "Residual_Block.py",
            "RESIDUAL_BLOCK.PY",
            "re\u0301sidual_block.py",
            "r\u00e9sidual_block.py",
            "residual_block.py ",
        ):
            file.writestr(name, "raise RuntimeError('ESCAPED')")
