"""The files that judge an assignment, and their fingerprint."""

from __future__ import annotations

import hashlib
from pathlib import Path

from autograder.course.layout import Layout


def judging_files(layout: Layout) -> list[Path]:
    """assignment.toml, the reference solutions, and the suites without their bank, in a stable order."""
    suites = [file for file in layout.suites.rglob("*.py") if not _in_bank(file.relative_to(layout.suites))]
    return sorted([layout.description, *layout.solutions.rglob("*.py"), *suites], key=layout.shown)


def _in_bank(file: Path) -> bool:
    # The bank proves the suites, it does not judge: a new mistake makes no result out of date.
    return file.parts[1:2] in (("mistakes",), ("alternatives",), ("hollow",))


def suite_hash(layout: Layout) -> str:
    """Which state of the suites a result was made with: 16 hex digits of SHA-256 over names and contents.

    Results with equal submission, hash and seed are equal, so a stored one may stand for a new one.
    """
    digest = hashlib.sha256()
    for file in judging_files(layout):
        content = file.read_bytes()
        # The length keeps a name and a content from running into each other.
        digest.update(f"{layout.shown(file)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]
