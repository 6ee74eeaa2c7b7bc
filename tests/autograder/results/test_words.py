"""What became of an exercise, in the same words in grades.csv, on the terminal and on every page."""

from __future__ import annotations

import csv

import pytest

from autograder.results.feedback import feedback
from autograder.results.files import grades_csv
from autograder.results.model import NOT_RUN, Diagnosis, Failure
from autograder.results.page import page_of
from autograder.results.table import remarks
from autograder.results.words import WORDS, known_mistakes, remark, verdict

VERDICTS = {
    "complete": ([("passed", "")], {}),
    "partly right": ([("passed", ""), ("failed", "message")], {}),
    "not right yet": ([("failed", "message"), ("error", "Not implemented yet.")], {}),
    "out of time": ([("passed", ""), ("timeout", "too long")], {}),
    "not started": ([("error", "Not implemented yet."), ("error", "Not implemented yet (double).")], {}),
    "not found": ([], {"status": "missing"}),
    "misnamed": ([], {"status": "misnamed"}),
    "syntax error": ([], {"status": "syntax"}),
    "cannot be read": ([], {"status": "unreadable"}),
    "archive not accepted": ([], {"status": "archive"}),
    "uses what is not allowed": ([], {"status": "not_allowed"}),
    "cannot be imported": ([], {"status": "not_loaded"}),
    "not run": ([], {"status": NOT_RUN}),
}


@pytest.mark.parametrize(("words", "case"), VERDICTS.items(), ids=VERDICTS)
def test_an_exercise_in_a_word_or_two(make, words, case):
    tests, fields = case
    assert verdict(make.exercise(*(make.test(*test) for test in tests), **fields)) == words


@pytest.mark.parametrize("status", WORDS)
def test_table_terminal_and_page_use_the_same_words(make, status):
    result = make.result("kim", double=make.exercise(status=status), shift=make.exercise(make.test()))
    (_, row) = csv.reader(grades_csv(["double", "shift"], [result]).decode().splitlines())
    assert row[-1] == f"{WORDS[status]}: double"
    assert remarks([result]) == ["Remarks:", f"  kim: {row[-1]}"]
    assert f"| Doubling | 0 of 0 | {WORDS[status]} |" in feedback(page_of(result, make.assignment))


def test_so_they_do_where_time_ran_out(make):
    slow = make.exercise(make.test("timeout", "too long"), make.test())
    result = make.result("kim", double=slow, shift=make.exercise(make.test()))
    assert remark(result) == "out of time: double"
    assert "| Doubling | 2 of 4 | out of time |" in feedback(page_of(result, make.assignment))


def test_what_an_instructor_should_look_at_is_no_student_s_to_read(make):
    flagged = make.exercise(make.test(), evidence=("line 3 uses torch.nn.LSTM",))
    result = make.result("kim", double=flagged, shift=make.exercise(make.test()))
    assert remark(result) == "flagged, seems to use what is not allowed: double"
    assert "| Doubling | 2 of 2 | complete |" in feedback(page_of(result, make.assignment))


def test_several_troubles_are_all_named(make):
    result = make.result(double=make.exercise(status="missing"), shift=make.exercise(status="not_loaded"))
    assert remark(result) == "not found: double; cannot be imported: shift"


def test_what_needs_no_word_is_graded(right):
    assert remark(right("kim")) == "graded"


def test_a_submission_that_was_not_graded_has_the_last_line_of_the_reason(make):
    assert remark(Failure("kim", "Traceback\n ...\nOSError: full")) == "not graded: OSError: full"


def test_known_mistakes_do_not_depend_on_the_order_of_the_class(make):
    adds = (Diagnosis("adds", "adds two", "Try 3."),)
    results = [
        make.result(student, double=make.exercise(make.test("failed"), diagnosis=adds)) for student in ("kim", "ann")
    ]
    assert known_mistakes(results) == known_mistakes(reversed(results))
    assert known_mistakes(results)[0].students == ("ann", "kim")
