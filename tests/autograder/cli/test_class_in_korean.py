"""Commands on a class that was graded in Korean speak Korean, in the terminal and in the files that they write."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from typer.testing import CliRunner

from autograder.cli import app
from autograder.sources.model import Member
from autograder.sources.store import read_class, write_class
from tools.simulate import simulated, write

POLICY = """\
due = 2026-01-30T12:00:00Z
slip_days = 1
steps = [[1, 0.9]]
"""
LATE = "2026-02-01T12:00:00Z"
"""Two days."""
HANGUL = re.compile("[가-힣]")
COMMANDS = {
    "policy": ("policy", "{out}"),
    "export": ("export", "{out}"),
    "export into": ("export", "{out}", "--into", "{sheet}"),
    "items": ("items", "{out}"),
    "diff": ("diff", "{before}", "{out}"),
    "explain": ("explain", "{out}", "kim"),
    "report": ("report", "{out}"),
}
SAME_IN_ENGLISH = re.compile(r"  autograder grade |#|    |$")
"""Lines of names, of the suite's words and of commands."""


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Two runs over a class of six, of which `kim` was late and has better marks in the second."""
    found, results = simulated(6, hostile=False)
    (first, result), *others = results.items()
    rows = {row.student: row for row in found.students}
    kim = structs.replace(rows[first], student="kim", members=(Member("Kim", "77"),), submitted_at=LATE)
    found = structs.replace(
        found, source="Canvas", language="ko", students=(kim, *(rows[student] for student, _ in others))
    )
    both = {name: tmp_path / name for name in ("before", "out")}
    for out, score in zip(both.values(), (1.0, 2.0), strict=True):
        tests = {key: structs.replace(each, score=score) for key, each in result.exercises.items()}
        write(out, found, {**dict(others), "kim": structs.replace(result, student="kim", score=score, exercises=tests)})
    (both["out"] / "policy.toml").write_text(POLICY)
    sheet = tmp_path / "sheet.csv"
    total = f"{result.max_score:g}"
    sheet.write_text(f"Student,ID,Section,Week 4 (9)\n  Points Possible,,,{total}\nKim,77,A,\nLee,78,A,\n")
    return {**both, "sheet": sheet}


@pytest.fixture
def said(folders: dict[str, Path]) -> Callable[..., list[str]]:
    """The lines of a command."""

    def run(command: str, *options: str) -> list[str]:
        arguments = [part.format(**folders) for part in COMMANDS[command]]
        told = CliRunner().invoke(app, [*arguments, *options])
        assert told.exit_code == 0, told.output
        return told.output.splitlines()

    return run


@pytest.mark.parametrize("command", COMMANDS)
def test_every_line_is_korean_unless_english_is_asked_for(said, command) -> None:
    lines = [line for line in said(command) if not SAME_IN_ENGLISH.match(line)]
    assert [line for line in lines if not HANGUL.search(line)] == []
    assert len(lines) > 0
    assert [line for line in said(command, "--language", "en") if HANGUL.search(line)] == []


def test_marks_are_explained_in_korean_and_columns_keep_their_names(said, folders) -> None:
    said("policy")
    with open(folders["out"] / "marks.csv", encoding="utf-8-sig") as file:
        (kim,) = (row for row in csv.DictReader(file) if row["student"] == "kim")
    told = "48시간 늦음: 유예일 1일 사용, 1일 중 0일 남음, 나머지 지각은 점수의 90 % 인정"
    assert (kim["mark"], kim["status"], kim["explanation"]) == ("1.8", "채점됨", told)
    with open(folders["out"] / "late.csv", encoding="utf-8-sig") as file:
        assert told in [row["explanation"] for row in csv.DictReader(file)]


def test_what_is_exported_does_not_follow_from_words(said, folders) -> None:
    """Who handed in nothing is missing, in whatever language the policy was applied."""
    found = read_class(folders["out"])
    rows = (*found.students, structs.replace(found.students[0], student="zoe", members=(Member("Zoë"),), attempts=0))
    write_class(folders["out"], structs.replace(found, students=rows))
    (folders["out"] / "hold.csv").write_text("student\nkim\n")
    said("policy")
    said("export")
    with open(folders["out"] / "export/scores.csv", encoding="utf-8-sig") as file:
        status = {row["Name"]: row["Status"] for row in csv.DictReader(file)}
    assert (status.pop("Kim"), status.pop("Zoë")) == ("Ungraded", "Missing")
    assert set(status.values()) == {"Graded"}


def test_the_page_of_the_class_is_korean(said, folders) -> None:
    said("report")
    assert b'<html lang="ko"' in (folders["out"] / "report.html").read_bytes()
    said("report", "--language", "en")
    assert b'<html lang="en"' in (folders["out"] / "report.html").read_bytes()


def test_a_language_that_is_not_there_is_refused(folders) -> None:
    told = CliRunner().invoke(app, ["policy", str(folders["out"]), "--language", "xx"])
    assert str(told.exception) == 'there is no language "xx"; there are en, ko'
