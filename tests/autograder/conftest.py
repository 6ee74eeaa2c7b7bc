"""What several folders of tests share: a small project, a zygote, a Python that has imported torch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from forked_python import forked_python

from autograder.sandbox.launcher import Zygote

collect_ignore = ["project"]
"""Exercises with suites of their own, which test_project.py runs."""

DOUBLE = """
from torch import nn


class Double(nn.Module):
    def forward(self, x):
        # BEGIN SOLUTION
        return 2 * x
        # END SOLUTION
"""
SHIFT = """
def shift(x):
    # BEGIN SOLUTION
    return x + 1
    # END SOLUTION
"""
DESCRIBED_DOUBLE = """
title = "Doubling"
points = 4
names = ["Double"]
forbidden = ["torch.nn.Bilinear"]
"""
DESCRIBED_SHIFT = """
title = "Shifting"
points = 1
names = ["shift"]
"""
TEST_DOUBLE = '''
import pytest

from autograder.suite import assert_same_gradients, assert_same_outputs


@pytest.mark.points(2)
def test_outputs(student, reference, rng):
    """Same outputs."""
    assert_same_outputs(student.Double(), reference.Double(), [rng.randn(rng.integer(2, 4), 3)])


@pytest.mark.points(1)
def test_gradients(student, reference, rng):
    """Same gradients."""
    assert_same_gradients(student.Double(), reference.Double(), [rng.randn(2, 3)])
'''
TEST_DOUBLE_PUBLIC = '''
import pytest
import torch


@pytest.mark.points(1)
def test_shape(student):
    """The shape stays."""
    shape = tuple(student.Double()(torch.zeros(2, 3)).shape)
    assert shape == (2, 3), f"the output has shape {shape}, expected (2, 3)"
'''
TEST_SHIFT = '''
import pytest

from autograder.suite import assert_close


@pytest.mark.points(1)
@pytest.mark.visibility("hidden")
def test_shift(student, reference, rng):
    """One is added."""
    x = rng.randn(3)
    assert_close(student.shift(x), reference.shift(x), "the result")
'''


@pytest.fixture(scope="session")
def demo_files() -> dict[str, str]:
    """A small project of two exercises, by path: all but its assignment.toml."""
    return {
        "solutions/demo/double.py": DOUBLE,
        "solutions/demo/shift.py": SHIFT,
        "tests/demo/double/exercise.toml": DESCRIBED_DOUBLE,
        "tests/demo/double/test_double.py": TEST_DOUBLE,
        "tests/demo/double/test_double_public.py": TEST_DOUBLE_PUBLIC,
        "tests/demo/shift/exercise.toml": DESCRIBED_SHIFT,
        "tests/demo/shift/test_shift.py": TEST_SHIFT,
    }


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """One zygote for all tests of this process: starting it takes as long as `import torch`."""
    if sys.platform != "linux":
        pytest.skip("graders and workers are only tested on Linux")
    with Zygote() as started:
        started.report()
        yield started


@pytest.fixture(scope="session")
def python() -> Iterator[str]:
    """The path of a Python that has imported torch. Tests of how a process starts, or ends, take `sys.executable`."""
    with forked_python() as path:
        yield path


@pytest.fixture(scope="session")
def workers_of() -> Callable[[int], list[psutil.Process]]:
    """The workers that a zygote has forked, the oldest first.

    Its first child forks the readers. Only times tell which that is: process numbers start again from the bottom.
    """

    def workers(zygote: int) -> list[psutil.Process]:
        _readers, *workers = sorted(psutil.Process(zygote).children(), key=psutil.Process.create_time)
        return workers

    return workers


@pytest.fixture
def suites_forgotten(tmp_path: Path) -> Iterator[None]:
    """Modules that lie in the test's own folder are forgotten after it: pytest finds them by their place in a project.

    Nothing else is: a library that was imported meanwhile, as torchvision is, cannot be imported twice.
    """
    yield
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and tmp_path in Path(file).parents:
            del sys.modules[name]
