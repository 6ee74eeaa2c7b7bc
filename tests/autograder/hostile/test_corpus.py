"""The corpus itself: large enough, every row of the table of attacks taken, and each file says what it tries."""

from __future__ import annotations

from collections import Counter

import pytest
from checks import CONTROLS, EXPLOITS
from corpus import EXERCISES

ROUTES = [
    "archives",
    "disk",
    "exit",
    "flood",
    "forbidden",
    "hard-coded",
    "memory",
    "messages",
    "names",
    "network",
    "notebooks",
    "processes",
    "protocol",
    "results",
    "shared-place",
    "swapped",
    "system-calls",
    "time-out",
    "values",
]


def test_there_are_enough_and_every_route_is_taken():
    routes = Counter(exploit.says["Route"] for exploit in EXPLOITS)
    assert len(EXPLOITS) >= 60
    assert len(CONTROLS) >= 8
    assert sorted(routes) == ROUTES
    assert routes["protocol"] >= 8


@pytest.mark.parametrize("exploit", EXPLOITS, ids=lambda exploit: exploit.name)
def test_each_says_what_it_tries_and_what_holds(exploit):
    assert {"Title", "Route", "Tries", "Holds"} <= exploit.says.keys()
    assert exploit.kind == "archives" or exploit.directive("exercise") in (*EXERCISES, "all")
    assert set(exploit.directive("levels", "full").split()) <= {"full", "reduced", "none"}
