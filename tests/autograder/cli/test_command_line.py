"""The command line itself: its version, and a Python that cannot be started a second time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autograder as package

ELSEWHERE = "import sys; from autograder.cli import main; sys.executable = sys.argv.pop(1); main()"
"""Runs the command line as if this Python lay elsewhere."""


def test_the_version_is_told(autograder, tmp_path):
    process = autograder(tmp_path, "--version")
    assert (process.returncode, process.stdout) == (0, f"autograder {package.__version__}\n")


@pytest.mark.parametrize(("mode", "reason"), [(0o600, "Permission denied"), (None, "No such file or directory")])
def test_a_python_that_cannot_be_started_is_named_in_a_sentence(project: Path, mode: int | None, reason: str):
    """An ordinary user's, where only root may go."""
    place = project / "python"
    if mode is not None:
        place.write_text("#!/bin/sh\n")
        place.chmod(mode)
    command = [sys.executable, "-c", ELSEWHERE, str(place), "grade", "demo", "solutions/demo"]
    process = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr == (
        f"autograder: {place} cannot be started by this user: {reason}. Perhaps it lies where only another may go; "
        "use a Python that you may run: make setup PYTHON=/usr/bin/python3\n"
    )
