"""A project with one exercise, a zygote, and suites that are collected inside a test."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.batch.grader import Job, Setup
from autograder.course.assignment import Assignment, load_assignment
from autograder.course.layout import Layout
from autograder.course.suites import suite_hash
from autograder.grading.subjects import InProcess, References
from autograder.grading.suites import Outcome, Suites, collect

TOML = """
title = "Demonstration"
name = "demo"
exercises = ["double"]

[limits]
question_seconds = 0.5
"""
DESCRIBED = """
title = "Doubling"
points = 4
names = ["Double"]
"""
SOLUTION = """
from torch import nn


class Double(nn.Module):
    def forward(self, x):
        # BEGIN SOLUTION
        return 2 * x
        # END SOLUTION
"""
SUITE = '''
import pytest

from autograder.suite import assert_same_gradients, assert_same_outputs


@pytest.mark.points(2)
@pytest.mark.parametrize("size", [2, 5])
def test_outputs(student, reference, rng, size):
    """Same outputs."""
    assert_same_outputs(student.Double(), reference.Double(), [rng.randn(3, size)])


@pytest.mark.points(1)
def test_gradients(student, reference, rng):
    """Same gradients."""
    assert_same_gradients(student.Double(), reference.Double(), [rng.randn(3, 2)])
'''
PUBLIC = '''
import pytest
import torch


@pytest.mark.points(1)
def test_shape(student):
    """The shape stays."""
    shape = tuple(student.Double()(torch.zeros(2, 3)).shape)
    assert shape == (2, 3), f"the output has shape {shape}, expected (2, 3)"
'''


@dataclass
class Project:
    """A project on disk, and what is handed in for it."""

    root: Path

    @property
    def layout(self) -> Layout:
        return Layout(self.root, "demo")

    @property
    def assignment(self) -> Assignment:
        return load_assignment(self.root, "demo")

    def write(self, name: str, text: str) -> Path:
        """Write a file, named from the project's folder."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def write_suite(self, text: str) -> None:
        """Put this in the place of both suites."""
        self.write("tests/demo/double/test_double.py", text)
        (self.root / "tests/demo/double/test_double_public.py").unlink(missing_ok=True)

    def hand_in(self, student: str, forward: str) -> Job:
        """A submission whose `Double.forward` has this body."""
        head = "import torch\nfrom torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n"
        path = self.write(f"class/{student}/double.py", f"{head}        {forward}\n")
        return Job(student, bytes(path.parent))

    def setup(self, seed: int = 5) -> Setup:
        return Setup(str(self.root), "demo", suite_hash(self.layout), seed, "full")


@pytest.fixture(scope="session", autouse=True)
def _quick_collections() -> Iterator[None]:
    """A pytest inside a test collects garbage when it ends: let it look at its own only, not at all of torch's."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.write("assignments/demo/assignment.toml", TOML)
    made.write("tests/demo/double/exercise.toml", DESCRIBED)
    made.write("solutions/demo/double.py", SOLUTION)
    made.write("tests/demo/double/test_double.py", SUITE)
    made.write("tests/demo/double/test_double_public.py", PUBLIC)
    return made


@pytest.fixture
def collected(project: Project, suites_forgotten: None) -> Callable[[], Suites]:
    """Collects the project's suites, as a grader does."""

    def collect_() -> Suites:
        # Modules of suites are cached by their place in the project, and each test has a project of its own.
        for name in [name for name in sys.modules if name.startswith("demo.")]:
            del sys.modules[name]
        return collect([project.layout.suite("double")])

    return collect_


@pytest.fixture
def run(project: Project, collected: Callable[[], Suites]) -> Callable[..., list[Outcome]]:
    """Runs the project's suite, in this process, on a submission with this forward (or this whole text)."""

    def run_(forward: str = "return 2 * x", *, text: str | None = None, seed: int = 0) -> list[Outcome]:
        file = project.hand_in("kim", forward).place / "double.py"
        file.write_text(text if text is not None else file.read_text())
        subjects = InProcess(file, References(project.layout), seed)
        outcomes = list(collected().run(subjects, "double"))
        subjects.close()
        return outcomes

    return run_
