"""Is a zip in a zip in a zip

Route: archives
Tries: to make whoever unpacks it go down without end
Holds: Archives within archives are followed to a small depth.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    inner = b""
    for _ in range(60):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            for name, text in base.items() if not inner else ():
                file.writestr(name, text)
            file.writestr("inner.zip", inner)
            file.writestr("again.zip", inner)
        inner = buffer.getvalue()[: 1 << 20]
    (folder / "work.zip").write_bytes(inner)
