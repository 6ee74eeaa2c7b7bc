"""Public checks of `conv2d`: shapes, the worked example as an image and as a matrix, channels, and both in one."""

from __future__ import annotations

import pytest
import torch

KERNEL = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)[None, None]
IMAGE = torch.arange(1.0, 10.0, dtype=torch.float64).reshape(1, 1, 3, 3)
ASKED = "x of shape (2, 3, 7, 6), weight of shape (4, 3, 3, 2), stride 2, padding 1: "


def matrix_of(student, weight):
    matrix = student.conv2d_matrix(weight, 7, 6, 2, 1)
    assert isinstance(matrix, torch.Tensor), f"conv2d_matrix returns a {type(matrix).__name__}, expected a tensor."
    assert tuple(matrix.shape) == (64, 126), f"{ASKED}the matrix has shape {tuple(matrix.shape)}, expected (64, 126)."
    return matrix


@pytest.mark.form
@pytest.mark.points(0.5)
def test_shapes(student, rng):
    """The output has the shape of the formula, with stride and padding, and so has the matrix."""
    x, weight, bias = rng.randn(2, 3, 7, 6), rng.randn(4, 3, 3, 2), rng.randn(4)
    out = student.conv2d(x, weight, bias, 2, 1)
    assert isinstance(out, torch.Tensor), f"conv2d returns a {type(out).__name__}, expected a tensor."
    assert tuple(out.shape) == (2, 4, 4, 4), f"{ASKED}the output has shape {tuple(out.shape)}, expected (2, 4, 4, 4)."
    matrix_of(student, weight)


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """The worked example: a kernel of 2 by 2 over an image of 3 by 3."""
    expected = torch.tensor([[11.0, 14.0], [20.0, 23.0]], dtype=torch.float64)[None, None]
    close(student.conv2d(IMAGE, KERNEL), expected, "The output for the worked example")


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_worked_example_as_a_matrix(student, close):
    """The worked example's matrix of 4 by 9."""
    expected = torch.zeros(4, 9, dtype=torch.float64)
    for row, place in enumerate((0, 1, 3, 4)):
        expected[row, place], expected[row, place + 4] = 1.0, 2.0
    close(student.conv2d_matrix(KERNEL, 3, 3), expected, "The weight matrix of the worked example")


@pytest.mark.form
@pytest.mark.points(0.5)
def test_channels_by_hand(student, close):
    """Two images of two pixels, two channels in and out, kernels of one place: out = W x + b at every pixel."""
    x = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]], [[[5.0, 6.0]], [[7.0, 8.0]]]], dtype=torch.float64)
    weight = torch.tensor([[1.0, 10.0], [2.0, 0.0]], dtype=torch.float64)[:, :, None, None]
    found = student.conv2d(x, weight, torch.tensor([100.0, 0.5], dtype=torch.float64))
    expected = [[[[131.0, 142.0]], [[2.5, 4.5]]], [[[175.0, 186.0]], [[10.5, 12.5]]]]
    close(found, torch.tensor(expected, dtype=torch.float64), "The output for two channels")


@pytest.mark.form
@pytest.mark.points(0.5)
def test_both_do_the_same(student, rng, close):
    """With stride 2 and padding 1, the product with your matrix is the same as your convolution."""
    x, weight = rng.randn(2, 3, 7, 6), rng.randn(4, 3, 3, 2)
    product = x.flatten(1) @ matrix_of(student, weight).to(x.dtype).T
    what = "The output of your conv2d, compared with the product of the images and your matrix,"
    close(student.conv2d(x, weight, None, 2, 1).flatten(1), product, what)
