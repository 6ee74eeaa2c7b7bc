"""One class of everything hostile, graded once per file of tests."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corpus import WHOLE, Conditions, Course, Exploit, Graded, corpus

_PR_SET_CHILD_SUBREAPER = 36
_NOTHING_TO_DO_WITH_LAYERS = {
    "archives",
    "exit",
    "flood",
    "forbidden",
    "hard-coded",
    "messages",
    "names",
    "notebooks",
    "protocol",
    "values",
}


@pytest.fixture(scope="module")
def course() -> Iterator[Course]:
    if sys.platform != "linux":
        pytest.skip("submissions are only confined on Linux")
    # Not in pytest's own folder, which is closed to the ordinary user.
    root = Path(tempfile.mkdtemp(prefix="autograder-corpus-"))
    yield Course(root)
    shutil.rmtree(root, ignore_errors=True)
    root.with_suffix(".log").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def grade(course: Course) -> Iterator[Callable[..., Graded]]:
    """Grades a class under conditions, with this process as the parent of whatever loses its own."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield course.grade
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def conditions(request: pytest.FixtureRequest) -> Conditions:
    """What the file of tests asks for by its CONDITIONS."""
    wanted: Conditions = request.module.CONDITIONS
    if wanted.as_user and os.geteuid() != 0:
        pytest.skip("only root can try what an ordinary user's run does")
    return wanted


@pytest.fixture(scope="module")
def hostile(conditions: Conditions) -> list[Exploit]:
    return [exploit for kind in ("exploits", "archives") for exploit in corpus(kind) if holds_at(exploit, conditions)]


@pytest.fixture(scope="module")
def graded(grade: Callable[..., Graded], hostile: list[Exploit], conditions: Conditions) -> Graded:
    """The class with all hostile submissions and controls."""
    return grade("class", [*hostile, *corpus("controls")], conditions)


@pytest.fixture(scope="module")
def alone(grade: Callable[..., Graded], conditions: Conditions) -> Graded:
    """The same class without them."""
    return grade("alone", [], conditions)


def holds_at(exploit: Exploit, conditions: Conditions) -> bool:
    """Whether an exploit is tried under these conditions: not where it would harm the machine itself, and with less
    than all isolation only where a layer makes a difference to it, and then three of ten, each under one of the three.
    """
    if conditions.level not in exploit.directive("levels", "full reduced none").split():
        return False
    if conditions == Conditions("full", beside=True):
        return True
    if exploit.says["Route"] in _NOTHING_TO_DO_WITH_LAYERS:
        return False
    turn = ("reduced", "none", "full").index(conditions.level)
    return WHOLE or zlib.crc32(exploit.name.encode()) % 10 == turn
