"""Has a member that is a device

Route: archives
Tries: to have the grader open it
Holds: It is refused with a clear message, and nothing is written anywhere.
"""

from __future__ import annotations

import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
        device = zipfile.ZipInfo("more/se_block.py")
        device.external_attr = 0o020666 << 16
        file.writestr(device, "")
