"""Students whose names are formulas, markup, or no names at all: everybody has a row, a result and a page."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable

import pytest
from corpus import Conditions, Graded

CONDITIONS = Conditions("full")
NAMES = (
    "=1+1",
    "@SUM(1+1)*cmd|' !A0",
    "+12",
    "-12",
    "＝1+1",
    "－1+1",
    "\tindented",
    "line\nbreak",
    "<b onclick=alert(1)>",
    "[bold red]20 **100**",
    "`whoami` $(reboot) ;ls",
    "\u202egnihtyna",
    "\x1b[2J\x07red",
    "CON",
    "Ame\u0301lie",
    "Am\u00e9lie",
    "김민준",
    "base ",
    "BASE",
    "x" * 200,
    "name,with;separators",
    "\udcb1\udce8",  # a name in another encoding, as an archive from Windows leaves it
)


@pytest.fixture(scope="module")
def named(grade: Callable[..., Graded]) -> Graded:
    return grade("class", [], CONDITIONS, NAMES)


@pytest.fixture(scope="module")
def rows(named: Graded) -> list[dict[str, str]]:
    with open(named.out / "grades.csv", newline="", encoding="utf-8-sig") as table:
        return list(csv.DictReader(table))


def test_everybody_is_graded(named: Graded, rows: list[dict[str, str]]) -> None:
    assert named.status == 0, named.printed[-3000:]
    assert len(rows) == len(NAMES) + 3
    assert [row["clip_grad"] for row in rows] == ["15"] * len(rows)


def test_everybody_has_a_result_and_two_pages(named: Graded) -> None:
    assert len(list((named.out / "results").iterdir())) == len(NAMES) + 3
    assert len(list((named.out / "feedback").iterdir())) == 2 * (len(NAMES) + 3)


def test_a_spreadsheet_takes_no_name_for_a_formula(rows: list[dict[str, str]]) -> None:
    assert [row["student"] for row in rows if _first(row["student"]) in "=+-@\t\r"] == []


def test_nothing_in_a_name_acts_on_a_terminal_or_turns_the_direction(named: Graded, rows: list[dict[str, str]]) -> None:
    told = named.printed + "".join(row["student"] for row in rows)
    told += "".join(page.name + page.read_text() for page in (named.out / "feedback").iterdir())
    assert {c for c in told if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"} == set()


def test_nothing_is_changed_or_left(named: Graded) -> None:
    assert (named.left, named.changed) == ((), ())


def _first(name: str) -> str:
    """The first character, in its usual width."""
    return unicodedata.normalize("NFKC", name[0])
