"""The files that judge an assignment, and their fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.course.layout import Layout

SAMPLES = ("rewritten", "pairs", "unknown")
"""The folders of an exercise that hold wrong implementations to prove what is said of mistakes."""
BANK = ("mistakes", "alternatives", "hollow", *SAMPLES)
"""All folders of an exercise that hold implementations of it: they prove, and do not judge."""


def judging_files(layout: Layout) -> list[Path]:
    """assignment.toml, the reference solutions, and the suites with exercise.toml but without the bank, sorted."""
    files = [*layout.suites.rglob("*.py"), *layout.suites.glob("*/exercise.toml")]
    for suite in map(layout.suite, layout.homes):  # of other assignments, what is used
        files += [*suite.rglob("*.py"), suite / "exercise.toml"]
    # The bank proves the suites, it does not judge: a new mistake makes no result out of date.
    suites = [file for file in files if not {*file.relative_to(layout.suites.parent).parts[2:3]} & {*BANK}]
    solutions = [*layout.solutions.rglob("*.py"), *map(layout.solution, layout.homes)]
    return sorted([layout.description, *solutions, *suites], key=layout.shown)


def public_files(layout: Layout, exercise: str) -> list[Path]:
    """What students get of a suite: the public checks, and beside.py where they use it."""
    checks, beside = layout.public_tests(exercise), layout.beside(exercise)
    if not checks.is_file():
        return []
    used = beside.is_file() and "student.beside" in checks.read_text(encoding="utf-8")
    return [checks, beside] if used else [checks]


def longest_first(layout: Layout, exercises: Iterable[str]) -> list[str]:
    """Exercises by the length of their suites, which is the best guess at how long they take before one has run."""

    def length(exercise: str) -> int:
        return sum(file.stat().st_size for file in layout.suite(exercise).glob("test_*.py"))

    return sorted(exercises, key=length, reverse=True)


def suite_hash(layout: Layout) -> str:
    """Which state of the suites a result was made with: 16 hex digits of SHA-256 over names and contents.

    Results with equal submission, hash and seed are equal, so a stored one may stand for a new one.
    """
    return _fingerprint(layout, judging_files(layout))


def exercise_hashes(layout: Layout, exercises: Sequence[str]) -> dict[str, str]:
    """For each of an assignment's exercises, which state of the files its result was made with, diagnosis included.

    Of the others' folders only exercise.toml counts: names and stubs of all say which code is whose.
    """
    stubs = [stub for stub in map(layout.stub, exercises) if stub.is_file()]
    judging = {*judging_files(layout), *stubs}
    hashes = {}
    for exercise in exercises:
        others = [layout.suite(name) for name in exercises if name != exercise]
        files = {file for file in judging if file.suffix == ".toml" or not any(o in file.parents for o in others)}
        files.update(layout.suite(exercise).rglob("*.py"))
        hashes[exercise] = _fingerprint(layout, sorted(files, key=layout.shown))
    return hashes


def _fingerprint(layout: Layout, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        # The length keeps a name and a content from running into each other.
        digest.update(f"{layout.shown(file)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]
