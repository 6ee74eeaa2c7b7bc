"""Is cut off in the middle

Route: archives
Tries: to crash what reads it
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
    data = buffer.getvalue()
    (folder / "work.zip").write_bytes(data[: len(data) // 2] + b"PK\x05\x06" + data[-18:])
