"""What each check gives once all have been asked: points for form, and the same difference twice."""

from __future__ import annotations

import pytest

from autograder.errors import UsageError
from autograder.grading.marks import first_difference, marks
from autograder.sandbox.session import Frame, SubjectError, SubjectMissing, SubjectTimeout
from autograder.suite.compare import assert_close
from autograder.suite.failures import BehaviourError, without_numbers

HEAD = """
import pytest, torch

from autograder.suite import assert_same_gradients, assert_same_outputs, check

"""
VALUES = """
@pytest.mark.points(4, again=1)
@pytest.mark.parametrize("size", [2, 5])
def test_outputs(student, reference, rng, size):
    '''Same outputs.'''
    assert_same_outputs(student.Double(), reference.Double(), [rng.randn(3, size)])


@pytest.mark.points(2)
def test_gradients(student, reference, rng):
    '''Same gradients.'''
    assert_same_gradients(student.Double(), reference.Double(), [rng.randn(3, 2)])


@pytest.mark.points(2, again=0.5)
def test_large(student, reference, rng):
    '''Large inputs.'''
    assert_same_outputs(student.Double(), reference.Double(), [1e4 * rng.randn(3, 4)], mode="train")


@pytest.mark.form
@pytest.mark.points(1)
def test_no_parameters(student):
    '''There are no parameters.'''
    check(not student.Double().parameters_by_name(), "Double has parameters.")
"""
OTHER = """

@pytest.mark.points(2)
def test_half(student, rng):
    '''Half of it.'''
    x = rng.randn(3)
    check(torch.equal(student.half(x), x / 2), "half is not half.")


@pytest.mark.form
@pytest.mark.points(1)
def test_half_keeps_its_input(student, rng):
    '''The input stays.'''
    x = rng.randn(3)
    student.half(x)
    check(bool(x.any()), "half empties its input.")


@pytest.mark.form
@pytest.mark.points(1)
def test_both(student):
    '''Both are there.'''
    student.Double(), student.half
"""
PUBLIC = """
import pytest, torch


@pytest.mark.points(1, again=0.25)
def test_example(student):
    '''Twice one is two.'''
    assert student.Double()(torch.ones(1)).item() == 2, "twice 1 is not 2"


@pytest.mark.form
@pytest.mark.points(1)
def test_shape(student):
    '''The shape stays.'''
    assert student.Double()(torch.zeros(2, 3)).shape == (2, 3), "the shape does not stay"
"""


@pytest.fixture
def marked(project, run):
    """Marks by check, of a submission whose forward has this body."""
    project.write("tests/demo/double/test_double.py", HEAD + VALUES)
    project.write("tests/demo/double/test_double_public.py", PUBLIC)

    def of(forward):
        return {mark.outcome.check.name.removeprefix("test_"): mark for mark in marks(run(forward))}

    return of


@pytest.fixture
def points(marked):
    """Points by check."""
    return lambda forward: {name: float(mark.points) for name, mark in marked(forward).items()}


FULL = {"outputs[2]": 2, "outputs[5]": 2, "gradients": 2, "large": 2, "no_parameters": 1, "example": 1, "shape": 1}
NOTHING = dict.fromkeys(FULL, 0)


def test_what_is_right_gets_everything(points):
    assert points("return 2 * x") == FULL


@pytest.mark.parametrize(
    ("forward", "scores"),
    [
        ("return 0 * x", NOTHING),
        ("return x", NOTHING),
        ("raise ValueError('no')", NOTHING),
        # Whoever has the public check can write its answer down: that shows nothing.
        ("return torch.full_like(x, 2)", {**NOTHING, "example": 1}),
    ],
    ids=["zeros", "its input", "an exception", "constants that solve the public example"],
)
def test_without_a_right_hidden_value_neither_form_nor_a_repeated_difference_counts(points, forward, scores):
    assert points(forward) == scores


def test_one_right_value_makes_form_count(points):
    assert points("return x.detach() + x") == {**FULL, "gradients": 0}  # right outputs, half the gradient


def test_a_right_function_proves_nothing_of_another(project, run):
    project.write("tests/demo/double/test_double.py", HEAD + VALUES + OTHER)
    text = "from torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        return {}\n"
    text += "\n\ndef half(x):\n    return {}\n"

    def points(double, half):
        given = marks(run(text=text.format(double, half)))
        return {mark.outcome.check.name.removeprefix("test_"): float(mark.points) for mark in given}

    mine = {"outputs[2]", "outputs[5]", "gradients", "large", "no_parameters"}
    right = points("2 * x", "x / 2")
    assert (right["half"], right["half_keeps_its_input"], right["both"]) == (2, 1, 1)
    assert points("0 * x", "x / 2") == {name: 0 if name in mine else value for name, value in right.items()}
    assert points("2 * x", "0 * x") == right | {"half": 0, "half_keeps_its_input": 0}


def test_the_same_difference_costs_less_the_second_time(points):
    # The outputs are 1 too large in three hidden checks, in either mode and in all sizes.
    assert points("return 2 * x + 1") == {**FULL, "outputs[2]": 0, "outputs[5]": 1.5, "large": 1.5, "example": 0}


def test_another_difference_costs_all_of_it(points):
    of_two_kinds = "return 2 * x + 1 if x.abs().max() < 1000 else (2 * x).float()"
    assert points(of_two_kinds) == {**FULL, "outputs[2]": 0, "outputs[5]": 1.5, "large": 0, "example": 0}


def test_the_same_exception_at_the_same_line_costs_less_the_second_time(points):
    raises = "assert x.shape[-1] == 2, f'{x.shape[-1]} columns'; return 2 * x"
    # The public check comes first, so that what students see of it does not depend on hidden ones.
    assert points(raises) == {**FULL, "outputs[5]": 1.5, "large": 1.5, "example": 0, "shape": 0}


def test_what_is_not_written_yet_costs_all_of_it_every_time(points):
    half = "if x.shape[-1] != 2: raise NotImplementedError\n        return 2 * x"
    assert points(half) == {**FULL, "outputs[5]": 0, "large": 0, "example": 0, "shape": 0}


@pytest.mark.parametrize(
    ("forward", "noted", "words"),
    [
        ("return 0 * x", {"no_parameters", "shape"}, "Names and form count once a hidden check of what"),
        ("return 2 * x + 1", {"outputs[5]", "large"}, "same difference as in an earlier check"),
        ("return 2 * x", set(), ""),
    ],
)
def test_a_note_says_why_the_points_are_not_what_the_status_alone_would_give(marked, forward, noted, words):
    notes = {name: mark.note for name, mark in marked(forward).items() if mark.note}
    assert set(notes) == noted
    assert [note for note in notes.values() if words not in note] == []


# -- what is one and the same difference ------------------------------------------------------------------------------


def raised(kind, line, text=""):
    return SubjectError(kind, text, (Frame(3, "forward", "y = f(x)"), Frame(line, "f", "...")))


def differs(what, value):
    with pytest.raises(BehaviourError) as caught:
        assert_close(value, 4.0, what)
    return caught.value


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (raised("ValueError", 7, "3 rows"), raised("ValueError", 7, "5 rows"), True),
        (raised("ValueError", 7), raised("ValueError", 8), False),
        (raised("ValueError", 7), raised("TypeError", 7), False),
        (SubjectError("TypeError", "takes 2 arguments"), SubjectError("TypeError", "takes 3 arguments"), True),
        (SubjectError("TypeError", "missing `stride`"), SubjectError("TypeError", "missing `bias`"), False),
        (BehaviourError("h is 3 too large"), BehaviourError("h is 12.5 too large", hint="Look."), True),
        (BehaviourError("h is 3 too large"), BehaviourError("c is 3 too large"), False),
        (AssertionError("got (2, 3)"), AssertionError("got (4, 1)"), True),
        (differs("The gradient of x", 3.0), differs("the gradient of x", 5.0), True),
        (differs("output 1 of 2", 3.0), differs("output 2 of 2", 3.0), True),
        (differs("the gradient of x", 3.0), differs("the gradient of h", 3.0), False),
        (differs("the gradient of x", 3.0), differs("the gradient of x", None), False),
    ],
    ids=[
        "same line",
        "other line",
        "other type",
        "no line",
        "no line, other words",
        "other numbers",
        "other quantity",
        "plain assert",
        "a name that begins a sentence",
        "a number in a name",
        "another name",
        "another kind",
    ],
)
def test_what_is_one_and_the_same_difference(one, other, same):
    assert (first_difference(one) == first_difference(other)) is same


@pytest.mark.parametrize(
    "cause",
    [
        None,
        SubjectMissing("NameError", "no `Double`"),
        SubjectTimeout("Timeout", "10 seconds"),
        raised("NotImplementedError", 5),
        AssertionError(),
    ],
    ids=["passed", "not defined", "too slow", "not implemented", "no words"],
)
def test_where_there_was_no_answer_nothing_is_the_same(cause):
    assert first_difference(cause) is None


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("differs in 3 of 12 values, by up to 1.5e-07", "differs in # of # values, by up to #"),
        ("`conv1.weight` and `shortcut.0.weight`", "`conv1.weight` and `shortcut.0.weight`"),
        ("shape (2, 3), a 3x3 kernel, -4", "shape (#, #), a 3x3 kernel, #"),
    ],
)
def test_names_keep_their_numbers(text, without):
    assert without_numbers(text) == without


@pytest.mark.parametrize("marker", ["points(2, again=3)", "points(2, again=-1)", "points(2, agian=1)"])
def test_what_a_repeated_difference_costs_is_from_0_to_all(project, collected, marker):
    project.write_suite(f"{HEAD}@pytest.mark.{marker}\ndef test_it(student):\n    '''It.'''\n")
    with pytest.raises(UsageError, match=r"points\(2, again=m\) takes an m from 0 to 2"):
        collected()
