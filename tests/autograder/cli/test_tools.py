"""What works on a clone only: called like the command line, and not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_a_submission_that_is_not_there_is_told_before_anything_is_made():
    command = [sys.executable, "-m", "tools.gradescope", "core", "nowhere"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert process.stderr == "autograder: nowhere does not exist; name the autograder's zip, and one submission\n"


@pytest.mark.parametrize(("module", "status"), [("autograder.cli", 0), ("tools.bench", 1), ("tools.gradescope", 1)])
def test_outside_of_the_clone_there_is_the_engine_only(tmp_path: Path, module: str, status: int):
    process = subprocess.run([sys.executable, "-c", f"import {module}"], cwd=tmp_path, capture_output=True, check=False)
    assert process.returncode == status, process.stderr.decode()
