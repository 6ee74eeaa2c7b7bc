"""Has a member that is marked as encrypted

Route: archives
Tries: to make the grader ask for a password
Holds: It is refused with a clear message.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in base.items():
            file.writestr(name, text)
    data = bytearray(buffer.getvalue())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(sign, at + 1)
    (folder / "work.zip").write_bytes(data)
