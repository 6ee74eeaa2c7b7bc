"""The command that `explain` prints repeats a result byte for byte."""

from __future__ import annotations

import re
import shlex
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

SECONDS = re.compile(r'"seconds": [^,]+')


def test_the_command_repeats_the_result(project: Path, autograder) -> None:
    with zipfile.ZipFile(project / "submissions.zip", "w") as archive:
        archive.writestr("kim_LATE_1_10_shift-1.py", "def shift(x):\n    return x + 2\n")
        archive.writestr("kim_LATE_1_11_notes.txt", "")
        archive.writestr("lee_2_12_shift.py", "def shift(x):\n    return x + 1\n")
    graded = autograder(project, "grade", "demo", "submissions.zip", "--out", "out")
    assert graded.stdout.startswith("Canvas: 2 students, 1 late\n"), graded.stdout + graded.stderr
    told = autograder(project, "explain", "out", "1").stdout
    (command,) = re.findall(r"^  autograder (.*)$", told, re.MULTILINE)
    assert autograder(project, *shlex.split(command)).returncode == 0
    results = [SECONDS.sub("", (project / out / "results/kim.json").read_text()) for out in ("out", "out-again")]
    assert results[0] == results[1]
    assert "counts as `shift.py`" in results[0]
