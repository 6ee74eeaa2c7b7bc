"""Long files of tests first: they are spread over the cores as they come, and none is left to be waited for alone."""

from __future__ import annotations

from pathlib import Path

import pytest

_LONG = (
    "packaging/simulated",
    "hostile/test_full.py",
    "hostile/test_ordinary_user.py",
    "packaging/otter",
    "core/test_core_bank.py",
    "hostile",
    "diagnosis",
    "cli",
)
"""The longest first."""
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    if _HERE not in path.parents:
        return len(_LONG)
    name = path.relative_to(_HERE).as_posix()
    return next((rank for rank, long in enumerate(_LONG) if name == long or name.startswith(f"{long}/")), len(_LONG))
