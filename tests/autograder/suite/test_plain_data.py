"""Plain data and quantities derived from random draws: what is a difference, and how it is told."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import BehaviourError, assert_equal, assert_statistic
from autograder.suite.failures import failures_noted

NAN = float("nan")


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ((1, 2), [1, 2]),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": [2.0]}, {"b": [2.0], "a": 1}),
        (0.1 + 0.2, 0.3),
        (NAN, NAN),
        (None, None),
        ("", ""),
        (10**80, 10**80),
        ({"w": [torch.ones(2)]}, {"w": [torch.ones(2)]}),
    ],
)
def test_what_is_no_difference(actual, expected):
    assert_equal(actual, expected, "the result")


@pytest.mark.parametrize(
    ("actual", "expected", "told"),
    [
        ([1, 3, 4], [1, 2, 5], "the result, at [1], is 3, expected 2."),
        ({"a": [0, {"b": "x"}]}, {"a": [0, {"b": "y"}]}, "the result, at ['a'][1]['b'], is 'x', expected 'y'."),
        ([1], [1, 2], "the result has 1 item, expected 2."),
        ({"a": 1}, {"a": 1, "b": 2}, "the result has no 'b'."),
        ({"a": 1, "c": 2}, {"a": 1}, "the result has 'c', which is not expected."),
        ([{}], [{0: 1}], "the result, at [0], has no 0."),
        (1, 1.0, "the result is a value of type int, expected 1.0."),
        (1.0, 1, "the result is a value of type float, expected 1."),
        (True, 1, "the result is a value of type bool, expected 1."),
        (1, True, "the result is a value of type int, expected True."),
        (True, 1.0, "the result is a value of type bool, expected 1.0."),
        ("12", [1, 2], "the result is a value of type str, expected a list."),
        ([1], {0: 1}, "the result is a value of type list, expected a dict."),
        (None, 0, "the result is None, expected 0."),
        (0, None, "the result is a value of type int, expected None."),
        (b"a", "a", "the result is a value of type bytes, expected 'a'."),
        (0.30001, 0.3, "the result is 0.30001, expected 0.3."),
        (NAN, 1.0, "the result is nan, expected 1.0."),
        (float("inf"), float("-inf"), "the result is inf, expected -inf."),
        (10**80, 3, "the result is a number of more than 60 digits, expected 3."),
        ([torch.ones(2)], [torch.ones(3)], "the result, at [0], has shape (2,), expected (3,)."),
        ([1, 2], torch.ones(2), "the result is of type list, expected a tensor of shape (2,)."),
    ],
)
def test_the_first_difference_is_named(actual, expected, told):
    with pytest.raises(BehaviourError) as raised:
        assert_equal(actual, expected, "the result")
    assert str(raised.value) == told


def test_an_integer_that_python_does_not_print_is_told():
    with pytest.raises(BehaviourError, match="is a number of more than 60 digits, expected 3"):
        assert_equal(10**5000, 3, "the result")


def test_long_texts_are_cut_where_they_differ():
    with pytest.raises(BehaviourError) as raised:
        assert_equal("a" * 100 + "b", "a" * 100 + "c", "the text")
    assert str(raised.value) == "the text goes on with 'b' from character 100 on, expected 'c'."


def test_a_long_text_where_another_type_is_expected_is_cut():
    with pytest.raises(BehaviourError) as raised:
        assert_equal(3, "a" * 100, "the text")
    assert len(str(raised.value)) < 120


def test_one_difference_in_several_cases_is_one():
    with failures_noted() as noted:
        assert_equal([1], [2], "the result", asked="count(3): ")
        assert_equal([4, 5, 7], [4, 5, 6], "the result", asked="count(9): ")
        assert_equal([4], [4, 5], "the result", asked="count(9): ")
    differences = [failure.difference for failure in noted.failures]
    assert differences == [("the result", "value"), ("the result", "value"), ("the result", "length")]


# -- statistics -------------------------------------------------------------------------------------------------------


def test_a_statistic_within_its_band_passes():
    assert_statistic(0.52, 0.5, 0.03, "the share of zeros")
    assert_statistic(torch.tensor(0.52), 0.5, 0.03, "the share of zeros")


@pytest.mark.parametrize("value", [0.54, 0.46, NAN])
def test_a_statistic_outside_its_band_is_told(value):
    with pytest.raises(BehaviourError) as raised:
        assert_statistic(value, 0.5, 0.03, "the share of zeros", asked="Drop(p=0.5): ")
    assert str(raised.value) == (f"Drop(p=0.5): the share of zeros is {value:.4g}, expected 0.5 to within 0.03.")


def test_statistics_are_noted_whether_they_pass_or_not():
    with failures_noted() as noted:
        assert_statistic(0.52, 0.5, 0.03, "the share of zeros")
        assert_statistic(2.0, 1.0, 0.1, "the standard deviation")
    assert [(each.name, each.value, each.band) for each in noted.statistics] == [
        ("the share of zeros", 0.52, 0.03),
        ("the standard deviation", 2.0, 0.1),
    ]
    assert len(noted.failures) == 1
