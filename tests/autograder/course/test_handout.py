"""The handout says what assignment.toml and the stubs say, in English and in Korean; else file and line are told."""

from __future__ import annotations

import pytest

from autograder.course import Layout, load_assignment
from autograder.course.handout import contradictions, handout_parts
from autograder.errors import UsageError

TOML = """
title = "Week 1: two steps"
name = "small"

[[exercises]]
name = "double"
title = "Doubling"
points = 4
names = ["Double"]

[[exercises]]
name = "shift"
title = "Shifting"
points = 1
names = ["shift", "unshift"]
"""
DOUBLE = """
from torch import Tensor, nn


class Double(nn.Module):
    def __init__(self, size: int, bias: bool = True) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        # BEGIN SOLUTION
        return 2 * x
        # END SOLUTION
"""
SHIFT = """
def shift(x: float, *, by: float = 1.0) -> float:
    # BEGIN SOLUTION
    return x + by
    # END SOLUTION


def unshift(x: float) -> float:
    # BEGIN SOLUTION
    return x - 1
    # END SOLUTION
"""
HANDOUT = """\
# Week 1: two steps

Together they are worth 5 points.

| file | define | points |
|---|---|---|
| `double.py` | `Double` | 4 |
| `shift.py` | `shift`, `unshift` | 1 |

## How marks work

A check is worth a share of the points. Late work loses 2 points.

```
## this is code
```

## 1. Doubling (4 points)

File `double.py`, class `Double(size, bias=True)`.

## 2. Shifting (1 point)

File `shift.py`, functions `shift(x, *, by=1.0)` and `unshift(
x)`.

| x | y |
|---|---|
| 1 | 2 |
"""
KOREAN = """\
# 1주차

모두 합해 5점입니다.

| 파일 | 정의할 이름 | 배점 |
|---|---|---|
| `double.py` | `Double` | 4점 |
| `shift.py` | `shift`, `unshift` | 1점 |

## 1. 두 배 (4점)

파일 `double.py`, 클래스 `Double(size, bias=True)`.

## 2. 옮기기 (1점)

파일 `shift.py`, 함수 `shift(x, *, by=1.0)`과 `unshift(x)`.
"""


@pytest.fixture
def layout(tmp_path):
    files = {
        "assignments/small/assignment.toml": TOML,
        "assignments/small/HANDOUT.md": HANDOUT,
        "assignments/small/HANDOUT.ko.md": KOREAN,
        "solutions/small/double.py": DOUBLE,
        "solutions/small/shift.py": SHIFT,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Layout(tmp_path, "small")


@pytest.fixture
def found(layout):
    return lambda: contradictions(layout, load_assignment(layout.root, "small"))


def edit(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_handouts_that_agree_have_nothing_to_tell(found):
    assert found() == []


def test_an_assignment_needs_no_handout(layout, found):
    layout.handout.unlink()
    layout.korean_handout.unlink()
    assert found() == []


ENGLISH = {
    "points in the table": (
        ("| `Double` | 4 |", "| `Double` | 5 |"),
        "line 7: double has 5 points, assignment.toml says 4",
    ),
    "points in the heading": (
        ("Shifting (1 point)", "Shifting (2 points)"),
        "line 22: shift has 2 points, assignment.toml says 1",
    ),
    "points in all": (("worth 5 points", "worth 10 points"), "10 points in all, assignment.toml says 5"),
    "no row": (
        ("| `shift.py` | `shift`, `unshift` | 1 |\n", ""),
        "shift is not in the table of files; add a row",
    ),
    "a row too many": (
        ("|---|---|---|\n", "|---|---|---|\n| `halve.py` | `halve` | 2 |\n"),
        "line 7: halve is in the table, and not in assignment.toml; remove the row",
    ),
    "a misspelt file in the table": (
        ("| `double.py` |", "| `duoble.py` |"),
        "line 7: duoble is in the table, and not in assignment.toml; remove the row",
    ),
    "a name in the table": (
        ("`shift`, `unshift` |", "`shift` |"),
        "line 8: shift is to define unshift too, says assignment.toml",
    ),
    "the title of the assignment": (
        ("# Week 1: two", "# Week 2: two"),
        'line 1: the title is "Week 2: two steps", assignment.toml says "Week 1: two steps"',
    ),
    "the title of an exercise": (
        ("1. Doubling", "1. Twice"),
        'line 18: double is called "1. Twice (4 points)", assignment.toml says "Doubling"',
    ),
    "no section": (
        ("File `shift.py`", "The file"),
        "no section for shift; write one with a heading, ## ..., and a line that begins with: File `shift.py`",
    ),
    "a section too many": (
        ("## 1. Doubling", "## 0. Halving\n\nFile `halve.py`.\n\n## 1. Doubling"),
        "line 18: a section for halve, which assignment.toml does not have; remove it",
    ),
    "another class": (
        ("class `Double(", "class `Doubling("),
        "line 20: double is to define Double, says assignment.toml",
    ),
    "another signature": (
        ("by=1.0)` and", "by=2.0)` and"),
        "line 24: shift has shift(x, *, by=2.0), its stub shift(x, *, by=1.0)",
    ),
}


@pytest.mark.parametrize(("change", "problem"), ENGLISH.values(), ids=ENGLISH)
def test_what_the_english_handout_says_otherwise_is_told_with_file_and_line(layout, found, change, problem):
    edit(layout.handout, *change)
    told = found()
    assert told[0] in (f"assignments/small/HANDOUT.md, {problem}", f"assignments/small/HANDOUT.md: {problem}")


IN_KOREAN = {
    "points in the table": (("| 4점 |", "| 3점 |"), ", line 7: double has 3 points, assignment.toml says 4"),
    "points in the heading": (
        ("옮기기 (1점)", "옮기기 (2점)"),
        ", line 14: shift has 2 points, assignment.toml says 1",
    ),
    "points in all": (("합해 5점", "합해 6점"), ": 6 points in all, assignment.toml says 5"),
    "no section": (
        ("## 2. 옮기기 (1점)\n\n파일 `shift.py`, 함수", "함수"),
        ": no section for shift; write one with a heading, ## ..., and a line that begins with: 파일 `shift.py`",
    ),
    "another signature": (
        ("Double(size, bias=True)", "Double(size)"),
        ", line 12: double has Double(size), its stub Double(size, bias=True)",
    ),
}


@pytest.mark.parametrize(("change", "problem"), IN_KOREAN.values(), ids=IN_KOREAN)
def test_and_what_the_korean_one_says_otherwise(layout, found, change, problem):
    edit(layout.korean_handout, *change)
    assert found() == [f"assignments/small/HANDOUT.ko.md{problem}"]


def test_a_change_of_the_description_shows_in_both_handouts(layout, found):
    edit(layout.description, "points = 4", "points = 6")
    lines = [7, 18, 7, 10]
    assert [line for line in found() if "double has 4 points, assignment.toml says 6" in line] == [
        f"assignments/small/{'HANDOUT.md' if place < 2 else 'HANDOUT.ko.md'}, line {number}: double has 4 points, "
        "assignment.toml says 6"
        for place, number in enumerate(lines)
    ]


def test_types_and_spaces_of_a_signature_do_not_matter(layout, found):
    edit(layout.handout, "Double(size, bias=True)", "Double(size: int, bias: bool = True)")
    edit(layout.handout, "`shift(x, *, by=1.0)`", "`shift`")
    assert found() == []


def test_what_looks_like_a_heading_in_code_is_none(layout):
    parts = handout_parts(layout, layout.handout)
    assert [part.heading for part in parts] == [
        "Week 1: two steps",
        "How marks work",
        "1. Doubling (4 points)",
        "2. Shifting (1 point)",
    ]


def test_a_handout_that_is_not_utf_8_is_told(layout, found):
    layout.korean_handout.write_bytes("파일".encode("cp949"))
    with pytest.raises(UsageError, match=r"assignments/small/HANDOUT\.ko\.md: byte 0 is not UTF-8; save the file as"):
        found()
