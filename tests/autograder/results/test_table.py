"""The closing table on the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.results.model import Diagnosis, Failure
from autograder.results.table import class_table, common_mistakes, remarks


@pytest.fixture
def shown(make):
    """The table as it is printed, without frames."""

    def show(*results):
        console = Console(file=io.StringIO(), width=200)
        console.print(class_table(make.assignment, results))
        return [" ".join(line.replace("│", " ").split()) for line in console.file.getvalue().splitlines()]

    return show


def test_a_row_per_student_sorted_by_name(shown, right):
    lines = shown(right("kim"), right("ann"))
    assert lines[0] == "Demonstration"
    assert [line for line in lines if line.startswith(("ann", "kim"))] == ["ann 4 1 5", "kim 4 1 5"]


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
