"""The autograder's zip of `core` and of a small project, and ways to run them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.packaging.autograder_zip import build_autograder_zip

ROOT = Path(__file__).resolve().parents[4]
TOML = """
title = "Small things"
name = "small"
exercises = ["triple", "half"]

[limits]
load_seconds = 5.0
question_seconds = 5.0
exercise_seconds = 30.0
memory_mb = 512
"""
TRIPLE = """
from torch import nn


class Triple(nn.Module):
    def forward(self, x):
        # BEGIN SOLUTION
        return 3 * x
        # END SOLUTION
"""
HALF = """
def half(x):
    # BEGIN SOLUTION
    return x / 2
    # END SOLUTION
"""
TEST_TRIPLE = '''
import pytest

from autograder.suite import assert_same_gradients, assert_same_outputs


@pytest.mark.points(2)
@pytest.mark.parametrize("rows", [1, 3], ids=["one/row", "three rows"])
def test_outputs(student, reference, rng, rows):
    """Same outputs."""
    assert_same_outputs(student.Triple(), reference.Triple(), [rng.randn(rows, rng.integer(2, 4))])


@pytest.mark.points(1)
def test_gradients(student, reference, rng):
    """Same gradients."""
    assert_same_gradients(student.Triple(), reference.Triple(), [rng.randn(2, 3)])
'''
TEST_TRIPLE_PUBLIC = '''
import pytest
import torch


@pytest.mark.points(1)
def test_shape(student):
    """The shape stays."""
    shape = tuple(student.Triple()(torch.zeros(2, 3)).shape)
    assert shape == (2, 3), f"the output has shape {shape}, expected (2, 3)"
'''
TEST_HALF = '''
import pytest

from autograder.suite import assert_close


@pytest.mark.points(2)
@pytest.mark.visibility("hidden")
def test_half(student, reference, rng):
    """Halves."""
    x = rng.randn(3)
    assert_close(student.half(x), reference.half(x), "the result")
'''
MISTAKE = '''"""adds the input twice over

One input is missing.

Hint: Count.
"""
from torch import nn


class Triple(nn.Module):
    def forward(self, x):
        return x + x
'''
ALTERNATIVE = MISTAKE.replace("adds the input twice over", "adds").replace("x + x", "x + x + x")


@pytest.fixture(scope="session")
def write() -> Callable[[Path, dict[str, str]], Path]:
    """Writes texts into a folder; returns the folder."""

    def write(folder: Path, files: dict[str, str]) -> Path:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return write


@pytest.fixture(scope="session")
def make_project(write: Callable[[Path, dict[str, str]], Path]) -> Callable[[Path], Path]:
    """Makes a project with one small assignment of two exercises in a folder."""
    files = {
        "assignments/small/assignment.toml": TOML,
        "solutions/small/triple.py": TRIPLE,
        "solutions/small/half.py": HALF,
        "tests/small/triple/exercise.toml": 'title = "Tripling"\npoints = 4\nnames = ["Triple"]\n',
        "tests/small/half/exercise.toml": 'title = "Halving"\npoints = 2\nnames = ["half"]\n',
        "tests/small/triple/test_triple.py": TEST_TRIPLE,
        "tests/small/triple/test_triple_public.py": TEST_TRIPLE_PUBLIC,
        "tests/small/triple/mistakes/adds_twice.py": MISTAKE,
        "tests/small/triple/alternatives/adds.py": ALTERNATIVE,
        "tests/small/half/test_half.py": TEST_HALF,
    }
    return lambda folder: write(folder, files)


@pytest.fixture
def project(tmp_path: Path, make_project: Callable[[Path], Path]) -> Path:
    """A small project of the test's own."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def core_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_autograder_zip(ROOT, "core", tmp_path_factory.mktemp("core"))


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Nothing from outside that otter or grading would heed, and lines that are not broken."""
    left_out = ("PYTHONPATH", "AUTOGRADER_SEED", "AUTOGRADER_SECONDS", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def otter(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs otter's own `otter run` with a zip on a submission; results.json comes into the folder `out`."""

    def run(package: Path, submission: Path, out: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        out.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "otter", "run", "--no-logo", "-a", str(package), "-o", str(out)]
        return subprocess.run(
            [*command, str(submission)],
            cwd=out,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


@pytest.fixture(scope="session")
def zipped() -> Callable[[Path, dict[str, str | bytes]], Path]:
    """Writes a zip with these members; returns its path."""

    def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as file:
            for name, content in members.items():
                file.writestr(name, content)
        return path

    return zipped
