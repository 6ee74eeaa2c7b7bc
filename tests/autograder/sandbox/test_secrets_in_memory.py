"""What stands in the environment of whoever starts the zygote is nowhere in its memory, nor in that of its workers.

That suites, solutions and the work of others are not there either, once it has forked graders, is tested with those.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from autograder.sandbox.session import Session, Source

OWN = "canary-of-the-submission-51f0"


def found(pid: int, *needles: str) -> set[str]:
    """Those of `needles` that are anywhere in what a process can read of its own address space."""
    seen: set[str] = set()
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in lines:
            start, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if not rights.startswith("r") or "[v" in line:  # [vvar] and [vsyscall] are the kernel's
                continue
            memory.seek(int(start, 16))
            region = memory.read(int(end, 16) - int(start, 16))
            seen |= {needle for needle in needles if needle.encode() in region}
    return seen


@pytest.fixture
def searched():
    """`found`, where this user may search."""
    return found if os.geteuid() == 0 else pytest.skip("only root may read the memory of workers")


def test_the_environment_of_the_caller_is_in_no_memory(searched, zygote, open_line, canary):
    line = open_line()
    Session(Source("exercise", "exercise.py", f"own = {OWN!r}"), line).begin("test")
    assert searched(os.getpid(), canary) == {canary}
    assert searched(line._worker.pid, canary, OWN) == {OWN}
    # Its own environment shows that the search finds what is there.
    assert searched(zygote.pid, canary, OWN, "HOME=/nonexistent") == {"HOME=/nonexistent"}


def test_nothing_of_one_worker_is_in_the_next(searched, zygote, open_line):
    for text in (f"own = {OWN!r}", ""):
        line = open_line()
        Session(Source("exercise", "exercise.py", text), line).begin("test")
    assert searched(line._worker.pid, OWN) == set()
