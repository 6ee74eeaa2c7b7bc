"""Hidden suite of `conv2d`: kernel, channels, bias, stride and padding one at a time, then together; then the matrix.

Where a check is not about the kernel, the kernel is 1 by 1: a slip in it does not show there.
"""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_repeatable,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    assert_world_untouched,
    check,
    layouts,
)

NAMES = ("x", "weight", "bias")


def images(rng, n=2, channels=3):
    """(N, C, H, W) with H and W different, and different from the channels."""
    height, width = rng.distinct(6, 9, 2)
    return rng.randn(n, channels, height, width)


def shapes(*tensors):
    named = [f"{name} {tuple(t.shape)}" for name, t in zip(NAMES, tensors, strict=False) if t is not None]
    return f"The shapes here: {', '.join(named)}."


def assert_same(student, reference, *given, hint="", **options):
    """Both give the same for x, weight and perhaps a bias."""
    mine, theirs = student.conv2d.bind(**options), reference.conv2d.bind(**options)
    assert_same_outputs(mine, theirs, list(given), hint=f"{hint} {shapes(*given)}".strip())


# -- one part at a time -----------------------------------------------------------------------------------------------


@pytest.mark.points(0.25)
def test_square(student, reference, rng):
    """One channel, a square image and a square kernel."""
    size = rng.integer(5, 8)
    x, weight = rng.randn(1, 1, size, size), rng.randn(1, 1, 3, 3)
    hint = "All weights are 1, so each output is the sum of a window. Which windows are there without padding?"
    assert_same(student, reference, x, torch.ones_like(weight), hint=hint)
    hint = "Turned by 180 degrees, this kernel is the same. Are rows and columns exchanged, or one of them flipped?"
    assert_same(student, reference, x, weight + weight.flip(2, 3), hint=hint)
    hint = "With a kernel that is the same turned by 180 degrees, the output is right. Is the kernel flipped?"
    assert_same(student, reference, x, weight, hint=hint)


@pytest.mark.points(1.25)
def test_kernel(student, reference, rng):
    """One channel, one kernel with more rows than columns, or fewer: each weight meets its place of the window."""
    x = images(rng, 1, 1)
    for kernel in ((2, 3), (4, 2), (3, 3)):
        assert_same(
            student,
            reference,
            x,
            rng.randn(1, 1, *kernel),
            hint="Which weight meets which place? The kernel is not flipped.",
        )


@pytest.mark.points(1.5, again=0.5)
def test_channels(student, reference, rng):
    """Every output channel is a sum over all input channels, for every image of the batch."""
    x, first = images(rng), torch.tensor([1.0, 0.0, 0.0])[:, None, None].double()
    hint = "Each output channel is the image times one number. Which axes has the product before you reshape it?"
    assert_same(student, reference, x[:1, :1], rng.randn(5, 1, 1, 1), hint=hint)
    hint = "Two images, one channel: does each image get an output of its own?"
    assert_same(student, reference, x[:, :1], rng.randn(1, 1, 1, 1), hint=hint)
    hint = "Only the first input channel has a weight other than 0. Is anything divided, or another channel taken?"
    assert_same(student, reference, x[:1], first * rng.randn(1, 3, 1, 1), hint=hint)
    hint = "With one input channel, and with weights for the first alone, the output is right. Do the others count?"
    assert_same(student, reference, x[:1], rng.randn(1, 3, 1, 1), hint=hint)
    hint = "Axis 0 of weight is the output channel, axis 1 the input channel."
    for out_channels in (5, 2):
        assert_same(student, reference, x, rng.randn(out_channels, 3, 1, 1), hint=hint)


@pytest.mark.points(1.5, again=0.5)
def test_bias(student, reference, rng):
    """Each output channel has its bias added once, everywhere."""
    x = images(rng, channels=1)
    for out_channels in (4, x.shape[3], 1):
        weight, bias = rng.randn(out_channels, 1, 1, 1), rng.randn(out_channels)
        assert_same(student, reference, x, weight, bias, hint="Which number is added to which channel?")


@pytest.mark.points(2, again=0.5)
def test_stride(student, reference, rng):
    """A stride skips places in both directions, and what is left over at the end has no output."""
    for stride in (2, 3, 4):
        x, weight = images(rng, channels=1), rng.randn(1, 1, 1, 1)
        assert_same(student, reference, x, weight, stride=stride, hint="The stride is for rows and for columns.")


@pytest.mark.points(2, again=0.5)
def test_padding(student, reference, rng):
    """Padding puts zeros on all four sides; without being asked for, there is none."""
    for padding in (1, 2):
        x = images(rng, channels=1)
        hint = "Zeros above, below, left and right."
        assert_same(student, reference, x, rng.randn(1, 1, 1, 1), padding=padding, hint=hint)
        ones = torch.ones(1, 1, 3, 3, dtype=torch.float64)  # the same when it is flipped
        assert_same(student, reference, x, ones, padding=padding)
        assert_same(student, reference, x, ones)


# -- together ---------------------------------------------------------------------------------------------------------


@pytest.mark.points(2.5, again=0.5)
def test_together(student, reference, rng):
    """All of it together: channels, bias, stride, padding, rectangular kernels, sizes of 1, any layout, float32."""
    x, weight, bias = images(rng), rng.randn(4, 3, 3, 2), rng.randn(4)
    for stride, padding in ((2, 1), (3, 2), (1, 3)):
        assert_same(student, reference, x, weight, bias, stride=stride, padding=padding)
    with torch.no_grad():
        hint = "Where no gradient is asked for: is anything done otherwise, or in place?"
        assert_same(student, reference, x, weight, bias, stride=2, hint=hint)
    for what, same in layouts(x).items():
        assert_same(student, reference, same, weight, bias, stride=2, padding=1, hint=f"x is {what} here.")
    high, wide = x.shape[2:]
    for n, channels, out, kernel, padding in (
        (1, 1, 1, (1, 1), 0),
        (1, 3, 1, (high, wide), 0),
        (2, 1, 3, (high, 2), 0),
        (1, 2, 2, (2, wide), 0),
        (2, 2, 1, (high + 1, wide + 2), 1),
    ):
        given = x[:n, :channels], rng.randn(out, channels, *kernel), rng.randn(out)
        assert_same(student, reference, *given, padding=padding, stride=5)
    hint = "There are more images and channels here, and they are much wider than high."
    assert_same(student, reference, rng.randn(4, 6, 3, 70), rng.randn(7, 6, 3, 3), rng.randn(7), hint=hint)
    hint = "An image of one pixel: most of the kernel lies beyond it."
    assert_same(student, reference, x[:, :, :1, :1], weight[..., :1], padding=1, hint=hint)
    assert_repeatable(student.conv2d.bind(stride=2), [x, weight, bias])
    assert_nothing_kept(student, reference, "conv2d", [x, weight, bias], "the output")
    wanted = reference.conv2d(x, weight, bias, 2, 1)
    found = student.conv2d(x.float(), weight.float(), bias.float(), 2, 1)
    assert_shape(found, wanted.shape, asked="conv2d of float32 tensors: ")
    check(found.dtype == torch.float32, f"conv2d of float32 tensors: the output has dtype {found.dtype}.")
    close = torch.allclose(found.double(), wanted, rtol=0, atol=1e-4 * float(wanted.abs().max()))
    check(close, "conv2d of float32 tensors: the output is not right to four digits.")


def assert_nothing_kept(student, reference, name, given, what):
    """A second call with the same tensors, changed in place, gives what belongs to their new values."""
    calls = (code.beside.call_again.bind(function=getattr(code, name)) for code in (student, reference))
    found, expected = (call(*given) for call in calls)
    asked = f"{name}, called again after its tensors were changed in place: "
    assert_close(found, expected, what, asked=asked, hint="Is a result of the first call returned once more?")


@pytest.mark.points(2.5, again=0.5)
def test_gradients(student, reference, rng):
    """Gradients of x, weight and bias are those of the reference."""
    given = [images(rng), rng.randn(4, 3, 3, 2), rng.randn(4)]
    for options in ({}, {"stride": 2, "padding": 1}):
        mine, theirs = student.conv2d.bind(**options), reference.conv2d.bind(**options)
        hint = f"Where the output is right: is anything detached? {shapes(*given)}"
        assert_same_gradients(mine, theirs, given, names=NAMES, hint=hint)
        assert_same_gradients(mine, theirs, given[:2], names=NAMES[:2], hint=hint)
    zeros = [given[0], given[1], 0 * given[2]]
    hint = "The bias is given here, and zero: a bias like any other, which gets its gradient."
    assert_same_gradients(mine, theirs, zeros, names=NAMES, hint=hint)
    upstream = rng.randn(*reference.conv2d(*given).shape)
    for place, name in enumerate(NAMES):
        found, expected = (gradient_of_one(code, given, place, upstream) for code in (student, reference))
        asked = f"conv2d, where {name} alone requires a gradient: "
        told = f"the gradient of {name}"
        hint = "With gradients for all three it is right. Images are data, and a frozen weight lets gradients through."
        check(found is not None, f"{asked}{told} is missing.", hint=hint, difference=(told, "missing"))
        assert_close(found, expected, told, asked=asked, hint=hint)


def gradient_of_one(code, given, place, upstream):
    """The gradient of the tensor at this place, where the others require none."""
    tensors = [tensor.clone().requires_grad_(index == place) for index, tensor in enumerate(given)]
    out = code.conv2d(*tensors)
    if not out.requires_grad:
        return None
    return torch.autograd.grad(out, tensors[place], upstream, allow_unused=True)[0]


# -- the matrix -------------------------------------------------------------------------------------------------------


ENTRIES = "A row for each number of the output, a column for each of the image without its padding."


def assert_same_matrix(student, reference, weight, height, width, *options, hint=ENTRIES):
    asked = ", ".join(f"{name} {value}" for name, value in zip(("stride", "padding"), options, strict=False))
    what = f"conv2d_matrix, weight of shape {tuple(weight.shape)}, images of {height}×{width}"
    asked = f"{what}{', ' if asked else ''}{asked}: "
    found = student.conv2d_matrix(weight, height, width, *options)
    expected = reference.conv2d_matrix(weight, height, width, *options)
    assert_close(found, expected, "the matrix", asked=asked, hint=hint)


@pytest.mark.points(1.5)
def test_matrix(student, reference, rng):
    """The matrix of a layer with several channels, without stride and padding."""
    height, width = rng.distinct(3, 5, 2)
    columns = "One output channel here, and one was right with one input channel. Columns go by input channel first."
    rows = "One input channel here, and one was right with one output channel. Rows go by output channel first."
    for out_channels, channels, kernel, hint in (
        (1, 1, (2, 3), ENTRIES),
        (1, 3, (2, 3), columns),
        (3, 1, (3, 2), rows),
        (2, 3, (2, 3), ENTRIES),
        (1, 2, (1, 1), ENTRIES),
        (1, 1, (height, width), ENTRIES),
        (4, 5, (1, 2), ENTRIES),
    ):
        assert_same_matrix(student, reference, rng.randn(out_channels, channels, *kernel), height, width, hint=hint)
    with torch.no_grad():
        assert_same_matrix(student, reference, rng.randn(2, 1, 2, 3), height, height, hint="The image is square here.")


@pytest.mark.points(2.5, again=0.5)
def test_matrix_with_stride_and_padding(student, reference, rng):
    """The matrix with a stride, with padding, with both; windows that reach beyond the image."""
    height, width = rng.distinct(4, 6, 2)
    weight = rng.randn(2, 2, 3, 2)
    apart = "Where does the window of each row of the matrix begin? One is a stride from the next, down and across."
    beyond = "Windows that reach beyond the image have rows, too. Their weights out there meet no pixel, on no side."
    for stride, padding, hint in ((2, 0, apart), (1, 1, beyond), (2, 1, ENTRIES), (3, 2, ENTRIES)):
        assert_same_matrix(student, reference, weight, height, width, stride, padding, hint=hint)
    high = rng.randn(1, 2, height + 2, 1)
    assert_same_matrix(student, reference, high, height, width, 1, 1)


@pytest.mark.points(2.5, again=0.5)
def test_matrix_as_a_layer(student, reference, rng):
    """The matrix has the dtype of the weight, and its gradient reaches the weight, which all rows share."""
    height, width = rng.distinct(4, 6, 2)
    weight = rng.randn(3, 2, 2, 3)
    for options in ({}, {"stride": 2, "padding": 1}):
        mine, theirs = (code.conv2d_matrix.bind(height=height, width=width, **options) for code in (student, reference))
        hint = "Where the matrix is right: are the weights copied without their graph?"
        assert_same_gradients(mine, theirs, [weight], names=["weight"], hint=hint)
        assert_repeatable(mine, [weight])
    assert_nothing_kept(student, reference, "conv2d_matrix", [weight, height, width], "the matrix")
    for dtype in (torch.float32, torch.float64):
        found = student.conv2d_matrix(weight.to(dtype), height, width)
        told = f"conv2d_matrix of a weight in {dtype}: the matrix has dtype {found.dtype}."
        check(found.dtype == dtype, told, difference=("the matrix", "dtype"))


# -- manners ----------------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(2.5)
def test_nothing_else_changes(student, rng):
    """Both functions leave what they are given as it is, and set no seed."""
    x, weight, bias = images(rng), rng.randn(4, 3, 3, 2), rng.randn(4)
    for context in (nullcontext, torch.no_grad):
        with context():
            for options in ({}, {"stride": 2, "padding": 1}):
                assert_inputs_untouched(student.conv2d.bind(**options), [x, weight, bias], names=NAMES)
            matrix = student.conv2d_matrix.bind(height=4, width=5)
            assert_inputs_untouched(matrix, [weight], names=["weight"])
    assert_world_untouched(student, lambda: student.conv2d(x=x, weight=weight, bias=bias, stride=2), "conv2d")
    assert_world_untouched(student, lambda: student.conv2d_matrix(weight, 4, 5), "conv2d_matrix")
