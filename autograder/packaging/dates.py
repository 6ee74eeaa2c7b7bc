"""When files were last changed, as git knows it: the same on every machine, whenever they were checked out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from autograder.packaging.zips import EPOCH


def last_commit(root: Path, paths: Iterable[Path]) -> datetime:
    """The time (UTC) of the last commit that changed one of the paths; EPOCH where git knows none of them.

    A clone without history has one commit, which counts as the last change of everything.
    """
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct", "--", *map(str, paths)]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # no git, or no repository
        return EPOCH
    return max(EPOCH, datetime.fromtimestamp(int(said), timezone.utc).replace(tzinfo=None)) if said.strip() else EPOCH
