"""The closing table on the terminal."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.course.assignment import Assignment, Exercise
from autograder.results.model import Diagnosis, Failure
from autograder.results.table import class_table, common_mistakes, remarks, shortened


@pytest.fixture
def shown(make):
    """The table as it is printed, without frames."""

    def show(*results):
        return [" ".join(line.plain.split()) for line in class_table(make.assignment, results, 200)]

    return show


@dataclass(frozen=True)
class Printed:
    """What a terminal of so many columns shows of a class."""

    lines: list[str]
    size: int

    @property
    def numbers(self) -> list[list[str]]:
        """The numbers of each student, from all the tables that have a row for each, in order."""
        rows = [
            line.split() for line in self.lines if re.search(r" \d+(\.\d+)?$", line) and not line.startswith(" of ")
        ]
        return [
            [word for row in rows[place :: self.size] for word in row if word[0].isdigit()]
            for place in range(self.size)
        ]


@pytest.fixture
def printed(make):
    """A class in which the student of place p has p quarters, and 10 points and the exercise's place for each."""

    def show(width, students, exercises):
        described = tuple(Exercise(name=name, title=name, points=20, names=(name,)) for name in exercises)
        maker = replace(make, assignment=Assignment("Demonstration", "demo", described))
        results = [
            maker.result(
                student,
                **{
                    name: maker.exercise(maker.test(points=10 + place + quarters / 4))
                    for place, name in enumerate(exercises)
                },
            )
            for quarters, student in enumerate(sorted(students))
        ]
        console = Console(file=io.StringIO(), width=width)
        for line in class_table(maker.assignment, results, width):
            console.print(line, soft_wrap=True)
        return Printed(console.file.getvalue().splitlines(), len(students))

    return show


def test_a_row_per_student_sorted_by_name(shown, right):
    lines = shown(right("kim"), right("ann"))
    assert lines[0] == "Demonstration"
    assert [line for line in lines if line.startswith(("ann", "kim"))] == ["ann 4 1 5", "kim 4 1 5"]


def test_the_points_that_there_are_stand_above_those_of_the_students(shown, right):
    assert shown(right("kim"))[2:4] == ["student double shift total", "of 4 1 5"]


def test_marks_that_need_a_word_are_remarked_below(make, right):
    result = make.result(
        double=make.exercise(make.test("timeout", "too long"), make.test()), shift=make.exercise(status="misnamed")
    )
    stub = make.result("ann", double=make.exercise(make.test("error", "Not implemented yet.")))
    assert remarks([result, right("bob"), stub, Failure("joe", "Traceback ...\nthe grader stopped")]) == [
        "Remarks:",
        "  ann: not started",
        "  joe: not graded: the grader stopped",
        "  kim: out of time: double; misnamed: shift",
    ]


def test_a_class_without_troubles_needs_no_remarks(right):
    assert remarks([right("kim")]) == []


def test_a_student_who_could_not_be_graded_has_a_row(shown, right):
    assert "ann not graded" in shown(right("kim"), Failure("ann", "the grader stopped"))


@pytest.mark.parametrize("name", ["[red]kim[/red]", "[/]", "kim [1]"])
def test_names_are_shown_as_they_are(shown, right, name):
    assert f"{name} 4 1 5" in shown(right(name))


def test_common_mistakes_are_counted(make):
    adds = (Diagnosis("adds", "adds two", "Try 3."),)
    either = (*adds, Diagnosis("squares", "squares", "Try 3."))
    results = [
        make.result(f"student{number}", double=make.exercise(make.test("failed"), diagnosis=diagnosis))
        for number, diagnosis in enumerate([adds, adds, either, ()])
    ]
    assert [" ".join(line.split()) for line in common_mistakes([*results, Failure("kim", "reason")])] == [
        "Known mistakes in this class:",
        "2 x double: adds two",
        "1 x double: adds two / squares",
    ]


def test_a_class_without_mistakes_has_none_to_tell(right):
    assert common_mistakes([right("kim")]) == []


def test_what_holds_for_all_exercises_is_said_once(make):
    result = make.result(double=make.exercise(status="missing"), shift=make.exercise(status="missing"))
    assert remarks([result]) == ["Remarks:", "  kim: not found: all exercises"]


def test_the_most_common_mistakes_are_told_and_where_the_others_are(make):
    results = [
        make.result("kim", double=make.exercise(make.test("failed"), diagnosis=(Diagnosis(f"m{n}", f"slip {n}", ""),)))
        for n in range(13)
    ]
    lines = common_mistakes(results)
    assert len(lines) == 12
    assert lines[-1] == "      and 3 others, see known_mistakes.csv"


# -- narrow terminals -------------------------------------------------------------------------------------------------

SIX = ["residual_block", "se_block", "depthwise_separable_conv", "lstm_cell", "clip_grad", "replace_head"]
MANY = [f"exercise_with_a_rather_long_name_{letter}" for letter in "abcdefghijklmnopqrstuvwx"]
UNBROKEN = ["convolutionalneuralnetwork", "multiheadselfattention", "x"]
WIDTHS = pytest.mark.parametrize("width", [40, 60, 80, 110])
EXERCISES = pytest.mark.parametrize("exercises", [SIX, MANY, UNBROKEN], ids=["six", "24", "without underscores"])
NAMES = {
    "short": ["kim", "lee"],
    "200 characters": ["kim" * 66 + "ab", "lee"],
    "wide": ["김민준" * 10, "이서연 " * 9],
    "emoji": ["👩\u200d👩\u200d👧" * 20, "👍🏽" * 30],
    "accents": ["e\u0301" * 60, "Nguyễn Thị Minh Khai" * 5],
    "from right to left": ["דוד לוי" * 9, "محمد علي" * 9],
}


@WIDTHS
@EXERCISES
@pytest.mark.parametrize("students", NAMES.values(), ids=NAMES)
def test_no_number_is_lost_or_cut_and_no_line_is_too_long(printed, width, exercises, students):
    table = printed(width, students, exercises)
    points = [[10 + place + quarters / 4 for place in range(len(exercises))] for quarters in range(2)]
    assert table.numbers == [[f"{each:g}" for each in [*row, sum(row)]] for row in points]
    assert [line for line in table.lines if cell_len(line) > width] == []


@WIDTHS
@EXERCISES
def test_an_exercise_s_name_is_folded_and_all_there(printed, width, exercises):
    lines = printed(width, ["1", "2"], exercises).lines
    headings = "".join(line for line in lines if not re.search(r"\d|─", line))
    letters = re.sub("Demonstration|student|total|to/tal| ", "", headings)
    assert sorted(letters) == sorted("".join(exercises).replace("_", ""))


def test_where_there_is_no_room_at_all_numbers_are_whole(printed):
    table = printed(5, ["a name that is much too long"], SIX)
    assert table.numbers == [["10", "11", "12", "13", "14", "15", "75"]]


SHORTENED = {
    "as it is": ("kim_minjun", 10, "kim_minjun"),
    "the middle": ("kim_minjun", 9, "kim_mi…un"),
    "wide": ("김민준이서연", 9, "김민준…연"),
    "an accent": ("e\u0301" * 6, 4, "e\u0301e\u0301…e\u0301"),
    "a joined emoji": ("👩\u200d👩\u200d👧" * 4, 6, "👩\u200d👩\u200d👧" * 2 + "…"),
}


@pytest.mark.parametrize(("name", "width", "told"), SHORTENED.values(), ids=SHORTENED)
def test_a_name_loses_its_middle_and_no_part_of_a_character(name, width, told):
    assert shortened(name, width, "…") == told


def test_names_that_end_differently_stay_different(printed):
    lines = printed(80, [f"submission of kim minjun in the second week, part {part}" for part in "12"], SIX).lines
    rows = [line for line in lines if "…" in line]
    assert len(rows) == len({line.partition("  ")[0] for line in rows}) == 2


def test_numbers_after_a_name_from_right_to_left_keep_their_order(printed):
    (row,) = [line for line in printed(80, ["דוד"], SIX).lines if "דוד" in line]
    assert row.startswith(" דוד\u200e ")


def test_what_the_terminal_s_encoding_does_not_have_is_spelled_out(make, right):
    lines = [line.plain for line in class_table(make.assignment, [right("김민준"), right("kim" * 40)], 60, "ascii")]
    assert [line for line in lines if not line.isascii()] == []
    assert any(line.split() == [r"\uae40\ubbfc\uc900", "4", "1", "5"] for line in lines)
    assert len({len(line) for line in lines[3:-1]}) == 1


def test_words_are_whole_before_names_are(printed):
    lines = printed(80, ["a name that is a little too long", "kim"], SIX).lines
    assert any(line.split() == ["residual", "se", "separable", "lstm", "clip", "replace"] for line in lines)
