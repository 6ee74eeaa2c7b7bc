"""Hidden suite of `vgg_block`: convolutions of 3x3 with a ReLU after each, a max pooling, and a network of such blocks.

Besides random blocks, some tests keep every number positive, where no ReLU shows, or every kernel at 1 in the middle,
where only ReLU and pooling are left: a slip in one of them costs what it is worth.
"""

from __future__ import annotations

import math

import pytest
import torch

from autograder.suite import (
    Case,
    ModuleChecks,
    assert_close,
    assert_equal,
    assert_nothing_shared,
    assert_parameters,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    assert_world_untouched,
    check,
    share_weights,
)

VGG16 = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


# -- blocks and images ------------------------------------------------------------------------------------------------


def with_convs(num_convs, same_width=False):
    """Constructor arguments; the channels of input and output differ, unless asked otherwise."""

    def arguments(rng):
        channels, others = rng.distinct(3, 7, 2)
        return {
            "in_channels": channels,
            "out_channels": channels if same_width else others,
            "num_convs": num_convs,
        }

    return arguments


def odd_images(rng, arguments):
    """(N, in_channels, H, W), H and W odd and different."""
    height, width = (2 * half + 1 for half in rng.distinct(2, 4, 2))
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)]


def even_images(rng, arguments):
    """(N, in_channels, H, W), H and W even and different."""
    height, width = (2 * half for half in rng.distinct(2, 4, 2))
    return [rng.randn(rng.integer(2, 3), arguments["in_channels"], height, width)]


BLOCKS = ModuleChecks(
    "VGGBlock",
    {
        "one": Case(with_convs(1), even_images),
        "two": Case(with_convs(2), odd_images),
        "three": Case(with_convs(3), even_images),
        "same width": Case(with_convs(2, same_width=True), odd_images),
    },
)

NAMES = (
    "convs.0 to convs.{num_convs-1}, each 3x3 with a bias; only the first takes in_channels. torch does not find "
    "layers in a plain Python list."
)

test_parameters = BLOCKS.parameters(points=0.5, again=0.25, hint=NAMES)


# -- one part at a time -----------------------------------------------------------------------------------------------


def only_middles(block, bias):
    """Make each convolution the identity plus `bias`."""
    values = block.double().state_dict()
    for value in values.values():
        if value.dim() == 4:
            value.zero_()
            value[:, :, value.shape[2] // 2, value.shape[3] // 2] = torch.eye(*value.shape[:2])
        else:
            value.fill_(bias)
    block.load_state_dict(values)


@pytest.mark.points(0.25)
def test_pooling_alone(student, rng):
    """Where every convolution passes a positive image on as it is, the pooling gives the output."""
    channels = rng.integer(2, 4)
    height, width = 2 * rng.integer(3, 4), 2 * rng.integer(5, 6)
    for num_convs in (1, 2):
        mine = student.VGGBlock(channels, channels, num_convs).eval()
        only_middles(mine, 0.0)
        mine.float()  # whole numbers are exact there, and in code that knows no other dtype
        x = rng.integers(1, 99, (2, channels, height, width)).float()
        expected = x.reshape(2, channels, height // 2, 2, width // 2, 2).amax((3, 5))
        asked = f"{mine.asked}, the convolutions changing nothing, x positive, {height}x{width}: "
        out = mine(x)
        hint = "Every convolution keeps height and width, by its padding. One pooling, after the last, halves both."
        assert_shape(out, expected.shape, asked=asked, hint=hint)
        hint = "The largest number of each 2x2 window is left."
        assert_close(out, expected, "the output", asked=asked, hint=hint)


@pytest.mark.points(0.25)
def test_convolutions_alone(student, reference, rng):
    """Where all weights and the input are positive, no ReLU shows, and each window of a pooling holds one number."""
    mine, theirs, (x,) = BLOCKS.twins(student, reference, rng, "three")
    weights = {name: value.abs() for name, value in theirs.state_dict().items()}
    for block in (mine, theirs):
        block.load_state_dict(weights)
    hint = (
        "No ReLU shows where all is positive: convolutions of stride 1, all padded, then one pooling, the largest of "
        "2x2."
    )
    assert_same_outputs(mine, theirs, [x.abs()], hint=hint)


@pytest.mark.points(0.25)
def test_relu_after_each(student, rng):
    """What a convolution makes negative is 0 for the next one, and in the output."""
    channels, bias = rng.integer(2, 4), rng.uniform(1.0, 2.0)
    for num_convs in (1, 2):
        mine = student.VGGBlock(channels, channels, num_convs).eval()
        only_middles(mine, bias)
        values = mine.state_dict()
        last = f"convs.{num_convs - 1}.bias"
        check(last in values, f"{mine.asked} has no parameter `{last}`.")
        shift = -0.1 if num_convs == 1 else 0.1
        values[last].fill_(shift)
        mine.load_state_dict(values)
        # The same number in each window, so that any pooling gives it.
        levels = torch.tensor([0.5, 1.0, 2.0]) * torch.tensor([[1.0], [-2.5]])
        x = levels.double().repeat_interleave(2, 0).repeat_interleave(2, 1).expand(2, channels, 4, 6)
        inner = levels.double() if num_convs == 1 else (levels.double() + bias).clamp(min=0)
        expected = (inner + shift).clamp(min=0).expand(2, channels, 2, 3)
        what = f"{mine.asked}, each convolution adding one number: the output"
        assert_close(
            mine(x.contiguous()),
            expected,
            what,
            hint="A ReLU follows each convolution, the last one, too, and none comes before.",
        )


# -- values and gradients of one block -----------------------------------------------------------------------

test_outputs_evaluating = BLOCKS.outputs(
    "eval",
    points=0.5,
    again=0.25,
    one_by_one=True,
    hint="A ReLU after every convolution; then one pooling, which leaves out a row or column that is over.",
)
test_outputs_training = BLOCKS.outputs(
    "train",
    points=0.25,
    of=["two"],
    hint="Training computes the same as evaluation here: nothing is drawn at random, as dropout does, or normalised.",
)


@pytest.mark.points(1, again=0.25)
def test_sizes_of_one_and_many(student, reference, rng):
    """One channel, one image, one pixel after pooling, many convolutions, large sizes: nothing is a special case."""
    few = rng.integer(3, 5)
    for arguments, shape in (
        ((1, few, 1), (2, 4, 6)),
        ((few, 1, 2), (1, 5, 4)),
        ((1, 1, 1), (1, 2, 2)),
        ((few, few + 1, 1), (2, 3, 3)),
        ((few, 2 * few, 2), (1, 2, 3)),
        ((2 * few, few, 2), (3, 3, 2)),
        ((few, few, 5), (2, 4, 5)),
        ((3, 64, 2), (1, 6, 4)),
        ((2, 2, 1), (1, 67, 70)),
    ):
        mine, theirs = student.VGGBlock(*arguments), reference.VGGBlock(*arguments)
        assert_parameters(mine, theirs, hint=NAMES)
        share_weights(mine, theirs, rng)
        count, height, width = shape
        x = rng.randn(count, arguments[0], height, width)
        assert_same_outputs(mine, theirs, [x], hint=f"The input is of size {tuple(x.shape)} here.")


test_layouts = BLOCKS.layouts(points=0.75, again=0.25, of=["two"])

WAYS = "One way leads back, through every convolution. Is it cut anywhere?"
test_gradients = BLOCKS.gradients("both", points=1, again=0.25, of=["same width", "three"], frozen=True, hint=WAYS)
test_input_untouched = BLOCKS.inputs_untouched(points=1, of=["one", "two"])
test_separate = BLOCKS.separate(points=1, again=0.25, of=["two"])


# -- networks ---------------------------------------------------------------------------------------------------------

CHAIN = (
    "A pair is (num_convs, out_channels). The first block takes in_channels, each other one what the one before gives."
)


def small_config(rng):
    """Three blocks of different widths and depths."""
    widths = rng.distinct(3, 8, 3)
    return tuple(zip(rng.choice([(1, 2, 1), (2, 1, 3), (1, 3, 2)]), widths, strict=True))


@pytest.mark.form
@pytest.mark.points(0.25, again=0.25)
def test_vgg16(student, reference, rng):
    """VGG-16: names, shapes and number of parameters, and the shape of the output."""
    mine, theirs = student.on("meta").vgg_features(VGG16), reference.on("meta").vgg_features(VGG16)
    check(
        mine.type_name != "ModuleList",
        "vgg_features returns an nn.ModuleList, which has no forward. An nn.Sequential calls one after the other.",
    )
    own, expected = (
        {name: info.shape for name, info in made.parameters_by_name(values=False).items()} for made in (mine, theirs)
    )
    count = sum(math.prod(shape) for shape in own.values())
    told = f"vgg_features for VGG-16 has {count:,} parameters, expected 14,714,688."
    check(count == 14_714_688, told, hint=CHAIN)
    hint = "Each child of the network is a VGGBlock, and the names of its parameters begin with the child's number."
    assert_equal(own, expected, "the list of parameter shapes", asked="vgg_features for VGG-16: ", hint=hint)
    # On "meta", a first forward loads torch's compiler, which takes longer than all of this suite.
    mine.method("to_empty", device="cpu")
    height, width = rng.choice([(32, 64), (64, 32)])
    with torch.no_grad():
        out = mine(torch.zeros(1, 3, height, width))
    asked = f"vgg_features for VGG-16, an image of {height}x{width}: "
    assert_shape(out, (1, 512, height // 32, width // 32), asked=asked)


@pytest.mark.form
@pytest.mark.points(1, again=0.25)
def test_network_of_blocks(student, rng):
    """The result is an nn.Sequential of VGGBlocks of its own, and the list comes back as it was."""
    config = [list(pair) for pair in small_config(rng)]
    first, second, after = student.beside.twice(student.vgg_features, config, 2)
    asked = f"vgg_features({config}, 2)"
    assert_equal(after, config, "the list afterwards", asked=f"{asked}: ")
    for made, when in ((first, ""), (second, " called again with the same list")):
        children = {name: info.type for name, info in made.modules_by_name().items() if name and "." not in name}
        expected = {str(index): "VGGBlock" for index in range(len(config))}
        assert_equal(children, expected, "the children", asked=f"{asked}{when}: ")
    check(
        first.method("__getitem__", 1) == first.inside("1"),
        f"{asked}: the block at index 1 is another one than the child `1`. Is it an nn.Sequential?",
    )
    assert_nothing_shared(lambda: student.vgg_features(config, 2), hint="Each call makes new blocks.")
    assert_world_untouched(student, lambda: student.vgg_features(config, 2), asked)


def networks(student, reference, rng):
    """A small network of the student's and ours with the same weights, and images for it."""
    config, channels = small_config(rng), rng.choice([1, 2, 4])
    mine, theirs = student.vgg_features(config, channels), reference.vgg_features(config, channels)
    assert_parameters(mine, theirs, hint=CHAIN)
    share_weights(mine, theirs, rng)
    return mine, theirs, rng.randn(2, channels, rng.integer(8, 11), rng.integer(16, 19))


@pytest.mark.points(0.25)
def test_network_alone(student, reference, rng):
    """Where weights and image are positive, no ReLU shows: the blocks, one after the other, give the output."""
    mine, theirs, x = networks(student, reference, rng)
    weights = {name: value.abs() for name, value in theirs.state_dict().items()}
    for network in (mine, theirs):
        network.load_state_dict(weights)
    hint = "Every ReLU passes all on here, where weights, biases and image are positive."
    assert_same_outputs(mine, theirs, [x.abs()], hint=hint)


@pytest.mark.points(0.5, again=0.25)
def test_outputs_of_networks(student, reference, rng):
    """Outputs of small networks."""
    for mode in ("eval", "train"):
        mine, theirs, x = networks(student, reference, rng)
        assert_same_outputs(mine, theirs, [x], mode)


@pytest.mark.points(0.25)
def test_gradients_of_networks(student, reference, rng):
    """Gradients of the image and of all weights of small networks."""
    mine, theirs, x = networks(student, reference, rng)
    assert_same_gradients(mine, theirs, [x], names=["x"], hint=WAYS)


@pytest.mark.points(0.25)
def test_short_and_default_networks(student, reference, rng):
    """One block alone; the three channels of an image without a number; numbers given by name."""
    width = rng.integer(4, 7)
    for options, channels in (
        ({"config": [[2, width]]}, 3),
        ({"config": ((1, width), (1, width)), "in_channels": width}, width),
        ({"config": [(1, width), (5, 1)], "in_channels": 1}, 1),
    ):
        mine, theirs = student.vgg_features(**options), reference.vgg_features(**options)
        assert_parameters(mine, theirs, hint=CHAIN)
        share_weights(mine, theirs, rng)
        assert_same_outputs(mine, theirs, [rng.randn(2, channels, 5, 8)])
