"""Keeps results.json valid at every moment: each version replaces the one before as a whole, also on a full disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from autograder.gradescope.specification import Results
from autograder.results.whole import write_whole

_RESERVE = 2 << 20
"""Bytes set aside; the results of a large class of checks with long messages are a fifth of that."""


class ResultsFile:
    """The file, and some space that is kept for it while a student's code may fill the disk."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made if it is missing. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "results.json"
        self._reserve = folder / ".reserve"

    def set_aside(self) -> None:
        """Reserve space; where there is too little of it already, go on without."""
        try:
            with self._reserve.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, _RESERVE)
        except OSError as error:
            print(f"no space could be set aside for the results: {error}", file=sys.stderr)
            self._reserve.unlink(missing_ok=True)

    def write(self, results: Results) -> None:
        """Replace what is there. If not even the space set aside is enough, what was there before stays."""
        content = results.to_json()
        try:
            write_whole(self.path, content)
        except OSError:
            self.release()
            try:
                write_whole(self.path, content)
            except OSError as error:
                print(f"the results could not be written, earlier ones stay: {error}", file=sys.stderr)

    def release(self) -> None:
        """Give back the space that was set aside."""
        self._reserve.unlink(missing_ok=True)
