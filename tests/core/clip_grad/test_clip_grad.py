"""Hidden suite of `clip_grad`: clipping by the total norm and by value, as `torch.nn.utils` does by default.

What follows from a wrong norm or coefficient is lost once: each check of gradients calls what differs the same.
"""

from __future__ import annotations

from itertools import cycle

import pytest
import torch
from torch import nn

from autograder.suite import assert_close, assert_shape, assert_world_untouched, check, copy_of, new

INF, NAN = float("inf"), float("nan")

# Far above any max_norm here, so the 1e-6 in the divisor cannot be seen: it has a check of its own.
EXPLODING, SMALL = 1e8, 0.1
# With this the coefficient is far below what float32 can hold, so one that is rounded on the way becomes 0.
ASTRONOMICAL = 1e60


def any_shapes(rng):
    """Shapes of every rank from () to a convolution's weight, of unequal sizes, 1 among them."""
    rows, columns, channels = rng.distinct(2, 6, 3)
    return [(rows, columns), (channels,), (), (channels, rows, 2, 3), (1,), (columns, 1)]


def two_vectors(rng):
    return [(length,) for length in rng.distinct(3, 8, 2)]


def plain(values):
    """A tensor that trains, though it is no nn.Parameter."""
    return values.requires_grad_()


def parameters(rng, shapes, scale, kinds=(nn.Parameter,)):
    """Leaf tensors with gradients of about `scale`, of one kind after another; the weights have another norm than the
    gradients.
    """
    made = [kind(3 * rng.randn(1, *shape)[0]) for shape, kind in zip(shapes, cycle(kinds), strict=False)]
    for p in made:
        p.grad = scale * rng.randn(1, *p.shape)[0]
    return made


def with_norm(rng, shape, norm):
    """A parameter whose gradient has this norm."""
    (p,) = parameters(rng, [shape], 1.0)
    p.grad *= norm / torch.linalg.vector_norm(p.grad)
    return p


def with_gradient(gradient):
    p = nn.Parameter(torch.ones_like(gradient))
    p.grad = gradient
    return p


def twins(originals):
    """Equal parameters with equal gradients, for the reference."""
    copies = [nn.Parameter(p.detach().clone(), requires_grad=p.requires_grad) for p in originals]
    for copy, p in zip(copies, originals, strict=True):
        copy.grad = None if p.grad is None else copy_of(p.grad)
    return copies


def assert_gradients(mine, theirs, asked, hint=None):
    for index, (p, q) in enumerate(zip(mine, theirs, strict=True), start=1):
        which = f"{asked}: parameter {index} of {len(mine)}, shape {tuple(q.shape)}: "
        told = "is None" if p.grad is None else "is no longer None"
        check((p.grad is None) == (q.grad is None), f"{which}p.grad {told} after the call.", difference=told)
        if q.grad is not None:
            assert_close(p.grad, q.grad, "the gradient", asked=which, hint=hint)


def unchanged(before, mine):
    """Numbers of the parameters, from 1 on, whose gradient is what it was before the call."""
    return [
        index
        for index, (q, p) in enumerate(zip(before, mine, strict=True), start=1)
        if p.grad is not None and torch.equal(q.grad, p.grad)
    ]


def assert_norm(total_norm, expected, asked, hint):
    """What is returned without gradients is told as such: that its dtype is another as well helps nobody."""
    nothing = isinstance(total_norm, torch.Tensor) and total_norm.dim() == 0 and float(total_norm) == 0
    told = f"{asked}: the returned norm is 0, as where there is no gradient."
    check(not nothing, told, hint=hint, difference=("the returned norm", "value"))
    assert_close(total_norm, expected, "the returned norm", asked=f"{asked}: ", hint=hint)


def assert_clipped(student, reference, mine, asked, hint=None, form=list, **options):
    """Both clip equal gradients; the norm and the gradients are the same."""
    theirs = twins(mine)
    total_norm = student.clip_grad(form(mine), **options)
    expected = reference.clip_grad(form(theirs), **options)
    assert_norm(total_norm, expected, asked, hint)
    assert_gradients(mine, theirs, asked, hint)


# -- clip_grad --------------------------------------------------------------------------------------------------------


@pytest.mark.points(1.5)
def test_returned_norm(student, reference, rng):
    """`clip_grad` returns the total norm before clipping, as a tensor of shape ()."""
    alone = "The root of all squares of p.grad (not of p), before clipping: try one gradient of [3, 4]."
    all_of_them = (
        "One gradient alone was right. All are one long vector: its norm is no mean, maximum or last of theirs."
    )
    for asked, shapes, scale, hint in (
        ("one gradient, norm far above max_norm", two_vectors(rng)[:1], EXPLODING, alone),
        ("total norm far above max_norm", two_vectors(rng), EXPLODING, all_of_them),
        ("a second call, total norm below", two_vectors(rng), SMALL, all_of_them),
        ("one parameter of shape ()", [()], EXPLODING, "A parameter of any shape counts, one of a single number, too."),
    ):
        mine = parameters(rng, shapes, scale)
        expected = reference.clip_grad(twins(mine), max_norm=6.0)
        total_norm = student.clip_grad(mine, max_norm=6.0)
        assert_shape(total_norm, (), "the returned norm", asked=f"{asked}: ")
        assert_norm(total_norm, expected, asked, hint)


@pytest.mark.points(1.5, again=1)
def test_scaling(student, reference, rng):
    """`clip_grad` scales exploding gradients down, all by one coefficient, and leaves small ones alone."""
    max_norm = rng.uniform(1e4, 3e4)
    alone = "Divide p.grad after the call by p.grad before: all elements must give one number, the coefficient."
    one = "One gradient alone was right. Divide each gradient by what it was before: all must give the same number."
    nothing = (
        "No gradient has changed. Is the result written into p.grad, and is that done where the norm is above max_norm?"
    )
    some = "Some gradients are scaled, and others are as they were. Does the loop reach every one?"
    short = "The coefficient is the same for every gradient, also for one that is short by itself."
    never = "The coefficient is never above 1."
    for asked, mine, hint in (
        ("one gradient, norm far above", parameters(rng, two_vectors(rng)[:1], EXPLODING), alone),
        ("total norm far above", parameters(rng, two_vectors(rng), EXPLODING), one),
        ("total norm far above, parameters of any shapes", parameters(rng, any_shapes(rng), EXPLODING), one),
        (
            "one gradient long, one short",
            [with_norm(rng, (4,), 50 * max_norm), with_norm(rng, (3,), 0.5 * max_norm)],
            short,
        ),
        ("many short gradients, long together", [with_norm(rng, (3,), 0.6 * max_norm) for _ in range(9)], short),
        ("total norm near 1e60, in float64", parameters(rng, any_shapes(rng), ASTRONOMICAL), one),
        ("total norm far below", parameters(rng, two_vectors(rng), SMALL * max_norm / 5), never),
        ("all gradients zero", parameters(rng, two_vectors(rng), 0.0), never),
    ):
        before, theirs = twins(mine), twins(mine)
        student.clip_grad(mine, max_norm=max_norm)
        reference.clip_grad(theirs, max_norm=max_norm)
        same = unchanged(before, mine)
        if same and hint in (alone, one):
            hint = nothing if len(same) == len(mine) else some
        assert_gradients(mine, theirs, f"max_norm={max_norm:.3g}, {asked}", hint)
    mine = parameters(rng, two_vectors(rng), SMALL)
    theirs = twins(mine)
    student.clip_grad(mine, max_norm=0.0)
    reference.clip_grad(theirs, max_norm=0.0)
    assert_gradients(mine, theirs, "max_norm=0", "0 is a limit like any other: what is left of the gradients?")
    mine = parameters(rng, two_vectors(rng), EXPLODING)
    before = twins(mine)
    student.clip_grad(mine, max_norm=INF)
    assert_gradients(mine, before, "max_norm=inf, which only measures", never)


@pytest.mark.points(1.5, again=1)
def test_norm_types(student, reference, rng):
    """`clip_grad` follows norm_type, in the returned norm and in the gradients."""
    several = "One gradient alone was right with this p. Do the norms of several come together with the same p?"
    for norm_type in (1.0, 3.0, INF, 1.5, 2, 7):
        alone = "This p over all elements of one gradient: is norm_type used, for any number?"
        if norm_type == INF:
            alone = "For infinity, the norm is the largest |g|. Powers and roots do not give it."
        for told, shapes, hint in (
            ("one gradient", two_vectors(rng)[:1], alone),
            ("two gradients", two_vectors(rng), several),
        ):
            mine, max_norm = parameters(rng, shapes, EXPLODING), rng.uniform(1.0, 3.0)
            asked = f"{told}, max_norm={max_norm:.3g}, norm_type={norm_type}"
            assert_clipped(student, reference, mine, asked, hint, max_norm=max_norm, norm_type=norm_type)


@pytest.mark.points(1.5, again=0.5)
def test_epsilon(student, reference, rng):
    """`clip_grad` divides by the norm plus 1e-6, and limits the coefficient to 1 only after that."""
    max_norm = rng.uniform(0.01, 0.02)
    added = "The norm is so small here that the 1e-6 shows. What exactly is max_norm divided by?"
    limited = "Compare with the formula: is max_norm / (norm + 1e-6) limited to 1, or the norm compared with max_norm?"
    any_norm = "With norm_type=2 the divisor was right. Is the 1e-6 added for this norm, too?"
    for asked, norm, options, hint in (
        ("a tiny gradient above a tiny max_norm", 1.2 * max_norm, {}, added),
        ("a total norm that is less than 1e-6 below max_norm", max_norm - 3e-7, {}, limited),
        ("norm_type=inf, a tiny gradient above a tiny max_norm", 2 * max_norm, {"norm_type": INF}, any_norm),
    ):
        mine = [with_norm(rng, (2,), norm)]
        theirs = twins(mine)
        student.clip_grad(mine, max_norm=max_norm, **options)
        reference.clip_grad(theirs, max_norm=max_norm, **options)
        # Relative to max_norm, the 1e-6 stands out from the tolerance of the comparison.
        clipped, expected = mine[0].grad / max_norm, theirs[0].grad / max_norm
        assert_close(clipped, expected, "the gradient", asked=f"{asked}, in units of max_norm: ", hint=hint)


def as_a_generator(parameters):
    return (p for p in parameters)


def as_one(parameters):
    (p,) = parameters
    return p


def as_a_deque(parameters):
    return new("collections.deque", list(parameters))


FORMS = {
    "a generator": (as_a_generator, (nn.Parameter, plain, nn.Parameter), "A generator can be run through only once."),
    "one nn.Parameter": (as_one, (nn.Parameter,), "A loop over a tensor gives its rows."),
    "a single tensor": (as_one, (plain,), "A loop over a tensor gives its rows. Not every tensor is an nn.Parameter."),
    "a deque": (as_a_deque, (nn.Parameter, plain), "Any iterable will do, not lists and generators alone."),
}


def frozen(rng):
    """Parameters of which one, not the last, still has a gradient from before it was frozen."""
    made = parameters(rng, [(3,), (2, 3), (4,)], EXPLODING)
    made[rng.integer(0, 1)].requires_grad_(False)
    return made


AFTER_NONE = "Only the parameter whose gradient is None is skipped. Does the loop go on after it?"


def without_gradient(rng):
    """Parameters of which one, not the last, has no gradient."""
    made = parameters(rng, [(3,), (2, 3), (4,)], EXPLODING)
    made[rng.integer(0, 1)].grad = None
    return made


@pytest.mark.points(1.5, again=1.25)
def test_iterables(student, reference, rng):
    """`clip_grad` takes any iterable or a single tensor, and skips a gradient that is None, but no other."""
    for name, (form, kinds, hint) in FORMS.items():
        mine = parameters(rng, [(size, 3) for size in rng.distinct(2, 6, len(kinds))], EXPLODING, kinds)
        assert_clipped(student, reference, mine, f"parameters passed as {name}", hint, form, max_norm=2)
    assert_clipped(student, reference, without_gradient(rng), "one gradient is None", AFTER_NONE, max_norm=2.0)
    frozen_hint = "What counts is whether there is a gradient, not whether there will be one."
    asked = "one parameter with a gradient has requires_grad=False"
    assert_clipped(student, reference, frozen(rng), asked, frozen_hint, max_norm=2.0)
    for asked, params in (
        ("the gradient of every parameter is None", [nn.Parameter(rng.randn(3)), nn.Parameter(rng.randn(2, 2))]),
        ("an empty list", []),
    ):
        total_norm = student.clip_grad(params, max_norm=1.0)
        assert_shape(total_norm, (), "the returned norm", asked=f"{asked}: ")
        check(float(total_norm) == 0, f"{asked}: the returned norm is not 0.")


@pytest.mark.points(1.5, again=0.5)
def test_not_finite(student, reference, rng):
    """`clip_grad` applies the formula as it stands when gradients are infinite or NaN."""
    infinite = "Nothing is skipped or replaced. What is max_norm / inf, and what is inf times that?"
    nan = "Every comparison with NaN is false: look at each `if`, `min` and `max`."
    for bad, hint in ((INF, infinite), (NAN, nan), (-INF, infinite)):
        for norm_type in (2.0, INF):
            for place in (0, 1):
                mine = parameters(rng, two_vectors(rng), 1.0)
                mine[place].grad[rng.integer(0, 2)] = bad
                asked = f"norm_type={norm_type}, one element of parameter {place + 1} of 2 is {bad}"
                assert_clipped(student, reference, mine, asked, hint, max_norm=1.0, norm_type=norm_type)


def layouts(rng, scale):
    """Gradients that do not lie in memory in one piece, or not in the order of their indices."""
    rows, columns, channels = rng.distinct(2, 5, 3)
    return {
        "a transposed gradient": scale * rng.randn(columns, rows).t(),
        "a gradient in channels_last": scale * rng.randn(rows, columns, channels, 3).permute(0, 3, 1, 2),
        "a gradient that is a part of a larger tensor": scale * rng.randn(rows, 3 * columns)[:, columns : 2 * columns],
    }


@pytest.mark.points(1.5, again=0.5)
def test_dtypes_and_layouts(student, reference, rng):
    """`clip_grad` returns the norm in the gradients' dtype, and takes gradients that are not contiguous."""
    hint = "A gradient need not be contiguous: which operations ask for that?"
    for what, gradient in layouts(rng, EXPLODING).items():
        mine = [with_gradient(gradient), *parameters(rng, [(3,)], EXPLODING)]
        assert_clipped(student, reference, mine, f"with {what}", hint, max_norm=2.0)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        # The norm is 4 and the coefficient 1/4, up to the 1e-6: both are exact in every dtype.
        mine = [with_gradient(torch.full((3,), 2.0, dtype=dtype)), with_gradient(torch.full((), 2.0, dtype=dtype))]
        total_norm = student.clip_grad(mine, max_norm=1.0)
        asked = f"gradients of {str(dtype).removeprefix('torch.')}: "
        hint = "Computing in another dtype is fine; what is returned has the gradients' dtype."
        assert_close(total_norm, torch.tensor(4.0, dtype=dtype), "the returned norm", asked=asked, hint=hint)
        for p in mine:
            assert_close(p.grad, torch.full_like(p.grad, 0.5), "the gradient", asked=asked)


def assert_only_in_place(student, mine, asked, limit):
    """Each p.grad is the tensor that it was, with other values; p itself is as before, and so is the list around."""
    call = getattr(student, asked)
    gradients = [(p.grad, p.grad.clone()) for p in mine]
    weights = [p.detach().clone() for p in mine]
    mine[-1].requires_grad_(False)  # frozen after its gradient was computed
    call(mine, limit)
    told = f"{asked}: the call switches requires_grad of a parameter."
    check([p.requires_grad for p in mine] == [True] * (len(mine) - 1) + [False], told)
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
    mine[0].grad = None
    held = student.make("collections.UserList", mine)  # a list that stays where the code runs
    call(held.handle("data"), limit)
    left = len(held.attribute("data"))
    check(left == len(mine), f"{asked}: of {len(mine)} parameters in the list that was passed, {left} are left in it.")
    order = [tuple(p.shape) for p in held.attribute("data")]
    told = f"{asked}: the parameters in the list that was passed stand in another order."
    check(order == [tuple(p.shape) for p in mine], told)


@pytest.mark.form
@pytest.mark.points(1.5, again=0)
def test_in_place(student, rng):
    """`clip_grad` changes the tensor in p.grad in place, and nothing else: no parameter, no list of them, no seed."""
    mine = parameters(rng, two_vectors(rng), EXPLODING)
    assert_only_in_place(student, mine, "clip_grad", 1.0)
    assert_world_untouched(student, lambda: student.clip_grad(mine, 1e-2), "clip_grad")


# -- clip_grad_value --------------------------------------------------------------------------------------------------


def assert_clamped(student, reference, mine, asked, hint=None, form=list, clip_value=0.4):
    theirs = twins(mine)
    returned = student.clip_grad_value(form(mine), clip_value=clip_value)
    check(returned is None, "clip_grad_value returns something, and should return None: what it does stands in p.grad.")
    reference.clip_grad_value(form(theirs), clip_value=clip_value)
    assert_gradients(mine, theirs, f"clip_grad_value, clip_value={clip_value}, {asked}", hint)


@pytest.mark.points(2)
def test_value(student, reference, rng):
    """`clip_grad_value` clamps every element of any gradient, in place, in whatever form parameters are passed."""
    hint = "Elements within the limits stay, the others become the limit on their side, and all of it stands in p.grad."
    assert_clamped(student, reference, parameters(rng, any_shapes(rng), 0.7), "any shapes", hint)
    for name in ("one nn.Parameter", "a single tensor", "a deque"):
        form, kinds, form_hint = FORMS[name]
        mine = parameters(rng, [(size, 5) for size in rng.distinct(3, 6, len(kinds))], 9.0, kinds)
        assert_clamped(student, reference, mine, f"parameters passed as {name}", form_hint, form)
    asked = "one gradient is None, parameters passed as a generator"
    assert_clamped(student, reference, without_gradient(rng), asked, AFTER_NONE, as_a_generator)
    asked = "one parameter with a gradient has requires_grad=False"
    frozen_hint = "What counts is whether there is a gradient, not whether there will be one."
    assert_clamped(student, reference, frozen(rng), asked, frozen_hint)
    for asked, gradient in layouts(rng, 1.0).items():
        assert_clamped(student, reference, [with_gradient(gradient)], asked)
    half = torch.tensor([0.25, -0.75, 3.0], dtype=torch.bfloat16)  # exact there, as is the limit
    assert_clamped(student, reference, [with_gradient(half)], "gradients of bfloat16", clip_value=0.5)
    bad = torch.tensor([0.1, INF, NAN, -INF, -3.0], dtype=torch.float64)
    bad_hint = "Infinity lies beyond the limits, and becomes one. NaN is on no side of them: does it stay?"
    assert_clamped(student, reference, [with_gradient(bad)], "elements that are not finite", bad_hint)
    nothing = "0 is a limit like any other: what is left of the gradients?"
    assert_clamped(student, reference, parameters(rng, two_vectors(rng), 1.0), "any gradient", nothing, clip_value=0.0)
    mine = parameters(rng, two_vectors(rng), EXPLODING)
    assert_only_in_place(student, mine, "clip_grad_value", 0.4)
    assert_world_untouched(student, lambda: student.clip_grad_value(mine, 0.4), "clip_grad_value")
