"""How far off images are: which tensors are images, which of them are kept, and blocks of large ones."""

from __future__ import annotations

import math

import pytest
import torch

from autograder.suite import BehaviourError, assert_close


def gaps(actual: torch.Tensor, expected: torch.Tensor):
    with pytest.raises(BehaviourError) as caught:
        assert_close(actual, expected, "The output")
    return caught.value.gaps


def test_each_image_that_differs_has_its_index_and_its_differences():
    expected = torch.zeros(2, 3, 2, 2)
    actual = expected.clone()
    actual[0, 1, 0, 1], actual[1, 2, 1, 0] = -0.5, 2.0
    assert gaps(actual, expected) == (
        ("[0, 1]", (2, 2), ((0.0, 0.5), (0.0, 0.0))),
        ("[1, 2]", (2, 2), ((0.0, 0.0), (2.0, 0.0))),
    )


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (1, 1, 2, 3)])
def test_a_single_image_has_no_index(shape):
    ((where, size, rows),) = gaps(torch.ones(shape), torch.zeros(shape))
    assert (where, size, rows) == ("", (2, 3), ((1.0,) * 3,) * 2)


@pytest.mark.parametrize("shape", [(), (9,), (3, 1), (5, 1, 3), (2, 3, 1, 1)])
def test_what_is_no_image_has_none(shape):
    assert gaps(torch.ones(shape), torch.zeros(shape)) == ()


def test_what_is_within_the_tolerance_is_no_difference():
    expected = torch.ones(2, 2)
    assert gaps(expected + torch.tensor([[1e-9, 1.0], [0.0, 0.0]]), expected)[0][2] == ((0.0, 1.0), (0.0, 0.0))


def test_what_is_no_number_is_none():
    actual = torch.tensor([[math.nan, 1.0], [math.inf, 0.0]])
    assert gaps(actual, torch.zeros(2, 2))[0][2] == ((None, 1.0), (None, 0.0))


def test_whole_numbers_and_truth_have_differences_too():
    assert gaps(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 2], [3, 7]]))[0][2] == ((0.0, 0.0), (0.0, 3.0))
    assert gaps(torch.ones(2, 2) > 0, torch.eye(2) > 0)[0][2] == ((0.0, 1.0), (1.0, 0.0))


def test_of_many_images_the_first_are_kept():
    found = gaps(torch.ones(3, 3, 2, 2), torch.zeros(3, 3, 2, 2))
    assert [where for where, _, _ in found] == ["[0, 0]", "[0, 1]", "[0, 2]", "[1, 0]"]


def test_of_a_large_image_blocks_are_kept_with_their_largest_difference():
    actual = torch.zeros(24, 36)
    actual[3, 35] = 7.0
    ((_, size, rows),) = gaps(actual, torch.zeros(24, 36))
    assert (size, len(rows), len(rows[0])) == ((24, 36), 12, 12)
    assert [(y, x) for y, row in enumerate(rows) for x, gap in enumerate(row) if gap] == [(1, 11)]
    assert rows[1][11] == 7.0


def test_what_is_off_by_rounding_alone_has_none():
    expected = torch.ones(2, 2, dtype=torch.float64)
    assert gaps(expected + 4e-7, expected) == ()
