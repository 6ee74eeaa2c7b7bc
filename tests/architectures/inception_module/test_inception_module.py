"""Hidden suite of `inception_module`: four branches and their order.

Several tests make one branch speak and compare its channels alone, so that a slip in one branch leaves the marks for
the others.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from autograder.suite import (
    Case,
    ModuleChecks,
    assert_close,
    assert_parameters,
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_shape,
    check,
    share_weights,
)


def sizes(rng):
    """Seven different numbers of channels, so that none can stand for another."""
    names = ("in_channels", "ch1x1", "ch3x3_reduce", "ch3x3", "ch5x5_reduce", "ch5x5", "pool_proj")
    return dict(zip(names, rng.distinct(2, 9, 7), strict=True))


def equal_sizes(rng):
    """As many channels everywhere, where a branch may be taken for another."""
    return dict.fromkeys(sizes(rng), rng.integer(2, 4))


def wide(rng, arguments):
    """(N, in_channels, H, W), H and W large enough for a whole 5x5 window, and different."""
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], rng.integer(5, 6), rng.integer(7, 9))]


def tall(rng, arguments):
    """As `wide`, turned."""
    return [wide(rng, arguments)[0].mT.contiguous()]


MODULES = ModuleChecks("InceptionModule", {"different": Case(sizes, wide), "equal": Case(equal_sizes, tall)})

NAMES = "conv1x1, reduce3x3, conv3x3, reduce5x5, conv5x5, pool_proj, each a convolution with a bias."

test_parameters = MODULES.parameters(points=1.25, again=0.25, hint=NAMES)


# -- one branch at a time ---------------------------------------------------------------------------------------------

BRANCHES = {
    "1x1": ["conv1x1"],
    "3x3": ["reduce3x3", "conv3x3"],
    "5x5": ["reduce5x5", "conv5x5"],
    "pooling": ["pool_proj"],
}


def sorted_channels(out):
    """The channels of each image by their sum, whatever their order was."""
    order = out.detach().sum((2, 3)).argsort(dim=1)
    return out.gather(1, order[:, :, None, None].expand_as(out))


@pytest.mark.points(1.5, again=0.5)
@pytest.mark.parametrize("branch", BRANCHES)
def test_branch_alone(student, reference, rng, branch):
    """Where all other branches give 0, the numbers of one branch, wherever its channels stand."""
    mine, theirs, (x,) = MODULES.twins(student, reference, rng, "different")
    weights = theirs.state_dict()
    for name, value in weights.items():
        if name.partition(".")[0] not in BRANCHES[branch]:
            value.zero_()
    for module in (mine, theirs):
        module.load_state_dict(weights)
    expected, out = theirs(x), mine(x.clone())
    layers = ", ".join(f"`{layer}`" for layer in BRANCHES[branch])
    asked = f"{mine.asked}, all layers 0 but {layers}: "
    assert_shape(out, expected.shape, asked=asked)
    hint = None
    if not torch.allclose(sorted_channels(out).double(), sorted_channels(expected)):
        hint = about_branch(mine, theirs, weights, x, branch)
    assert_close(sorted_channels(out), sorted_channels(expected), f"the {branch} branch", asked=asked, hint=hint)


def about_branch(mine, theirs, weights, x, branch):
    """A hint by what comes out of one branch, and what of x does."""
    layers, out = BRANCHES[branch], mine(x.clone())
    last = layers[-1]
    if (out < 0).any():
        linear = F.max_pool2d(x, 3, 1, 1) if branch == "pooling" else x
        for layer in layers:
            linear = theirs.inside(layer)(linear if layer == layers[0] else linear.relu())
        if torch.isclose(out.min(), linear.min()):
            return f"Negative numbers come out, as `{last}` gives them. A ReLU follows it."
        return f"Negative numbers come out, and not as `{last}` gives them. Is what follows it a ReLU?"
    if branch == "pooling":
        return about_pooling(mine, theirs, weights, x)
    given = x.clone()
    if torch.equal(mine(given), mine(x.relu())):
        if not torch.equal(given, x):
            return "Nothing of x's negative numbers is seen here, and x itself is changed. What works in place?"
        return "Nothing of x's negative numbers is seen here. Each branch is given x as it came."
    if len(layers) == 2:
        mine.load_state_dict({**weights, f"{layers[0]}.bias": weights[f"{layers[0]}.bias"] - 1e3})
        closed = mine(x)
        mine.load_state_dict(weights)
        if not torch.allclose(closed, closed[:, :, 2:3, 2:3].expand_as(closed)):
            return f"Where `{layers[0]}` gives negative numbers only, they reach `{last}`. What stands between the two?"
        inner = (..., slice(2, -2), slice(2, -2))
        if torch.allclose(sorted_channels(out[inner]), sorted_channels(theirs(x)[inner])):
            return f"Only pixels near the edges differ. With which numbers does `{last}` go on beyond the edge?"
    return "Each branch sees x as it came, and a ReLU follows each of its convolutions."


def about_pooling(mine, theirs, weights, x):
    """A hint by what the branch makes of one channel, which `pool_proj` hands on, and turns in sign."""
    found = []
    for image, sign in ((x.abs() + 1, 1.0), (-x.abs() - 1, -1.0)):
        values = {name: torch.zeros_like(value) for name, value in weights.items()}
        values["pool_proj.weight"][0, 0] = sign
        for module in (mine, theirs):
            module.load_state_dict(values)
        found.append((image[:, 0], *(module(image).sum(1) for module in (mine, theirs))))
        for module in (mine, theirs):
            module.load_state_dict(weights)
    (plain, got, wanted), (_, turned, expected) = found
    if torch.allclose(got, plain):
        return "`pool_proj` hands on one channel here, and it comes out as it came: without a pooling."
    if not torch.isin(got, plain).all():
        return "`pool_proj` hands on one channel here, and numbers come out that x has not. A max pooling makes none."
    if not torch.allclose(got, wanted):
        return "The largest numbers come out, of other windows though: those are 3x3 and move by one pixel."
    if not turned.any():
        return "Nothing of x's negative numbers is seen here. Each branch is given x as it came."
    if (turned == 0).any():
        return "Where all of x is negative, 0 is the largest at your edges. With what does torch pad a max pooling?"
    if not torch.allclose(turned, expected):
        return "Where `pool_proj` turns the sign, the smallest of each window comes out. Is it before the pooling?"
    return "In this order: the largest number of each 3x3 window of x, the convolution, its ReLU."


@pytest.mark.points(0.25)
def test_linear_path(student, reference, rng):
    """Where all weights and the input are positive, no ReLU shows, in float32."""
    mine, theirs, (x,) = MODULES.twins(student, reference, rng, "different")
    weights = {name: value.abs() for name, value in theirs.state_dict().items()}
    for module in (mine, theirs):
        module.load_state_dict(weights)
    hint = "Every ReLU passes all on here. In which order do the branches stand: 1x1, 3x3, 5x5, pooling?"
    assert_same_in_float32(mine, theirs, [x.abs()], hint=hint)


@pytest.mark.form
@pytest.mark.points(0.5)
def test_order_of_the_branches(student, rng):
    """Which channels come first: those of 1x1, then 3x3, 5x5 and pooling."""
    arguments = sizes(rng)
    mine = student.InceptionModule(**arguments)
    values = {name: torch.zeros_like(value) for name, value in mine.double().state_dict().items()}
    for level, layer in enumerate(("conv1x1", "conv3x3", "conv5x5", "pool_proj"), 1):
        if f"{layer}.bias" in values:
            values[f"{layer}.bias"] += level
    mine.load_state_dict(values)
    x = wide(rng, arguments)[0]
    out = mine(x)
    counts = [arguments[name] for name in ("ch1x1", "ch3x3", "ch5x5", "pool_proj")]
    check(out.dim() == 4, f"{mine.asked}: the output has {out.dim()} dimensions, expected 4.")
    assert_shape(out, (x.shape[0], sum(counts), *x.shape[2:]), asked=f"{mine.asked}: ")
    expected = torch.arange(1.0, 5.0).double().repeat_interleave(torch.tensor(counts))
    what = "the mean of each channel of the output"
    asked = f"{mine.asked}, zero but for one bias of each branch (1, 2, 3 and 4): "
    assert_close(out.mean((0, 2, 3)), expected, what, asked=asked, hint="1x1, 3x3, 5x5, pooling.")


# -- values and gradients ---------------------------------------------------------------------------------------------

test_outputs_evaluating = MODULES.outputs("eval", points=1, again=0.5, one_by_one=True)
test_outputs_training = MODULES.outputs("train", points=0.5, again=0.25, of=["different"])


@pytest.mark.points(1.5, again=0.25)
def test_sizes_of_one_and_many(student, reference, rng):
    """One channel, one image, one pixel, GoogLeNet's own widths, large numbers: nothing is a special case."""
    few = rng.integer(2, 4)
    for arguments, shape in (
        ((1, 1, 1, 1, 1, 1, 1), (2, 4, 5)),
        ((few, 1, few, 1, few, 1, few), (1, 3, 6)),
        ((few, few, 1, few, 1, few, 1), (2, 6, 3)),
        ((few, few + 1, few, few, 1, few, few), (2, 1, 1)),
        ((few, few, 2, few, 3, few, few), (1, 1, 5)),
        ((few, few, 2, few, 3, few, few), (3, 2, 1)),
        ((8 * few, 3, 4, 5, 2, 3, 3), (1, 4, 4)),
        ((few, 2 * few, 3 * few, 4 * few, few, few, few), (1, 2, 4)),
        ((192, 64, 96, 128, 16, 32, 32), (1, 2, 3)),
        ((2, 1, 2, 1, 1, 2, 1), (1, 33, 38)),
    ):
        mine, theirs = student.InceptionModule(*arguments), reference.InceptionModule(*arguments)
        assert_parameters(mine, theirs, hint=NAMES)
        share_weights(mine, theirs, rng)
        count, height, width = shape
        x = rng.randn(count, arguments[0], height, width)
        assert_same_outputs(mine, theirs, [x], hint=f"The input is of size {tuple(x.shape)} here.")
    mine, theirs = MODULES.alike(student, reference, rng, (3, 2, 2, 2, 2, 2, 8))
    x = 1e6 * (0.1 + rng.rand(2, 3, 3, 4))
    hint = (
        "The pixels are large numbers of one sign here. Does a number of your own stand beside them, or cut them off?"
    )
    for image in (x, -x):
        assert_same_outputs(mine, theirs, [image], hint=hint)


test_layouts = MODULES.layouts(points=1.5, again=0.25, of=["different"])

WAYS = "Four ways lead back to x, one through each branch. None may be cut."


def one_pixel(student, reference, rng):
    """An image of one pixel, all numbers positive: each branch speaks, and each window holds that pixel alone."""
    mine, theirs = MODULES.alike(student, reference, rng, sizes(rng))
    weights = {name: value.abs() for name, value in theirs.state_dict().items()}
    for module in (mine, theirs):
        module.load_state_dict(weights)
    x = 0.1 + rng.rand(2, weights["conv1x1.weight"].shape[1], 1, 1)
    hint = (
        "The image is one pixel here, and beside it a window holds padding alone. Padding with a number that the image "
        "has can win and take the gradient: minus infinity never does."
    )
    assert_same_gradients(mine, theirs, [x], names=["x"], hint=hint)


test_gradients_training = MODULES.gradients("train", points=1.5, again=0.5, of=["different"], hint=WAYS, also=one_pixel)
test_gradients_evaluating = MODULES.gradients("eval", points=1.5, again=0.25, of=["equal"], frozen=True, hint=WAYS)
test_input_untouched = MODULES.inputs_untouched(points=1.5, of=["different"], hint="All branches need x as it is.")
test_separate = MODULES.separate(points=1.5, again=0.25, of=["different"])
