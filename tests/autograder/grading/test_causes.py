"""Which checks fail for one cause, and which of the student's lines are shown."""

from __future__ import annotations

from fractions import Fraction

import pytest

from autograder.grading.causes import Explained, causes, excerpts
from autograder.grading.plugin import Check
from autograder.grading.suites import Outcome
from autograder.results.model import Diagnosis, Excerpt
from autograder.sandbox.session import Frame, SubjectDied, SubjectError, SubjectTimeout
from autograder.submissions.model import Segment, SourceFile
from autograder.suite.compare import assert_close
from autograder.suite.failures import BehaviourError


def outcome(cause, name="test"):
    check = Check("double", name, name, Fraction(1), public=False, visibility=None, id=name)
    status = "passed" if cause is None else "timeout" if isinstance(cause, SubjectTimeout) else "failed"
    return Outcome(check, status, str(cause or ""), 0.0, cause=cause)


def raised(line, type_name="ValueError", text="no"):
    return SubjectError(type_name, text, (Frame(3, "f", "g()"), Frame(line, "g", "x")))


def differs(message, difference=None):
    return BehaviourError(message, None, difference)


RULES = {
    "what passes has none": ([None, differs("a"), None], [0, 1, 0]),
    "the same difference, whatever the case": (
        [differs("Block(2): x", "x: value"), differs("y"), differs("Block(3): x", "x: value")],
        [1, 2, 1],
    ),
    "numbers do not count": ([differs("has 3 of 4"), differs("has 5 of 6")], [1, 1]),
    "the same line and type": ([raised(7), raised(8), raised(7, text="nay"), raised(7, "KeyError")], [1, 2, 1, 3]),
    "where it is not implemented": (
        [SubjectError("NotImplementedError", "f"), SubjectError("NotImplementedError", "g")],
        [1, 2],
    ),
    "the same words, where nothing came back": ([SubjectDied("ProcessEnded", "status 3")] * 2, [1, 1]),
    "out of time": ([SubjectTimeout("Timeout", "10 s"), SubjectTimeout("Timeout", "not run")], [1, 1]),
}


@pytest.mark.parametrize(("raised", "numbers"), RULES.values(), ids=RULES)
def test_failures_have_one_cause_where_they_differ_first_in_the_same_way(raised, numbers):
    assert causes([outcome(cause) for cause in raised], ()) == numbers


def test_what_one_known_mistake_explains_has_one_cause_and_draws_the_same_differences_to_it():
    outcomes = [
        outcome(differs("a"), "first"),
        outcome(differs("b"), "second"),
        outcome(differs("b"), "of another function"),
        outcome(differs("c"), "third"),
        outcome(differs("d"), "fourth"),
    ]
    known = Diagnosis("adds", "adds two", "Try 3.")
    explained = [Explained(known, frozenset({"first", "second"})), Explained(known, frozenset({"third"}))]
    assert causes(outcomes, explained) == [1, 1, 1, 2, 3]
    either = [explained[0], Explained(known, frozenset({"first", "second"}))]
    assert causes(outcomes, either) == [1, 1, 1, 2, 3]


@pytest.fixture
def source():
    """A cell that begins in the middle of a text of seven lines."""
    text = "import torch\n\ndef f():\n\tx = 1\n\t\x1b\u202e\n\ty = [" + "2, " * 100 + "]\n\treturn x"
    return SourceFile("double", "kim.ipynb", text, (Segment(1, "notebook cell 2"), Segment(3, "notebook cell 5")))


def test_an_excerpt_ends_with_its_cell_and_nothing_in_it_acts_on_a_terminal(source):
    (found,) = excerpts([outcome(raised(4)), outcome(raised(4, "KeyError"))], source)
    assert found == Excerpt(4, "cell 5, line 2", 1, 1, ("def f():", "    x = 1", "    \\x1b\\u202e"))


def test_long_lines_are_cut(source):
    (found,) = excerpts([outcome(raised(7))], source)
    assert [len(line) for line in found.lines] == [10, 160, 8]
    assert (found.number, found.marked, found.lines[2]) == (3, 2, "return x")


@pytest.mark.parametrize("line", [0, -5, 8, 10**12])
def test_a_line_that_is_not_there_is_not_shown(source, line):
    assert excerpts([outcome(raised(line))], source) == ()


def test_a_few_places_are_enough(source):
    assert len(excerpts([outcome(raised(line)) for line in range(1, 8)], source)) == 4


@pytest.mark.parametrize(
    ("actual", "expected", "numbers"),
    [
        ([1.5, 2.0], [1.0, 2.0], (("[0]", "1.5", "1"), ("[1]", "2", "2"))),
        (1.00001, 1.0, (("", "1.00001", "1"),)),
        ([[1, 2]], [[1, 3]], (("[0, 0]", "1", "1"), ("[0, 1]", "2", "3"))),
        ([float("nan")], [1.0], (("[0]", "nan", "1"),)),
        ([0.0] * 7, [1.0] * 7, ()),
    ],
)
def test_a_comparison_keeps_its_numbers_where_they_are_few(actual, expected, numbers):
    import torch

    with pytest.raises(BehaviourError) as caught:
        assert_close(*(torch.tensor(each, dtype=torch.float64) for each in (actual, expected)), "the output")
    assert caught.value.numbers == numbers
