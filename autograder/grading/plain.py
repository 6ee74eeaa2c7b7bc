"""Calls a collected check directly, where it asks for nothing but our own fixtures.

pytest's runner renews all its machinery for every check that it runs again: twice the time of a check on a small layer.
"""

from __future__ import annotations

import pytest

from autograder.grading.plugin import Check
from autograder.grading.subjects import Subjects
from autograder.suite.compare import assert_close
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

_FIXTURES = frozenset({"student", "reference", "rng", "close"})
_MARKS = frozenset({"points", "form", "visibility", "parametrize"})


def is_plain(item: pytest.Item) -> bool:
    """The check is a function of its own that asks for no other fixtures, automatic ones and set-ups included."""
    if not isinstance(item, pytest.Function) or item.cls is not None:
        return False
    asked = set(item.fixturenames) - {"request"} - set(_parameters(item))
    return asked <= _FIXTURES and all(mark.name in _MARKS for mark in item.iter_markers())


def call_plainly(item: pytest.Item, check: Check, subjects: Subjects) -> None:
    """Call a plain check with what its fixtures give. Raises what it raises."""
    assert isinstance(item, pytest.Function)
    arguments = dict(_parameters(item))
    for name in item.fixturenames:
        if name == "close":
            arguments[name] = assert_close
        elif name == "rng":
            arguments[name] = Random(subjects.seed, check.stream)
        elif name == "student" or name == "reference":
            session = getattr(subjects, name)(check.exercise)
            session.begin(f"{subjects.seed}/{check.stream}")
            arguments[name] = Namespace(session, Random(subjects.seed, f"{check.stream}/{name}"))
    item.obj(**{name: arguments[name] for name in item._fixtureinfo.argnames})


def _parameters(item: pytest.Function) -> dict[str, object]:
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}
