"""Zip files whose bytes depend on nothing but their members and a given time: same inputs, same zip, on any machine."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.results.whole import write_whole

EPOCH = datetime(1980, 1, 1)
"""The earliest that a zip can tell: for files that have no time of their own."""
_UNIX = 3


@dataclass(frozen=True)
class Member:
    """A file of a zip: its name with forward slashes, its content, and its permissions."""

    name: str
    content: bytes
    mode: int = 0o644


def zip_bytes(members: Iterable[Member], when: datetime = EPOCH) -> bytes:
    """A zip of these members, sorted by name, all of them of the time `when`, which a zip tells to two seconds.

    Raises ValueError when two have one name.
    """
    ordered = sorted(members, key=lambda member: member.name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for before, member in zip([None, *ordered], ordered, strict=False):
            if before is not None and before.name == member.name:
                raise ValueError(f"two members of a zip are named {member.name}")
            info = zipfile.ZipInfo(member.name, when.timetuple()[:6])
            info.create_system = _UNIX
            info.external_attr = (stat.S_IFREG | member.mode) << 16
            file.writestr(info, member.content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def write_zip(path: Path, members: Iterable[Member], when: datetime = EPOCH) -> Path:
    """Write such a zip to `path`, whole or not at all; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, zip_bytes(members, when))
    return path
