"""Hidden suite of `weight_init`: what is exact, exactly; what is drawn, by its statistics.

Statistics are of numbers divided by the standard deviation or bound that the formula asks for, so all are about 0, 1,
or a share. Each has a band of six standard errors of n draws: about one right answer in 5 · 10^8 lies outside. For
normal numbers the mean has the standard error 1/sqrt(n), the standard deviation 1/sqrt(2n); a share p has
sqrt(p(1-p)/n), and the mean product of independent numbers of variance 1 has 1/sqrt(n). Uniform numbers in (-1, 1) have
the variance 1/3, and the mean of their absolute values, 1/2, has the standard error sqrt(1/(12n)).
"""

from __future__ import annotations

import math

import pytest
import torch

from autograder.suite import assert_close, assert_equal, assert_statistic, assert_world_untouched, check

WIDTH = 6
"""Of all bands, in standard errors."""

BEYOND = math.erfc(1 / math.sqrt(2))
"""The share of normal numbers that lie further than one standard deviation from the mean."""


def shapes(rng):
    """A linear weight and one of a convolution, of more than 10^5 numbers each, with fan_in far from fan_out."""
    few, more = rng.integer(48, 60), rng.integer(150, 190)
    return {
        "a linear weight": (rng.integer(520, 600), rng.integer(200, 240)),
        "a convolution's weight": (more, few, 3, 5),
        "a convolution's weight, more channels in than out": (few, more, 15),
    }


def assert_independent(values, what, asked):
    """Neighbours in the first and in the last dimension have nothing to do with each other."""
    n = values.numel() // 2
    half = values.shape[0] // 2
    for where, product in (
        ("first", values[:half] * values[half : 2 * half]),
        ("last", values.flatten()[0 : 2 * n : 2] * values.flatten()[1 : 2 * n : 2]),
    ):
        band = WIDTH / math.sqrt(product.numel())
        quantity = f"the correlation of {what} in the {where} dimension"
        assert_statistic(product.mean(), 0, band, quantity, asked=asked, hint="Each weight is drawn by itself.")


def standard(values):
    """Shifted and scaled to mean 0 and deviation 1, so that neither shows."""
    return (values - values.mean()) / values.std()


def assert_normal(student, reference, shape, asked):
    """What kaiming_normal_ draws for this shape: first how, then how large."""
    weight, std = kaiming(student, reference, shape)
    values, n = weight.double() / std, weight.numel()
    told = f"{asked}, n = {n}, in units of sqrt(2 / fan_in): "
    deviation, band = values.std(), WIDTH / math.sqrt(2 * n)
    if deviation > 0:
        assert_independent(standard(values), "weights", told)
        share, wide = (standard(values).abs() > 1).double().mean(), WIDTH * math.sqrt(BEYOND * (1 - BEYOND) / n)
        hint = "Measured by their own deviation, they lie otherwise than normal numbers. Which distribution is this?"
        what = "the share of weights further from their mean than their own standard deviation"
        assert_statistic(share, BEYOND, wide, what, asked=told, hint=hint)
        # That none of 10^5 lies beyond 3.6 has the probability e^-30; that one lies beyond 8.6, 10^-12.
        hint = "Of so many normal numbers a few lie beyond four standard deviations. Are they cut off or drawn again?"
        what = "the largest distance of a weight from their mean, in their own standard deviations,"
        assert_statistic(standard(values).abs().max(), 6.1, 2.5, what, asked=told, hint=hint)
    hint = "All weights are alike afterwards. What came in is to be filled itself, in place, not a copy of it."
    if deviation > 0 and abs(deviation - 1) > band:
        other, its_std = kaiming(student, reference, (shape[1], shape[0], *shape[2:]))
        others = other.double().std() / its_std
        if abs(others * deviation - 1) < 0.1:
            hint = (
                "With rows and columns exchanged the factor is turned upside down. Which dimension counts for fan_in?"
            )
        elif abs(others / deviation - 1) < 0.1:
            hint = (
                "With rows and columns exchanged it is off by the same factor, so the right dimension counts. What "
                "about the kernel's places, the 2, and what stands under the root?"
            )
        else:
            hint = (
                "With rows and columns exchanged it is off by another factor. Is it the deviation that you hand on, "
                "not the variance, and does it depend on fan_in alone?"
            )
    assert_statistic(deviation, 1, band, "the standard deviation", asked=told, hint=hint)
    hint = "Normal numbers around 0 have both signs."
    assert_statistic(values.mean(), 0, WIDTH / math.sqrt(n), "the mean", asked=told, hint=hint)


def kaiming(student, reference, shape):
    """What kaiming_normal_ draws, and the standard deviation that it should have."""
    fan_in, _ = reference.fans(torch.empty(shape, device="meta"))
    return student.beside.drawn(student.kaiming_normal_, shape, torch.float32), math.sqrt(2 / fan_in)


def assert_uniform(weight, bound, asked, hint="The formula states the bound of a uniform distribution."):
    values = weight.double() / bound
    n = values.numel()
    told = f"{asked}, in units of the bound: "
    largest = values.abs().max()
    if largest > 0:
        assert_independent(standard(values), "weights", told)
        share = (values.abs() > largest / 2).double().mean()
        uneven = (
            "Of numbers that are drawn evenly, half are larger than half of the largest. Which distribution is this?"
        )
        what = "the share of weights beyond half of the largest"
        assert_statistic(share, 0.5, WIDTH * 0.5 / math.sqrt(n), what, asked=told, hint=uneven)
    band = WIDTH * math.sqrt(1 / (12 * n))
    assert_statistic(values.abs().mean(), 0.5, band, "the mean absolute value", asked=told, hint=hint)
    signs = "The numbers lie between minus the bound and plus the bound."
    assert_statistic(values.mean(), 0, WIDTH / math.sqrt(3 * n), "the mean", asked=told, hint=signs)
    # float32 rounds the bound; and that all n lie below 1 - 25/n has the probability e^-25.
    assert_statistic(largest, 1 - 12.5 / n, 12.5 / n + 1e-6, "the largest absolute value", asked=told, hint=hint)


# -- fans -------------------------------------------------------------------------------------------------------------


@pytest.mark.points(3)
def test_fans(student, reference, rng):
    """`fans`: fan_in and fan_out of linear and convolution weights; ValueError below two dimensions."""
    a, b, c, d, e = rng.distinct(2, 9, 5)
    for shape in ((a, b), (a, b, c), (a, b, c, d), (a, b, c, d, e), (a, 1, c, d), (1, b), (a, b, 1, 1), (1, 1)):
        weight = torch.zeros(shape)
        what = f"fans of a weight of shape {shape}"
        expected = reference.fans(weight)
        hint = "The shape is `(out, in, *kernel)`. How many products does one output add up?"
        assert_equal(student.fans(weight), expected, what, hint=hint)
    for shape in ((a,), ()):
        raised = "nothing"
        try:
            student.fans(torch.zeros(shape))
        except ValueError:
            raised = "ValueError"
        except (IndexError, TypeError, RuntimeError) as error:
            raised = error.type_name
        asked, hint = (
            f"fans of a tensor of shape {shape}: ",
            "A vector or a number has no fans: how many dimensions are there?",
        )
        assert_equal(raised, "ValueError", "the error that is raised", asked=asked, hint=hint)


# -- draws ------------------------------------------------------------------------------------------------------------


@pytest.mark.points(0.5)
def test_kaiming_of_a_matrix(student, reference, rng):
    """`kaiming_normal_` of a linear weight: normal, mean 0, standard deviation sqrt(2 / fan_in)."""
    asked, shape = next(iter(shapes(rng).items()))
    assert_normal(student, reference, shape, f"kaiming_normal_ of {asked} {shape}")


@pytest.mark.points(2.5)
def test_kaiming(student, reference, rng):
    """`kaiming_normal_`: normal, mean 0, standard deviation sqrt(2 / fan_in), each weight by itself."""
    for asked, shape in shapes(rng).items():
        assert_normal(student, reference, shape, f"kaiming_normal_ of {asked} {shape}")


@pytest.mark.points(0.5)
def test_xavier_of_a_matrix(student, rng):
    """`xavier_uniform_` of a linear weight: uniform between ±sqrt(6 / (fan_in + fan_out))."""
    asked, shape = next(iter(shapes(rng).items()))
    weight = student.beside.drawn(student.xavier_uniform_, shape, torch.float32)
    assert_uniform(weight, math.sqrt(6 / sum(shape)), f"xavier_uniform_ of {asked} {shape}")


@pytest.mark.points(2.5)
def test_xavier(student, reference, rng):
    """`xavier_uniform_`: uniform between ±gain · sqrt(6 / (fan_in + fan_out)), each weight by itself."""
    for (asked, shape), options in zip(shapes(rng).items(), ({}, {}, {"gain": rng.uniform(2, 3)}), strict=True):
        weight = student.beside.drawn(student.xavier_uniform_, shape, torch.float32, **options)
        bound = options.get("gain", 1.0) * math.sqrt(6 / sum(reference.fans(torch.empty(shape, device="meta"))))
        asked = f"xavier_uniform_ of {asked} {shape}"
        if options:
            hint = (
                "Without a gain the bound was right. A gain of 2 doubles it: is it in your formula, and outside the "
                "root?"
            )
            assert_uniform(weight, bound, f"{asked}, with a gain", hint)
        else:
            assert_uniform(weight, bound, asked)
    small = student.beside.drawn(student.xavier_uniform_, (4, 3), torch.float64, gain=0.01)
    hint = "A float64 weight stays one: fill the tensor itself, and put no other in its place."
    assert_equal(str(small.dtype), "torch.float64", "the dtype of a float64 weight with gain 0.01", hint=hint)
    largest, hint = small.abs().max() / (0.01 * math.sqrt(6 / 7)), "A gain may be small: is it in your formula?"
    asked = "xavier_uniform_ of a linear weight (4, 3) with gain 0.01, in units of the bound: "
    assert_statistic(largest, 0.5, 0.5, "the largest absolute value", asked=asked, hint=hint)


@pytest.mark.form
@pytest.mark.points(3)
def test_in_place(student, reference, rng):
    """`kaiming_normal_` and `xavier_uniform_`: the same tensor and memory, anew each time, and no seed set."""
    shape = tuple(rng.distinct(20, 40, 2))
    words = {
        "memory": "the memory of the weight",
        "requires_grad": "`requires_grad` of the weight",
        "frozen": "`requires_grad` of a frozen weight",
        "generator": "what is drawn from one state of torch's generator of random numbers, twice,",
        "anew": "what the next call draws, with nothing done to torch's generator in between,",
        "single": "what a weight of shape (1, 1) holds that held NaN before",
        "is_leaf": "`is_leaf` of the weight",
        "grad": "the gradient that was there before",
        "weights left as they were": "the number of weights that were left as they were",
        "what is around a crop": "what lies around a weight that is a crop of a larger tensor",
        "dtypes": "the list of dtypes of the weights",
    }
    for name in ("kaiming_normal_", "xavier_uniform_"):
        weight = torch.zeros(shape, dtype=torch.float64)
        assert_world_untouched(student, lambda name=name, weight=weight: getattr(student, name)(weight), name)
        mine = student.beside.in_place(getattr(student, name))
        theirs = reference.beside.in_place(getattr(reference, name))
        hint = "In place: which objects are there after, and which of them is returned?"
        told = f"{name}: what is returned is not the object that came in, but another ({mine['returns']})."
        check(mine["returns"] == theirs["returns"], told, hint=hint)
        hints = {
            "generator": "Draw from torch's own generator, by a method of the tensor: no numpy, no torch.Generator.",
            "anew": "Whoever draws moves the generator on. Is its old state put back, or a draw kept for later?",
            "single": "Nothing that was there counts, and a draw is scaled by the formula alone: neither by old values "
            "nor by statistics of the new ones, which one number does not have.",
            "what is around a crop": "The weight is a part of a larger tensor here. Fill it alone, neither its `_base` "
            "nor its storage.",
        }
        for key, what in words.items():
            assert_equal(mine[key], theirs[key], what, asked=f"{name}: ", hint=hints.get(key, hint))
        weights = [torch.zeros(shape), torch.zeros(shape)]
        for weight in weights:
            getattr(student, name)(weight)
        check(not torch.equal(*weights), f"{name}: two calls give the same weights.")


# -- whole models -----------------------------------------------------------------------------------------------------


@pytest.mark.points(2)
def test_layers_of_a_model(student, reference, rng):
    """`init_model`: the weights of all convolutions and linear layers are drawn as `kaiming_normal_` draws them."""
    draws = student.beside.initialised(student.init_model, student.beside.model(rng.integer(1, 10**6)))["draws"]
    alone = student.beside.layer_initialised(student.init_model)
    draws["the model itself"] = alone["weight"]
    kinds = {
        "groups": "`groups` is a Conv2d with 6 groups. Its weight is drawn anew, by its shape alone: shape[1] is "
        "in/groups.",
        "linear": "`linear` is a Linear, whose weight is to be drawn anew as those of convolutions are.",
        "bare": "`bare` is a Conv1d. Convolutions of one, two and three dimensions count.",
        "inner.0.0": "This Linear lies inside of a Sequential in a ModuleList. How deep does your loop go?",
        "conv": "`conv` is frozen here: its weight needs no gradient. It gets start values, too.",
        "volume": "`volume` is a Conv3d. Convolutions of one, two and three dimensions count.",
        "scaled": "The class of `scaled` derives from Linear. How do you ask what a layer is?",
        "the model itself": "The model is a single Linear here. It counts, too, as it is inside of no other module.",
    }
    for name, hint in kinds.items():
        weight = draws[name]
        std = math.sqrt(2 / reference.fans(torch.empty(weight.shape, device="meta"))[0])
        values, n = weight.double() / std, weight.numel()
        told = f"init_model, layer `{name}`, n = {n}, in units of sqrt(2 / fan_in): "
        what = f"the standard deviation of the weight of `{name}`"
        assert_statistic(values.std(), 1, WIDTH / math.sqrt(2 * n), what, asked=told, hint=hint)
        assert_statistic(values.mean(), 0, WIDTH / math.sqrt(n), f"the mean of the weight of `{name}`", asked=told)
    check(
        not torch.allclose(draws["linear"], draws["scaled"].float()),
        "init_model: `linear` and `scaled` are of the same shape, and got the same weights.",
        hint="Each weight is drawn by itself, also where there was one of its shape before.",
    )
    asked, hint = "init_model, a model that is one linear layer: ", "The weight is drawn; the bias is to become 0."
    assert_close(alone["bias"], torch.zeros(70), "the bias", asked=asked, hint=hint)


@pytest.mark.points(4.5)
def test_all_else_of_a_model(student, reference, rng):
    """`init_model`: biases 0, norms 1 and 0, all else as it was: values, objects, flags and modes."""
    seed = rng.integer(1, 10**6)
    made = student.beside.model(seed)
    assert_world_untouched(student, lambda: student.init_model(made), "init_model")
    found = [code.beside.initialised(code.init_model, code.beside.model(seed)) for code in (student, reference)]
    words = {
        "values": "the model's state dict",
        "same parameters": "the list of parameters that are the same objects as before",
        "requires_grad": "`requires_grad`",
        "training": "the list of the modules' modes (True: training)",
        "grad": "the list of the mean of each parameter's gradient",
    }
    hint = (
        "What becomes of layers, of every kind of normalisation, of all else, and what is returned? Compare with the "
        "stub's docstring."
    )
    told = f"init_model: what is returned is not the object that came in, but another ({found[0]['returns']})."
    check(found[0]["returns"] == found[1]["returns"], told, hint=hint)
    for key, what in words.items():
        assert_equal(found[0][key], found[1][key], what, asked="init_model: ", hint=hint)
