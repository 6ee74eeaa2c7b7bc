"""Hidden suite of `clip_grad`: clipping by the total norm and by value, as `torch.nn.utils` does by default."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from autograder.suite import assert_close, assert_shape, check

INF, NAN = float("inf"), float("nan")

# Far above any max_norm here, so the 1e-6 in the divisor cannot be seen: it has a test of its own.
EXPLODING, SMALL = 1e4, 0.1
# With this the coefficient is far below what float32 can hold, so one that is rounded on the way becomes 0.
ASTRONOMICAL = 1e60


def any_shapes(rng):
    """Shapes of every rank from () to a convolution's weight, of unequal sizes."""
    rows, columns, channels = rng.distinct(2, 6, 3)
    return [(rows, columns), (channels,), (), (channels, rows, 2, 3)]


def two_vectors(rng):
    return [(length,) for length in rng.distinct(3, 8, 2)]


def parameters(rng, shapes, scale):
    """Leaf parameters with gradients of about `scale`; the weights have another norm than the gradients."""
    made = [nn.Parameter(3 * rng.randn(1, *shape)[0]) for shape in shapes]
    for p in made:
        p.grad = scale * rng.randn(1, *p.shape)[0]
    return made


def twins(originals):
    """Equal parameters with equal gradients, for the reference."""
    copies = [nn.Parameter(p.detach().clone()) for p in originals]
    for copy, p in zip(copies, originals, strict=True):
        copy.grad = None if p.grad is None else p.grad.clone()
    return copies


def with_gradient(gradient):
    p = nn.Parameter(torch.ones_like(gradient))
    p.grad = gradient
    return p


def assert_gradients(mine, theirs, asked, hint=None):
    for index, (p, q) in enumerate(zip(mine, theirs, strict=True), start=1):
        check(
            (p.grad is None) == (q.grad is None),
            f"{asked}: p.grad of parameter {index} is {'None' if p.grad is None else 'no longer None'} after the call.",
        )
        if q.grad is not None:
            what = f"{asked}: the gradient of parameter {index} of {len(mine)}, shape {tuple(q.shape)},"
            assert_close(p.grad, q.grad, what, hint=hint)


def assert_same_object(mine, gradients, weights, asked):
    """Each p.grad is the tensor that it was, with other values; p itself is as before."""
    for index, (p, (gradient, values), weight) in enumerate(zip(mine, gradients, weights, strict=True), start=1):
        check(
            p.grad is gradient,
            f"{asked}: p.grad of parameter {index} is another tensor object after the call; change it in place.",
        )
        check(
            not torch.equal(gradient, values),
            f"{asked}: the gradient of parameter {index} has the values that it had before the call.",
        )
        check(
            torch.equal(p.detach(), weight),
            f"{asked}: the call changes parameter {index} itself; only its gradient may change.",
        )


# -- clip_grad --------------------------------------------------------------------------------------------------------


@pytest.mark.points(2)
@pytest.mark.parametrize("shapes", [two_vectors, any_shapes], ids=["two vectors", "any shapes"])
def test_exploding_gradients(student, reference, rng, shapes):
    """`clip_grad` scales exploding gradients down, all by the same coefficient."""
    for asked, scale in (("total norm far above", EXPLODING), ("total norm near 1e60, in float64", ASTRONOMICAL)):
        mine = parameters(rng, shapes(rng), scale)
        theirs, max_norm = twins(mine), rng.uniform(1.0, 3.0)
        student.clip_grad(mine, max_norm=max_norm)
        reference.clip_grad(theirs, max_norm=max_norm)
        hint = "One total norm over all gradients together gives one coefficient for all of them, in their dtype."
        assert_gradients(mine, theirs, f"max_norm={max_norm:.3g}, {asked}", hint)


@pytest.mark.points(1.5)
def test_small_gradients(student, rng):
    """`clip_grad` leaves gradients alone whose norm is below max_norm."""
    for asked, scale in (("total norm far below max_norm", SMALL), ("all gradients zero", 0.0)):
        mine = parameters(rng, two_vectors(rng), scale)
        unchanged, max_norm = twins(mine), rng.uniform(5.0, 9.0)
        student.clip_grad(mine, max_norm=max_norm)
        assert_gradients(mine, unchanged, f"max_norm={max_norm:.3g}, {asked}", "The coefficient is never above 1.")


@pytest.mark.points(1)
def test_returned_norm(student, reference, rng):
    """`clip_grad` returns the total norm before clipping, as a tensor of shape ()."""
    for asked, scale in (("total norm far above max_norm", EXPLODING), ("a second call, total norm below", SMALL)):
        mine = parameters(rng, two_vectors(rng), scale)
        expected = reference.clip_grad(twins(mine), max_norm=6.0)
        total_norm = student.clip_grad(mine, max_norm=6.0)
        assert_shape(total_norm, (), f"{asked}: the returned value")
        assert_close(total_norm, expected, f"{asked}: the returned value", hint="Before clipping, over all gradients.")


@pytest.mark.points(1.5)
@pytest.mark.parametrize("norm_type", [1.0, 3.0, INF], ids=["p=1", "p=3", "p=inf"])
def test_norm_types(student, reference, rng, norm_type):
    """`clip_grad` follows norm_type, in the returned norm and in the gradients."""
    mine = parameters(rng, two_vectors(rng), EXPLODING)
    theirs, max_norm = twins(mine), rng.uniform(1.0, 3.0)
    total_norm = student.clip_grad(mine, max_norm=max_norm, norm_type=norm_type)
    expected = reference.clip_grad(theirs, max_norm=max_norm, norm_type=norm_type)
    asked = f"max_norm={max_norm:.3g}, norm_type={norm_type}"
    assert_close(total_norm, expected, f"{asked}: the returned norm")
    assert_gradients(mine, theirs, asked)


@pytest.mark.points(1)
def test_in_place(student, reference, rng):
    """`clip_grad` changes the tensor in p.grad in place, and never the parameter."""
    mine = parameters(rng, two_vectors(rng), EXPLODING)
    gradients = [(p.grad, p.grad.clone()) for p in mine]
    weights = [p.detach().clone() for p in mine]
    student.clip_grad(mine, max_norm=1.0)
    assert_same_object(mine, gradients, weights, "clip_grad")


@pytest.mark.points(0.5)
def test_epsilon(student, reference, rng):
    """`clip_grad` divides by the norm plus 1e-6, and limits the coefficient to 1 only after that."""
    direction = rng.randn(2)
    direction /= torch.linalg.vector_norm(direction)
    max_norm = rng.uniform(0.01, 0.02)
    for asked, norm in (
        ("a tiny gradient above a tiny max_norm", 1.2 * max_norm),
        ("a total norm that is less than 1e-6 below max_norm", max_norm - 3e-7),
    ):
        mine = [with_gradient(norm * direction)]
        theirs = twins(mine)
        student.clip_grad(mine, max_norm=max_norm)
        reference.clip_grad(theirs, max_norm=max_norm)
        # Relative to max_norm, the 1e-6 stands out from the tolerance of the comparison.
        clipped, expected = mine[0].grad / max_norm, theirs[0].grad / max_norm
        hint = "Compare divisor and limit with the formula: which number is limited to 1?"
        assert_close(clipped, expected, f"{asked}: gradient / max_norm", hint=hint)


def as_a_generator(parameters):
    return (p for p in parameters)


def as_a_single_tensor(parameters):
    (p,) = parameters
    return p


FORMS = [pytest.param(as_a_generator, 3, id="a generator"), pytest.param(as_a_single_tensor, 1, id="a single tensor")]


@pytest.mark.points(1.5)
@pytest.mark.parametrize(("form", "count"), FORMS)
def test_iterables(student, reference, rng, form, count):
    """`clip_grad` takes a generator, as model.parameters() is, and a single tensor."""
    mine = parameters(rng, [(size, 3) for size in rng.distinct(2, 6, count)], EXPLODING)
    theirs = twins(mine)
    student.clip_grad(form(mine), max_norm=2.0)
    reference.clip_grad(form(theirs), max_norm=2.0)
    hint = "A generator can be run through only once; a loop over a tensor gives its rows."
    assert_gradients(mine, theirs, f"parameters passed {form.__name__.replace('_', ' ')}", hint)


@pytest.mark.points(0.5)
def test_some_without_gradient(student, reference, rng):
    """`clip_grad` skips parameters whose gradient is None."""
    mine = parameters(rng, [(3,), (2, 3), (4,)], EXPLODING)
    mine[rng.integer(0, 2)].grad = None
    theirs = twins(mine)
    student.clip_grad(mine, max_norm=2.0)
    reference.clip_grad(theirs, max_norm=2.0)
    assert_gradients(mine, theirs, "one gradient is None")


@pytest.mark.points(0.5)
def test_none_with_gradient(student, reference, rng):
    """`clip_grad` returns tensor(0.) when there is no gradient at all."""
    for asked, params in (
        ("the gradient of every parameter is None", [nn.Parameter(rng.randn(3)), nn.Parameter(rng.randn(2, 2))]),
        ("an empty list", []),
    ):
        total_norm = student.clip_grad(params, max_norm=1.0)
        assert_shape(total_norm, (), f"{asked}: the returned value")
        check(float(total_norm) == 0, f"{asked}: the returned value is not 0.")


@pytest.mark.points(0.5)
def test_not_finite(student, reference, rng):
    """`clip_grad` applies the formula as it stands when gradients are infinite or NaN."""
    for bad in (INF, NAN):
        mine = parameters(rng, two_vectors(rng), 1.0)
        mine[0].grad[rng.integer(0, 2)] = bad
        theirs = twins(mine)
        student.clip_grad(mine, max_norm=1.0)
        reference.clip_grad(theirs, max_norm=1.0)
        hint = "Every comparison with NaN is false: look at each `if`, `min` and `max`."
        assert_gradients(mine, theirs, f"one element is {bad}", hint)


# -- clip_grad_value --------------------------------------------------------------------------------------------------


@pytest.mark.points(0.75)
def test_value(student, reference, rng):
    """`clip_grad_value` clamps every element to [-clip_value, clip_value]."""
    mine = parameters(rng, any_shapes(rng), 2.0)
    theirs, clip_value = twins(mine), rng.uniform(0.3, 0.9)
    student.clip_grad_value(mine, clip_value=clip_value)
    reference.clip_grad_value(theirs, clip_value=clip_value)
    assert_gradients(mine, theirs, f"clip_value={clip_value:.3g}", "Elements within the limits keep their values.")


@pytest.mark.points(0.5)
def test_value_in_place(student, reference, rng):
    """`clip_grad_value` changes the tensor in p.grad in place, and never the parameter."""
    mine = parameters(rng, two_vectors(rng), 5.0)
    gradients = [(p.grad, p.grad.clone()) for p in mine]
    weights = [p.detach().clone() for p in mine]
    student.clip_grad_value(mine, clip_value=1e-2)
    assert_same_object(mine, gradients, weights, "clip_grad_value")


@pytest.mark.points(1)
@pytest.mark.parametrize(("form", "count"), FORMS)
def test_value_iterables(student, reference, rng, form, count):
    """`clip_grad_value` takes a generator, also with parameters whose gradient is None, and a single tensor."""
    mine = parameters(rng, [(size, 5) for size in rng.distinct(3, 6, count)], 9.0)
    for p in mine[1:2]:
        p.grad = None
    theirs = twins(mine)
    student.clip_grad_value(form(mine), clip_value=0.4)
    reference.clip_grad_value(form(theirs), clip_value=0.4)
    assert_gradients(mine, theirs, f"parameters passed {form.__name__.replace('_', ' ')}")


@pytest.mark.points(0.25)
def test_value_not_finite(student, reference, rng):
    """`clip_grad_value` keeps NaN and brings infinite elements to the limit of their sign."""
    mine = [with_gradient(torch.tensor([0.1, INF, NAN, -INF, -3.0], dtype=torch.float64))]
    theirs = twins(mine)
    student.clip_grad_value(mine, clip_value=0.5)
    reference.clip_grad_value(theirs, clip_value=0.5)
    assert_gradients(mine, theirs, "elements that are not finite")
