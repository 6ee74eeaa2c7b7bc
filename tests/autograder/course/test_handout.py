"""The handout is made from a frame and sections, which say what assignment.toml, exercise.toml and the stubs say."""

from __future__ import annotations

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.handout import Handout, contradictions, cut, handouts
from autograder.course.layout import Layout
from autograder.errors import UsageError

FILES = {
    "assignments/small/assignment.toml": """
title = "Week 1: two steps"
name = "small"
exercises = ["double", "shift"]
""",
    "tests/small/double/exercise.toml": """
title = "Doubling"
points = 4
names = ["Double"]
""",
    "tests/small/shift/exercise.toml": """
title = "Shifting"
points = 1
names = ["shift", "unshift"]
""",
    "solutions/small/double.py": """
from torch import Tensor, nn


class Double(nn.Module):
    def __init__(self, size: int, bias: bool = True) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        # BEGIN SOLUTION
        return 2 * x
        # END SOLUTION
""",
    "solutions/small/shift.py": """
def shift(x: float, *, by: float = 1.0) -> float:
    # BEGIN SOLUTION
    return x + by
    # END SOLUTION


def unshift(x: float) -> float:
    # BEGIN SOLUTION
    return x - 1
    # END SOLUTION
""",
    "assignments/small/handout/_frame.md": """\
# Week 1: two steps

Together they are worth 5 points.

<!-- table -->

## How marks work

A check is worth a share of the points. Late work loses 2 points.

```
## this is code
```

<!-- sections -->

## At the end

Hand in.
""",
    "assignments/small/handout/double.md": """\
## Doubling

File `double.py`, class `Double(size, bias=True)`.
""",
    "assignments/small/handout/shift.md": """\
## Shifting

File `shift.py`, functions `shift(x, *, by=1.0)` and `unshift(
x)`.

| x | y |
|---|---|
| 1 | 2 |
""",
    "assignments/small/handout/_frame.ko.md": """\
# 1주차

모두 합해 5점입니다.

<!-- table -->

<!-- sections -->
""",
    "assignments/small/handout/double.ko.md": """\
## 두 배

파일 `double.py`, 클래스 `Double(size, bias=True)`.
""",
    "assignments/small/handout/shift.ko.md": """\
## 옮기기

파일 `shift.py`, 함수 `shift(x, *, by=1.0)`과 `unshift(x)`.
""",
}
ENGLISH_HANDOUT = """\
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

---

## 1. Doubling (4 points)

File `double.py`, class `Double(size, bias=True)`.

---

## 2. Shifting (1 point)

File `shift.py`, functions `shift(x, *, by=1.0)` and `unshift(
x)`.

| x | y |
|---|---|
| 1 | 2 |

## At the end

Hand in.
"""
KOREAN_HANDOUT = """\
# 1주차

모두 합해 5점입니다.

| 파일 | 정의할 이름 | 배점 |
|---|---|---|
| `double.py` | `Double` | 4 |
| `shift.py` | `shift`, `unshift` | 1 |

---

## 1. 두 배 (4점)

파일 `double.py`, 클래스 `Double(size, bias=True)`.

---

## 2. 옮기기 (1점)

파일 `shift.py`, 함수 `shift(x, *, by=1.0)`과 `unshift(x)`.
"""


@pytest.fixture
def layout(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Layout(tmp_path, "small")


@pytest.fixture
def load(layout):
    return lambda: load_assignment(layout.root, "small")


@pytest.fixture
def found(layout, load):
    return lambda: contradictions(layout, load())


def edit(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_handouts_are_put_together_in_both_languages(layout, load):
    assert handouts(layout, load()) == {layout.handout: ENGLISH_HANDOUT, layout.korean_handout: KOREAN_HANDOUT}


def test_without_sections_after_the_last_one_a_handout_ends_in_one_line_end(layout, load):
    edit(layout.sections / "_frame.md", "\n## At the end\n\nHand in.\n", "")
    assert handouts(layout, load())[layout.handout].endswith("| 1 | 2 |\n")


def test_table_and_headings_follow_points_names_and_order(layout, load):
    edit(layout.exercise_description("double"), "points = 4", "points = 6")
    edit(layout.exercise_description("shift"), ', "unshift"', "")
    edit(layout.description, '"double", "shift"', '"shift", "double"')
    text = handouts(layout, load())[layout.handout]
    assert "|---|---|---|\n| `shift.py` | `shift` | 1 |\n| `double.py` | `Double` | 6 |\n\n" in text
    assert text.index("## 1. Shifting (1 point)\n") < text.index("## 2. Doubling (6 points)\n")


def test_handouts_that_agree_have_nothing_to_tell(found):
    assert found() == []


def test_an_assignment_needs_no_handout(layout, load, found):
    for path in layout.sections.glob("*.md"):
        path.unlink()
    assert found() == []
    assert handouts(layout, load()) == {}


CONTRADICTIONS = {
    "points in all": ("_frame.md", "worth 5 points", "worth 10 points", ": 10 points in all, the exercises have 5"),
    "points in all, in Korean": ("_frame.ko.md", "합해 5점", "합해 6점", ": 6 points in all, the exercises have 5"),
    "the title of the assignment": (
        "_frame.md",
        "# Week 1: two",
        "# Week 2: two",
        ', line 1: the title is "Week 2: two steps", assignment.toml says "Week 1: two steps"',
    ),
    "the title of an exercise": (
        "double.md",
        "Doubling",
        "Twice",
        ', line 1: the heading is "Twice", exercise.toml says "Doubling"',
    ),
    "points in the heading": (
        "shift.ko.md",
        "옮기기",
        "옮기기 (1점)",
        ', line 1: the heading is "옮기기 (1점)"; number and points are put there when the handout is made',
    ),
    "a number in the heading": (
        "double.md",
        "Doubling",
        "1. Doubling",
        ', line 1: the heading is "1. Doubling"; number and points are put there when the handout is made',
    ),
    "no file": (
        "shift.md",
        "File `shift.py`",
        "The file",
        ": no line begins with: File `shift.py`; write one that says what to define",
    ),
    "no file, in Korean": (
        "shift.ko.md",
        "파일 `shift.py`",
        "파일",
        ": no line begins with: 파일 `shift.py`; write one that says what to define",
    ),
    "another class": (
        "double.md",
        "class `Double(",
        "class `Doubling(",
        ", line 3: Double is to be defined, too, says exercise.toml",
    ),
    "another signature": (
        "shift.md",
        "by=1.0)` and",
        "by=2.0)` and",
        ", line 3: shift(x, *, by=2.0) is shift(x, *, by=1.0) in the stub",
    ),
    "another signature, in Korean": (
        "double.ko.md",
        "Double(size, bias=True)",
        "Double(size)",
        ", line 3: Double(size) is Double(size, bias=True) in the stub",
    ),
}


@pytest.mark.parametrize(("file", "before", "after", "problem"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_is_said_otherwise_is_told_with_file_and_line(layout, found, file, before, after, problem):
    edit(layout.sections / file, before, after)
    assert found() == [f"assignments/small/handout/{file}{problem}"]


def test_a_section_of_no_exercise_is_told(layout, found):
    (layout.sections / "halve.ko.md").write_text("## 반\n")
    assert found() == ["assignments/small/handout/halve.ko.md: belongs to no exercise of small; remove it"]


def test_types_and_spaces_of_a_signature_do_not_matter(layout, found):
    edit(layout.sections / "double.md", "Double(size, bias=True)", "Double(size: int, bias: bool = True)")
    edit(layout.sections / "shift.md", "`shift(x, *, by=1.0)`", "`shift`")
    assert found() == []


def test_what_looks_like_a_heading_in_code_is_none(layout, load):
    parts = cut(Handout.read(layout, load()).before)
    assert [part.partition("\n")[0] for part in parts] == ["# Week 1: two steps", "## How marks work"]


BROKEN = {
    "no heading": (
        "double.md",
        b"Doubling\n",
        r"handout/double\.md, line 1: has to be the heading, ## and the title of",
    ),
    "an empty heading": ("double.md", b"## \n", r"handout/double\.md, line 1: has to be the heading"),
    "no place for sections": ("_frame.md", b"# Week\n", r"handout/_frame\.md: one line has to be <!-- sections -->"),
    "another encoding": (
        "_frame.ko.md",
        "파일".encode("cp949"),
        r"handout/_frame\.ko\.md: byte 0 is not UTF-8; save the",
    ),
}


@pytest.mark.parametrize(("file", "content", "message"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_put_together_is_told(layout, load, file, content, message):
    (layout.sections / file).write_bytes(content)
    with pytest.raises(UsageError, match=message):
        handouts(layout, load())


def test_a_missing_section_is_told(layout, load):
    (layout.sections / "shift.ko.md").unlink()
    with pytest.raises(UsageError, match=r"small/handout/shift\.ko\.md: missing; write the section of shift$"):
        handouts(layout, load())
