"""The closing table of a run, for the terminal: names are shortened where it is narrow, numbers never."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, split_graphemes
from rich.text import Text

from autograder.course.assignment import Assignment
from autograder.language import mark, tr
from autograder.results.model import Absent, Failure, Result
from autograder.results.words import GRADED, known_mistakes, remark

_MOST_MISTAKES = 10
_SHORTEST_NAME = 20
"""Cells of the terminal for a student's name, if it is so long, before the exercises are told in several tables."""
_SHORTEST_WORD = 5
_GAP = 2
_STUDENT, _MOST = mark("student"), mark("of")
"""Above the names, and beside the points that there are: full marks are known by the number, not by a colour alone."""
_LEFT_TO_RIGHT = "\u200e"
"""Invisible. After a name in Hebrew or Arabic, a terminal would put the numbers in reverse order as well."""


@dataclass(frozen=True)
class _Column:
    """Cells under a heading of one or more words."""

    words: Sequence[str]
    most_points: str
    cells: Sequence[Text]

    @property
    def least(self) -> int:
        """The width that it needs where words are folded."""
        numbers = [len(self.most_points), *(cell.cell_len for cell in self.cells)]
        return max(min(max(map(len, self.words)), _SHORTEST_WORD), *numbers)

    @property
    def most(self) -> int:
        """The width that it needs where words are whole."""
        return max(self.least, *map(cell_len, self.words))

    def heading(self, width: int) -> list[str]:
        """The lines of its heading."""
        return [word[start : start + width] for word in self.words for start in range(0, len(word), width)]


def class_table(
    assignment: Assignment, results: Iterable[Result | Failure], width: int, encoding: str = "utf-8"
) -> Iterator[Text]:
    """The lines of a table: a row per student, with the points of each exercise and the total.

    Where `width`, in cells of the terminal, is too little for all exercises, they are told in several tables. What the
    terminal's encoding does not have is spelled out.
    """
    rule, cut = ("─", "…") if "─…".encode(encoding, "ignore").decode(encoding) == "─…" else ("-", "~")
    ranked = sorted(results, key=lambda result: result.student)
    students = [result.student.encode(encoding, "backslashreplace").decode(encoding) for result in ranked]
    columns = [
        *(
            _Column(each.name.split("_"), f"{each.points:g}", [_cell(result, each.name) for result in ranked])
            for each in assignment.exercises
        ),
        _Column([tr("total")], f"{assignment.total_points:g}", [_total(result) for result in ranked]),
    ]
    longest = max([cell_len(tr(_STUDENT)), *map(cell_len, students)])
    yield Text(assignment.title, "italic")
    shortest = min(longest, _SHORTEST_NAME)
    for part in _parts(columns, width - 1 - shortest):
        spare = max(0, width - 1 - shortest - sum(_GAP + column.least for column in part))
        widths = []
        for column in part:
            widths.append(min(column.most, column.least + spare))
            spare -= widths[-1] - column.least
        for_names = min(longest, shortest + spare)
        names = [_padded(shortened(student, for_names, cut), for_names) for student in students]
        yield Text()
        yield from _headings(for_names, part, widths)
        most = _row(_padded(tr(_MOST), for_names), [Text(column.most_points) for column in part], widths)
        most.stylize("dim")
        yield most
        yield Text(f" {rule * (for_names + sum(_GAP + each for each in widths))}")
        for number, name in enumerate(names):
            yield _row(name, [column.cells[number] for column in part], widths)
    yield Text()


def remarks(results: Iterable[Result | Failure]) -> list[str]:
    """A line for every student whose marks need a word: what could not be graded, and why."""
    told = [(result.student, remark(result)) for result in sorted(results, key=lambda result: result.student)]
    lines = [f"  {student}: {text}" for student, text in told if text != tr(GRADED)]
    return [tr("Remarks:"), *lines] if lines else []


def faults(results: Iterable[Result | Failure]) -> list[str]:
    """What is wrong with the suites themselves, so that checks could not be carried out. It is nobody's mark."""
    found = Counter(
        (name, test.name, test.fault)
        for result in results
        if isinstance(result, Result)
        for name, exercise in result.exercises.items()
        for test in exercise.tests
        if test.fault
    )
    if not found:
        return []
    lines = [f"  {name}, {test}: {fault} ({count} x)" for (name, test, fault), count in sorted(found.items())]
    return [
        tr("Checks that could not be carried out, through no fault of the students; mend them and grade again:"),
        *lines,
    ]


def common_mistakes(results: Iterable[Result | Failure]) -> list[str]:
    """How many students made which known mistake, the most common first; all of them are in known_mistakes.csv."""
    known = known_mistakes(results)
    lines = [f"  {len(each.students):3} x {each.exercise}: {each.title}" for each in known[:_MOST_MISTAKES]]
    if left := len(known) - len(lines):
        lines.append(f"      {tr('and {count} others, see known_mistakes.csv', count=left)}")
    return [tr("Known mistakes in this class:"), *lines] if lines else []


def shortened(name: str, width: int, cut: str) -> str:
    """A name of at most `width` cells of the terminal: a longer one lacks its middle, and no character its accents."""
    characters, cells = split_graphemes(name)
    if cells <= width:
        return name
    room = width - cell_len(cut)
    tail, at_end = 0, len(name)
    for start, _, size in reversed(characters):
        if tail + size > room // 3:
            break
        tail, at_end = tail + size, start
    head, at_start = 0, 0
    for _, end, size in characters:
        if head + size > room - tail:
            break
        head, at_start = head + size, end
    return f"{name[:at_start]}{cut}{name[at_end:]}"


def _parts(columns: Iterable[_Column], room: int) -> list[list[_Column]]:
    """The columns in as few parts as go into `room` cells of the terminal; a part has one at least."""
    parts: list[list[_Column]] = []
    left = 0
    for column in columns:
        if not parts or left < _GAP + column.least:
            parts.append([])
            left = room
        parts[-1].append(column)
        left -= _GAP + column.least
    return parts


def _headings(for_names: int, columns: Sequence[_Column], widths: Sequence[int]) -> Iterator[Text]:
    """Names of exercises are broken at their underscores, and where that is not enough, anywhere."""
    headings = [column.heading(width) for column, width in zip(columns, widths, strict=True)]
    height = max(map(len, headings))
    above = [[""] * (height - len(heading)) + heading for heading in headings]
    for number in range(height):
        first = tr(_STUDENT) if number == height - 1 else ""
        row = _row(_padded(first, for_names), [Text(lines[number]) for lines in above], widths)
        row.rstrip()
        row.stylize("bold")
        yield row


def _row(name: str, cells: Sequence[Text], widths: Sequence[int]) -> Text:
    row = Text(f" {name}")
    for cell, width in zip(cells, widths, strict=True):
        row.append(" " * (_GAP + width - cell.cell_len)).append_text(cell)
    return row


def _padded(name: str, width: int) -> str:
    backwards = any(unicodedata.bidirectional(character) in ("R", "AL") for character in name)
    return name + _LEFT_TO_RIGHT * backwards + " " * (width - cell_len(name))


def _cell(result: Result | Failure, exercise: str) -> Text:
    if isinstance(result, Failure):
        return Text()
    points = result.exercises[exercise]
    style = "green" if points.score >= points.max_score else "red" if points.score == 0 else "yellow"
    return Text(f"{points.score:g}", style)


def _total(result: Result | Failure) -> Text:
    if isinstance(result, Absent):
        return Text(tr("nothing"), "dim")
    return Text(tr("not graded"), "bold red") if isinstance(result, Failure) else Text(f"{result.score:g}", "bold")
