"""What is shown of a check that does not pass, in a terminal and in a notebook's cell."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from autograder.language import speaking
from autograder.results.model import Number
from autograder.student import told
from autograder.student.cell import _COLOURS, _SIGNS, Cell
from autograder.student.results import Gap, PublicResult, PublicTest
from autograder.student.terminal import Terminal
from tools.browser import browser, chromium, opened

GAPS = (
    Gap("[0, 1]", (2, 2), ((0.0, 0.25), (1.0, None))),
    Gap("[1, 1]", (24, 2), ((0.5, 0.0), (0.0, 0.0))),
)
HINTS = ("Which axes does the mean take?", "Both `height` & width.")


def result(*, numbers: tuple[Number, ...] = (), gaps: tuple[Gap, ...] = ()) -> PublicResult:
    test = PublicTest(
        name="test_example",
        title="The worked <example>",
        status="failed",
        score=0,
        max_score=1,
        visibility="visible",
        message="The output differs at [0, 1].\nHint: look at `mean`.",
        seconds=0.1,
        public=True,
        kind="value",
        numbers=numbers,
        gaps=gaps,
    )
    return PublicResult(score=0, max_score=1, status="graded", message="", tests=(test,))


def in_terminal(found: PublicResult, language: str = "en", encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    with speaking(language):
        told.failure(Terminal(file), "se_block", found)
    file.seek(0)
    return file.read().splitlines()


def in_cell(found: PublicResult, language: str = "en") -> str:
    cell = Cell()
    with speaking(language):
        told.exercise(cell, "se_block", found, 8)
        told.failure(cell, "se_block", found)
        told.hints(cell, HINTS)
    return cell.html


def test_a_terminal_shows_differences_by_signs_and_numbers():
    assert in_terminal(result(gaps=GAPS))[4:] == [
        "  How far off each value of [0, 1] is:",
        "    ·       ▒ 0.25",
        "    █ 1     !",
        "  How far off each value of [1, 1] is: Of 24 x 2 values, each number is the largest of a block.",
        "    ▓ 0.5  ·",
        "    ·      ·",
        "  · right   ░ to █ more and more, up to 1   ! no number",
    ]


def test_a_terminal_without_such_signs_has_others():
    lines = in_terminal(result(gaps=GAPS), encoding="ascii")
    assert lines[5:7] == ["    .       + 0.25", "    # 1     !"]
    assert "\n".join(lines).isascii()


def test_a_wide_picture_has_signs_alone():
    row = tuple(0.1 * number for number in range(12))
    lines = in_terminal(result(gaps=(Gap("", (1, 12), (row,)),)))
    assert lines[4:6] == ["  How far off each value is:", "    · ░ ░ ▒ ▒ ▒ ▓ ▓ ▓ █ █ █"]


def test_few_numbers_stand_side_by_side():
    numbers = (Number("[0, 0]", "0.8571", "0.6"), Number("[0, 1]", "0", "0"))
    assert in_terminal(result(numbers=numbers))[4:] == [
        "  In numbers:",
        "    at       got      expected",
        "    [0, 0]   0.8571   0.6",
        "    [0, 1]   0        0",
    ]
    assert in_terminal(result(numbers=(Number("", "5", "4"),)))[5:] == ["    got   expected", "    5     4"]


def test_a_cell_says_the_same_words():
    found = result(gaps=GAPS, numbers=(Number("[0, 0]", "0.8571", "0.6"),))
    told = unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", in_cell(found)))).split()
    said = " ".join(told)
    for line in in_terminal(found)[1:4]:
        assert set(re.findall(r"\w+", line)) <= set(re.findall(r"\w+", said))
    assert "at got expected [0, 0] 0.8571 0.6" in said
    assert "0 1 0 · 0.25 1 1 ! 3 of 4 values differ, most in row 1, column 0: by 1, no numbers: 1" in said


def test_hints_are_folded_in_a_cell():
    html = in_cell(result())
    assert re.findall(r"<summary[^>]*>([^<]+)</summary>", html) == ["Hint 1 of 2", "Hint 2 of 2"]
    assert "<code>height</code>" in html
    assert "<details open" not in html


def test_nothing_in_a_cell_is_taken_for_markup():
    assert "<example>" not in in_cell(result())


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("pair", [*_COLOURS.values(), *(pair[1:] for pair in _SIGNS.values())], ids=" on ".join)
def test_letters_can_be_read_on_their_ground(pair):
    darker, lighter = sorted(map(luminance, pair))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
@pytest.mark.parametrize("language", ["en", "ko"])
def test_axe_has_no_complaint(tmp_path, language):
    page = tmp_path / "page.html"
    html = in_cell(result(gaps=GAPS, numbers=(Number("[0, 0]", "0.8571", "0.6"),)), language)
    head = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Cell</title>'
    page.write_text(f"{head}<main><h1>Cell</h1>{html}</main></html>", encoding="utf-8")
    with browser() as started, opened(started, page, 390) as shown:
        assert (shown.violations(), shown.requests) == ([], [])
        width = shown.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
