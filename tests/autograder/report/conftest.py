"""A simulated class: nothing is graded here."""

from __future__ import annotations

import pytest

from autograder.results.model import Result
from autograder.sources.model import ClassList
from tools.simulate import simulated


@pytest.fixture(scope="session")
def small() -> tuple[ClassList, dict[str, Result]]:
    """Forty students, the first with hostile names."""
    return simulated(40)
