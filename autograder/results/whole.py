"""Writes a file whole or not at all, and says beforehand where that cannot be done."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from autograder.errors import UsageError

PART = ".part"
"""Ending of what is being written in a folder of results; with a dot before it, it is nobody's yet."""


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that no reader, and no crash, ever sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def require_writable(folder: Path, purpose: str, remedy: str) -> None:
    """Raise UsageError unless a file can be made in the folder, which itself may have to be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise UsageError(f"{purpose}: {there} is not a folder; {remedy}")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{purpose}: {there} is not writable; {remedy}")
