"""Hands in links

Route: swapped
Tries: to have the solutions read as its own work, through links to files and folders
Holds: Links are not followed.
"""

from __future__ import annotations

from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    project = next(place for place in folder.parents if (place / "solutions").is_dir())
    for name in base:
        (folder / name).symlink_to(project / "solutions" / "core" / name)
