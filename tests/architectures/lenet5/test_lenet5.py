"""Hidden suite of `lenet5`: five layers, four tanh, two average poolings.

Random weights are large enough for tanh to bend. Where they are tiny, tanh is the identity to twelve digits and only
layers, poolings and the order of the 400 numbers are left; where biases rule, only what follows a layer.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import Case, ModuleChecks, assert_close, assert_same_outputs, assert_shape, check


def classes(rng):
    return {"num_classes": rng.integer(3, 9)}


def default(rng):
    return {}


def images(rng, arguments):
    """(N, 1, 32, 32), different images."""
    return [rng.randn(rng.integer(2, 3), 1, 32, 32)]


NETWORKS = ModuleChecks("LeNet5", {"some classes": Case(classes, images), "default": Case(default, images)})

NAMES = "conv1, conv2, fc1, fc2 and fc3, each with a bias; 10 classes where nothing is said."

test_parameters = NETWORKS.parameters(points=1, again=0.25, hint=NAMES)


# -- one part at a time -----------------------------------------------------------------------------------------------


def fill(networks, change):
    """Give all networks the same changed weights."""
    weights = networks[0].state_dict()
    for name, value in weights.items():
        weights[name] = change(name, value)
    for network in networks:
        network.load_state_dict(weights)


def averaging(name, value):
    """Positive weights that sum up to about 1 for each output, other sums for others: numbers stay about as large."""
    if value.dim() == 1:
        return 0 * value
    sums = value.abs().sum(tuple(range(1, value.dim())), keepdim=True)
    return value.abs() / sums * torch.linspace(0.5, 1.5, len(value)).double().view_as(sums)


def with_sizes(network, x):
    """The output. Where there is none, a convolution that makes maps of another size is told, if there is one."""
    try:
        return network(x)
    except RuntimeError:
        kinds = {name: info.type for name, info in network.modules_by_name().items()}
        for name, channels, size in (("conv1", 1, 32), ("conv2", 6, 14)):
            if kinds.get(name) == "Conv2d":
                height, width = network.inside(name)(torch.zeros(1, channels, size, size).double()).shape[2:]
                told = f"{network.asked}: `{name}` turns {size}x{size} into {height}x{width}; forward raises an error."
                hint = "5x5 without padding, one step at a time: compare the sizes with the table in the handout."
                check((height, width) == (size - 4, size - 4), told, hint=hint)
        raise


@pytest.mark.form
@pytest.mark.points(0.25)
def test_logits(student, rng):
    """The output is what the last layer gives: any number, not squashed."""
    count = rng.integer(3, 9)
    mine = student.LeNet5(num_classes=count)
    bias = 5 * rng.randn(count) + 3
    weights = {name: torch.zeros_like(value) for name, value in mine.double().state_dict().items()}
    weights["fc3.bias"] = bias
    mine.load_state_dict(weights)
    asked = f"{mine.asked}, all weights 0 but the bias of fc3: "
    hint = "The bias of fc3 comes out as it is: no tanh, no softmax and nothing else stands behind fc3."
    out = with_sizes(mine.eval(), rng.randn(2, 1, 32, 32))
    assert_close(out, bias.expand(2, -1), "the output", asked=asked, hint=hint)


@pytest.mark.points(0.5)
def test_almost_linear(student, reference, rng):
    """With numbers so small that tanh changes nothing: layers, the order of the 400 numbers, then poolings."""
    mine, theirs, (x,) = NETWORKS.twins(student, reference, rng, "some classes")
    fill((theirs.eval(), mine.eval()), averaging)
    asked = f"{mine.asked}, biases 0, weights positive, an image of numbers around 0.00001, where tanh(x) is x: "
    one_grey, greys = torch.full_like(x, 1e-5 * rng.uniform(1, 2)), 1e-5 * x.abs()
    expected, out = theirs(one_grey), mine(one_grey)
    assert_shape(out, expected.shape, asked=asked)
    largest = out.abs().max()
    if largest > 1e-3:
        hint = (
            "Far larger numbers come out than went in. tanh keeps numbers near 0 as they are; which activation is this?"
        )
    elif not largest > 1e-12:
        hint = "All pixels are alike here, and nothing of them comes out. What is done to x before conv1?"
    elif torch.allclose(out / expected, (out / expected).mean(), rtol=1e-6):
        hint = (
            "All are wrong by one factor. Is x scaled before conv1, or does a pooling add up where it takes the mean?"
        )
    else:
        hint = (
            "All pixels are alike here, so no pooling shows. What does is the order of the 400: all of channel 0 first."
        )
    assert_close(1e5 * out, 1e5 * expected, "the output times 100,000", asked=asked, hint=hint)
    hint = (
        "With all pixels alike the output was right, with different ones it is not. Each pooling takes the mean of 2x2 "
        "windows; fc1 gets each map row by row; no kernel is flipped."
    )
    assert_close(1e5 * mine(greys), 1e5 * theirs(greys), "the output times 100,000", asked=asked, hint=hint)


@pytest.mark.points(0.25)
@pytest.mark.parametrize("layer", ["fc1", "fc2"])
def test_hidden_units(student, reference, rng, layer):
    """Where the layer before gives 0, the activation of a linear layer, seen through the last one."""
    mine, theirs, (x,) = NETWORKS.twins(student, reference, rng, "some classes")
    fill((theirs, mine), lambda name, value: 0 * value if name == f"{layer}.weight" else value)
    hint = (
        f"{layer}.weight is 0 here: only its bias goes on, through tanh after fc1 and fc2, and none after fc3. Each "
        "layer behind it has a weight and a bias."
    )
    assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_flat_images(student, reference, rng):
    """With kernels of one weight in the middle and images of one grey each, every pooling gives the same."""
    mine, theirs, _ = NETWORKS.twins(student, reference, rng, "some classes")

    def middle(name, value):
        if value.dim() != 4:
            return value
        only = torch.zeros_like(value)
        only[:, :, 2, 2] = value[:, :, 2, 2]
        return only

    fill((theirs, mine), middle)
    x = rng.randn(3, 1, 1, 1).expand(3, 1, 32, 32).contiguous()
    hint = (
        "Each image has one grey and each kernel one weight, so neither a pooling nor its place shows. What does is a "
        "tanh after conv1, and one after conv2."
    )
    assert_same_outputs(mine, theirs, [x], hint=hint)


# -- values and gradients ---------------------------------------------------------------------------------------------

test_outputs_evaluating = NETWORKS.outputs(
    "eval", points=0.75, again=0.25, one_by_one=True, hint="Each convolution, then tanh, then the pooling."
)
test_outputs_training = NETWORKS.outputs(
    "train",
    points=0.25,
    of=["some classes"],
    hint="Training computes the same as evaluation here: nothing is drawn at random, as dropout does, or normalised.",
)


@pytest.mark.points(1, again=0.25)
def test_one_and_many(student, reference, rng):
    """One image, one class, a thousand classes, large numbers: nothing is a special case, and images do not mix."""
    for classes_, count in ((1, 2), (2, 1), (1000, 1), (10, 5)):
        mine, theirs = student.LeNet5(classes_), reference.LeNet5(classes_)
        fill((theirs.double(), mine.double()), lambda name, value: value)
        x = rng.randn(count, 1, 32, 32)
        expected, out = theirs(x), mine(x)
        hint = "A row for each image and a column for each class, also where there is only one."
        assert_close(out, expected, "the output", asked=f"{mine.asked}, {count} images: ", hint=hint)
        alone = mine(x[:1])
        check(alone.dim() == 2, f"{mine.asked}, one image: the output has {alone.dim()} dimensions, expected 2.")
        assert_close(alone, out[:1], "the output for an image alone, against that in a batch,", asked=f"{mine.asked}: ")
    hint = "Pixels are in the ten thousands here, where tanh is -1 or 1. Is anything cut off, or too large on the way?"
    assert_close(mine(1e5 * x), theirs(1e5 * x), "the output", asked=f"{mine.asked}, large numbers: ", hint=hint)


test_layouts = NETWORKS.layouts(points=1, again=0.25, of=["some classes"])

WAYS = "One way leads back, through every layer. Is it cut anywhere? After `backward`, which layers have a `.grad`?"
test_gradients_training = NETWORKS.gradients("train", points=1, again=0.25, of=["some classes"], hint=WAYS)
test_gradients_evaluating = NETWORKS.gradients("eval", points=1, again=0.5, of=["default"], frozen=True, hint=WAYS)
test_input_untouched = NETWORKS.inputs_untouched(points=1, of=["some classes"])
test_separate = NETWORKS.separate(points=1, again=0.25, of=["some classes"])
