"""How pytest-xdist hands out the tests to processes: `python -m pytest -p tools.spread -n 2 tests`.

A conftest.py of all tests would be one of the suites, too, which pytest collects in every grader.
"""

from __future__ import annotations

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling


class ByFileOrExercise(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out together the tests of a file, or, of those in `content`, all that ask the same exercise or assignment:
    they share what is graded.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/content/"):
            return nodeid.rpartition("[")[2]
        return nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    config.option.loadscopereorder = False  # it would put files with many tests first, however short these are
    return ByFileOrExercise(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no processor waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
