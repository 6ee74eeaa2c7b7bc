"""What a process that checks for --watch has found: a small file, which the process that watches reads."""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.results.whole import write_whole
from autograder.student.results import PublicResult


class Found(msgspec.Struct):
    """Results of exercises, as far as it has come, and what was noticed of the files."""

    results: dict[str, PublicResult] = {}
    notes: list[str] = []

    def write(self, path: Path) -> None:
        write_whole(path, msgspec.json.encode(self))

    @classmethod
    def read(cls, path: Path) -> Found:
        """What stands in the file; nothing, where there is none."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.DecodeError):
            return cls()
