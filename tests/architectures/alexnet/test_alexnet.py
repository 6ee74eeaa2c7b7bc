"""Hidden suite of `alexnet`: by structure as it is made, on the device "meta"; by value with small layers in the places
of the large ones. The student's own convolutions are asked once, since their stride and padding show in no shape.
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
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_shape,
    assert_statistic,
    check,
    layouts,
    randomise,
    share_weights,
)


class SmallNetworks(ModuleChecks):
    """AlexNet with small layers: names, activations, poolings, dropout and forward are the code's own."""

    def make(self, code, arguments):
        options = {name: value for name, value in arguments.items() if name in ("num_classes", "dropout")}
        model = code.on("meta").AlexNet(**options)
        code.beside.small(model, arguments["widths"], arguments["hidden"], arguments.get("num_classes", 1000))
        return model


def sizes(dropout):
    """Constructor arguments, and the widths of the small layers, all different."""

    def arguments(rng):
        return {
            "num_classes": rng.integer(3, 6),
            "dropout": dropout,
            "widths": rng.distinct(5, 9, 4),
            "hidden": rng.distinct(6, 9, 2),
        }

    return arguments


def smallest(rng, arguments):
    """Images of about 63x63, whose last map is a single pixel or little more."""
    height, width = rng.distinct(63, 97, 2)
    return [rng.randn(2, 3, height, width)]


def large(rng, arguments):
    """Images whose last map is larger than 6x6 on one side, and smaller on the other."""
    return [rng.randn(2, 3, rng.integer(63, 97), rng.integer(262, 300))]


NETWORKS = SmallNetworks(
    "AlexNet",
    {
        "small images": Case(sizes(0.0), smallest),
        "large images": Case(sizes(0.0), large),
        "dropout": Case(sizes(0.6), smallest),
    },
)

# -- where it goes wrong ----------------------------------------------------------------------------------------------

LAYERS = [f"features.{number}" for number in (0, 3, 6, 8, 10)] + [f"classifier.{number}" for number in (1, 4, 6)]


def first_difference(student, reference, mine, theirs, x):
    """A hint: the first of the eight layers that is given something else in evaluation, and what is odd about it."""
    seen, wanted = (
        code.beside.seen_by(model.eval(), LAYERS, x.clone())[0]
        for code, model in ((student, mine), (reference, theirs))
    )
    for before, layer in zip(["", *LAYERS], LAYERS, strict=False):
        given, right = seen.get(layer), wanted[layer]
        if given is None:
            return f"forward does not call `{layer}`."
        if given.shape != right.shape:
            if not before:
                return f"`features.0` is given {tuple(given.shape)}, not the image of {tuple(right.shape)} as it came."
            return (
                f"The input of `{layer}` has shape {tuple(given.shape)} here, expected {tuple(right.shape)}. What "
                f"stands between `{before}` and it?"
            )
        if torch.allclose(given.double(), right):
            continue
        if not before:
            return "`features.0` is given something else than the image. It takes the image as it came."
        if (given < 0).any():
            return f"Negative numbers arrive at `{layer}`. What follows `{before}`?"
        if layer in ("features.3", "features.6"):
            return about_pooling(student, mine, theirs, x, seen, before, layer)
        if layer == "classifier.1":
            return about_vector(given, right)
        return f"`{before}` is given the right numbers, and `{layer}` is not. Nothing but a ReLU stands between them."
    return "Each of the eight layers is given the right numbers. What the last one gives is the result, as it is."


def about_pooling(student, mine, theirs, x, seen, before, layer):
    numbers = mine.inside(before)(seen[before]).detach().relu()
    fine = 1e9 / float(numbers.max())
    if torch.isin((seen[layer] * fine).round(), (numbers * fine).round()).all():
        return f"`{layer}` is given the largest numbers of other windows than the table has: 3x3, moved by 2."
    weights = theirs.state_dict()
    flat = {name: value.clone() for name, value in weights.items()}
    flat[f"{before}.weight"].zero_()
    mine.load_state_dict(flat)
    given = student.beside.seen_by(mine, [layer], x.clone())[0][layer]
    mine.load_state_dict(weights)
    if torch.allclose(given, flat[f"{before}.bias"].relu()[:, None, None].expand_as(given)):
        return f"`{layer}` is given numbers that `{before}` does not give. A max pooling picks numbers and makes none."
    return f"Where `{before}` gives one number all over a map, `{layer}` is given another. What changes the scale?"


def about_vector(given, right):
    """The 9216 numbers, of which none is negative."""
    if torch.allclose(given.sort().values, right.sort().values):
        return "`classifier.1` is given the right numbers in another order: map by map, and row by row in each."
    kept = given != 0
    if (~kept & (right != 0)).any() and torch.allclose(given[kept], right[kept] * (given[kept] / right[kept]).median()):
        return "In evaluation, numbers that go into `classifier.1` are dropped. Does your dropout know the mode?"
    if (given >= right).all():
        return "Numbers that go into `classifier.1` are too large, and none too small: means make 6x6 of each map."
    return "`features.10` is given the right maps. Behind it: ReLU, max pooling, 6x6 means of each map, flattened."


# -- structure --------------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(0.75, again=0.25)
def test_parameters(student, reference, rng):
    """Names, shapes and number of all parameters, on the device "meta"."""
    for options in ((), (rng.integer(2, 9), 0.25)):
        mine, theirs = student.on("meta").AlexNet(*options), reference.on("meta").AlexNet(*options)
        own, expected = (
            {name: info.shape for name, info in made.parameters_by_name(values=False).items()}
            for made in (mine, theirs)
        )
        hint = "Compare with the handout's table: the version is that of 2014."
        assert_equal(own, expected, "the shapes of the parameters", asked=f"{mine.asked}: ", hint=hint)
        count, wanted = (sum(map(math.prod, shapes.values())) for shapes in (own, expected))
        check(count == wanted, f"{mine.asked} has {count:,} parameters, expected {wanted:,}.")
        frozen = [name for name, info in mine.parameters_by_name(values=False).items() if not info.requires_grad]
        check(not frozen, f"{mine.asked}: {', '.join(f'`{name}`' for name in frozen)} cannot be trained.")
    assert_nothing_shared(lambda: student.on("meta").AlexNet(num_classes=3))


@pytest.mark.points(1)
def test_own_convolutions(student, reference, rng):
    """The convolutions as you made them: kernels, strides and paddings, for two sizes of images."""
    options = {"num_classes": rng.integer(3, 6)}
    sizes = rng.distinct(5, 9, 4), rng.distinct(6, 9, 2), options["num_classes"]
    mine, theirs = (code.on("meta").AlexNet(**options) for code in (student, reference))
    for code, model in ((student, mine), (reference, theirs)):
        code.beside.narrow(model, *sizes)
    weights = {name: value.abs() for name, value in randomise(theirs, rng).values().items()}
    for model in (theirs, mine.double()):
        model.load_state_dict(weights)
    for layer, channels in zip(LAYERS[:5], (3, *sizes[0]), strict=True):
        maps = rng.rand(1, channels, 23, 31)
        made, expected = (model.inside(layer)(maps) for model in (mine, theirs))
        asked = f"{mine.asked}, `{layer}` alone on maps of 23x31: "
        assert_shape(made, expected.shape, asked=asked, hint="Compare its kernel, stride and padding with the table.")
        hint = "Its sizes are right. Beyond the edge there are zeros, and neighbours of a pixel are neighbours."
        assert_close(made, expected, "the output", asked=asked, hint=hint)
    for height, width in ((63, 63), rng.distinct(64, 100, 2)):
        x = rng.rand(1, 3, height, width)
        hint = first_difference(student, reference, mine, theirs, x)
        with torch.no_grad():
            assert_same_outputs(mine, theirs, [x], hint=hint)


# -- one part at a time -----------------------------------------------------------------------------------------------


@pytest.mark.points(0.25)
def test_linear_path(student, reference, rng):
    """Where weights, biases and images are positive, no ReLU shows: layers, poolings and the order of the numbers."""
    mine, theirs, (x,) = NETWORKS.twins(student, reference, rng, "large images")
    weights = {name: value.abs() for name, value in theirs.state_dict().items()}
    for model in (mine, theirs):
        model.load_state_dict(weights)
    hint = first_difference(student, reference, mine, theirs, x.abs())
    assert_same_outputs(mine, theirs, [x.abs()], hint=hint)


@pytest.mark.points(0.25)
def test_classifier_alone(student, reference, rng):
    """Where all convolutions give one number everywhere, the three linear layers give the logits."""
    mine, theirs, _ = NETWORKS.twins(student, reference, rng, "small images")
    weights = theirs.state_dict()
    weights["features.10.weight"].zero_()
    for model in (mine, theirs):
        model.load_state_dict(weights)
    x = rng.randn(1, 3, 224, 224)
    hint = first_difference(student, reference, mine, theirs, x)
    assert_same_outputs(mine, theirs, [x], hint=hint)


@pytest.mark.points(0.25)
def test_equal_logits(student, reference, rng):
    """Where the last layer has equal rows, and a bias that makes up for the rest, all n logits are 1/n, in float32."""
    mine, theirs, (x,) = NETWORKS.twins(student, reference, rng, "small images")
    weights = theirs.state_dict()
    last, bias = weights["classifier.6.weight"], weights["classifier.6.bias"]
    last.copy_(0.01 * last[:1].clone().expand_as(last))
    bias.zero_()
    theirs.load_state_dict(weights)
    bias.copy_(1 / len(bias) - theirs.eval()(x[:1])[0].detach())
    for model in (mine, theirs):
        model.load_state_dict(weights)
    hint = first_difference(student, reference, mine, theirs, x[:1])
    assert_same_in_float32(mine, theirs, [x[:1]], hint=hint)


# -- dropout ----------------------------------------------------------------------------------------------------------


def constant_layers(student, reference, rng, options, images=4, width=64, hidden=8):
    """A small network in training mode whose last convolution and linear layers 1 and 4 give their biases only, all
    positive; what goes into each linear layer is then known, but for dropout. So many images, so wide, and hidden units
    in both layers.
    """
    classes = options.get("num_classes", 1000)
    pair = []
    for code in (student, reference):
        model = code.on("meta").AlexNet(**options)
        pair.append(code.beside.small(model, (2, 2, 2, 2), (hidden, hidden), classes))
    mine, theirs = pair
    weights = randomise(theirs, rng).values()
    for layer in ("features.10", "classifier.1", "classifier.4"):
        weights[f"{layer}.weight"].zero_()
        weights[f"{layer}.bias"].abs_().add_(0.5)
    for model in pair:
        model.double().load_state_dict(weights)
        model.train()
    return mine, weights, rng.randn(images, 3, 63, width)


def dropped(student, reference, rng, options, layer, **sizes):
    """Ask one linear layer's input in training: which share is 0, and whether the others are right."""
    mine, weights, x = constant_layers(student, reference, rng, options, **sizes)
    rate = options.get("dropout", 0.5)
    before = {"classifier.1": "features.10.bias", "classifier.4": "classifier.1.bias"}[layer]
    whole = weights[before].repeat_interleave(36 if layer == "classifier.1" else 1).expand(len(x), -1)
    asked, what = f"{mine.asked} in training mode: ", f"the input of {layer}"
    calls = []
    for _ in range(2):
        seen, _ = student.beside.seen_by(mine, [layer], x)
        check(layer in seen, f"{asked}forward does not call `{layer}`.")
        assert_shape(seen[layer], whole.shape, what, asked=asked)
        calls.append(seen[layer])
    masks = [call == 0 for call in calls]
    # Six standard errors of a share, which is no more than this.
    band = 6 * (0.25 / (2 * whole.numel())) ** 0.5
    share = float(torch.stack(masks).double().mean())
    hint = (
        "Dropout stands right before two of the linear layers, behind all that makes their numbers. What does yours "
        "stand before, and with which share?"
    )
    assert_statistic(share, rate, band, f"the share of zeros in {what}", asked=asked, hint=hint)
    for call, mask in zip(calls, masks, strict=True):
        kept = torch.where(mask, 0.0, whole / (1 - rate))
        assert_close(call, kept, f"what dropout keeps of {what}", asked=asked)
    check(not torch.equal(*masks), f"{asked}dropout drops the same numbers of {what} in two calls.", hint="Draw anew.")
    told = f"{asked}dropout drops the same numbers of {what} for every image of the batch."
    check(not torch.equal(masks[0], masks[0].roll(1, 0)), told, hint="Each number of each image has a draw of its own.")
    return masks[0]


@pytest.mark.points(1, again=0.25)
@pytest.mark.form
def test_dropout_before_the_first(student, reference, rng):
    """Dropout before classifier.1 in training: each number by itself, the others divided by 1 - dropout."""
    options = {"num_classes": 4, "dropout": rng.choice([0.4, 0.6])}
    # So wide that the last maps are of four pixels, of which the pooling makes six by mixing them.
    mask = dropped(student, reference, rng, options, "classifier.1", width=160)
    maps = mask.reshape(-1, 36).double().mean(1)
    check(
        bool(((maps > 0) & (maps < 1)).double().mean() > 0.5),
        "AlexNet in training mode: of the input of classifier.1, dropout drops or keeps whole maps of 6x6; each of the "
        "9216 numbers has a draw of its own.",
        hint="Which of torch's dropouts makes one draw per map, and which one per number?",
    )


@pytest.mark.points(1, again=0.25)
@pytest.mark.form
def test_dropout_before_the_second(student, reference, rng):
    """Dropout before classifier.4 in training, of 1/2 where nothing is said."""
    for options in ({"dropout": rng.choice([0.4, 0.6])}, {}):
        dropped(student, reference, rng, {"num_classes": 4, **options}, "classifier.4", images=12, hidden=30)
    mine, weights, x = constant_layers(student, reference, rng, {"num_classes": 4}, images=1, hidden=60)
    weights["classifier.4.weight"].fill_(0.1)
    mine.load_state_dict(weights)
    out = mine(x)
    cut = f"{mine.asked} in training mode: no gradient reaches `classifier.1.bias`."
    check(isinstance(out, torch.Tensor) and out.requires_grad, cut)
    out.sum().backward()
    gradient = mine.grads().get("classifier.1.bias")
    check(gradient is not None, cut)
    share, what = float((gradient == 0).double().mean()), "the share of zeros in the gradient of classifier.1.bias"
    hint = "What is dropped takes no part in the output, so no gradient goes back to it either."
    assert_statistic(share, 0.5, 6 * (0.25 / 60) ** 0.5, what, asked=f"{mine.asked}, one image: ", hint=hint)


@pytest.mark.points(0.75)
def test_no_dropout_elsewhere(student, reference, rng):
    """In training, nothing is dropped before the last linear layer, nor of the logits."""
    mine, weights, x = constant_layers(student, reference, rng, {"num_classes": 4, "dropout": 0.5})
    seen, out = student.beside.seen_by(mine, ["classifier.6"], x)
    asked = f"{mine.asked} in training mode, classifier.4 giving its bias only: "
    units = weights["classifier.4.bias"].expand(len(x), -1)
    what = "the input of classifier.6"
    assert_close(seen.get("classifier.6"), units, what, asked=asked, hint="Which layer comes right after each dropout?")
    logits = units @ weights["classifier.6.weight"].T + weights["classifier.6.bias"]
    assert_close(
        out, logits, "the output", asked=asked, hint="The logits are what the last layer gives, and all of it."
    )


# -- values and gradients ---------------------------------------------------------------------------------------------

test_outputs_evaluating = NETWORKS.outputs(
    "eval", points=0.25, one_by_one=True, hint="A ReLU follows each of the eight layers but the last."
)
test_outputs_training = NETWORKS.outputs(
    "train", "Outputs in training mode without dropout", points=0.15, of=["small images"]
)


@pytest.mark.points(0.25)
def test_all_dropped(student, reference, rng):
    """With dropout 1, the image is out of play in training and decides in evaluation; one image, one class."""
    arguments = sizes(1.0)(rng) | {"num_classes": 1}
    mine, theirs = NETWORKS.pair(student, reference, arguments)
    share_weights(mine, theirs, rng)
    hint = "With dropout 1 only biases are left in training, of a single image, too. In evaluation all takes part."
    for mode in ("train", "eval"):
        assert_same_outputs(mine, theirs, [rng.randn(1, 3, 80, 224)], mode, hint=hint)


@pytest.mark.points(0.5, again=0.25)
def test_layouts_and_float32(student, reference, rng):
    """It does not matter how the images lie in memory, nor in which dtype they come."""
    mine, theirs, (x,) = NETWORKS.twins(student, reference, rng, "small images")
    kinds = layouts(x)
    # `view` is a good way to flatten maps, and refuses those that come of channels_last images.
    for what in ("a transposed tensor", "a crop of a larger tensor"):
        assert_same_outputs(mine, theirs, [kinds[what]], hint=f"x is {what} here.")
    assert_same_in_float32(mine, theirs, x)


WAYS = "One way leads back, through every layer. Is it cut anywhere? After `backward`, which layers have a `.grad`?"


@pytest.mark.points(1, again=0.25)
def test_gradients(student, reference, rng):
    """Gradients of the image and of all weights in both modes; of the image with all weights frozen, too."""
    for case, mode in (("large images", "train"), ("dropout", "eval")):
        mine, theirs, (x,) = NETWORKS.twins(student, reference, rng, case)
        assert_same_gradients(mine, theirs, [x], mode, names=["x"], hint=WAYS)
    for model in (mine, theirs):
        model.requires_grad_(False)
    still = "All parameters are frozen here. What comes before may still learn."
    assert_same_gradients(mine, theirs, [x], "eval", of=("inputs",), names=["x"], hint=still)


test_input_untouched = NETWORKS.inputs_untouched(points=1, of=["dropout"])
test_separate = NETWORKS.separate(points=1, again=0.25, of=["small images"])
