"""Hidden suite of `gradient_flow`: over time and over depth by closed forms and beside the reference; the half-life.

What is measured are library modules and cells of beside.py, so nothing of the student's but the three functions counts.
"""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch

from autograder.suite import assert_close, assert_shape, assert_world_untouched, check, new, share_weights

OVER_TIME, OVER_DEPTH = "the vector of gradient norms over time", "the vector of gradient norms over depth"


def counting_down(steps):
    """T, T - 1, ..., 0: how many factors lie between a state and the loss."""
    return torch.arange(steps, -1, -1, dtype=torch.float64)


def over_time(student, cell, xs, state, expected, asked, hint=None):
    """`hint` may be a function of what was found."""
    found = student.gradient_norms_over_time(cell, xs, state)
    told = "One entry for each state, the first included."
    if one_is_missing(found, expected):
        told = "The last state has its entry, so that of the given state, t = 0, is missing."
        if not torch.isclose(found[-1].double(), expected[-1]):
            told = "Your last entry is about a state before the last one. The last state itself has an entry, too."
    assert_shape(found, (len(xs) + 1,), OVER_TIME, asked=asked, hint=told)
    assert_close(found, expected, OVER_TIME, asked=asked, hint=hint(found) if callable(hint) else hint)


def one_is_missing(found, expected):
    return isinstance(found, torch.Tensor) and found.shape == (len(expected) - 1,)


DTYPE = "`torch.tensor` and `torch.zeros` take torch's default dtype, unless they are told another."


def about_linear_cells(found, root):
    """A hint by what stands in the norms; the last one has no step behind it, and should be `root`."""
    last = float(found[-1])
    if found.dtype != torch.float64:
        return DTYPE
    if torch.isclose(found, found[0]).all():
        return "All your norms are equal. The gradient is asked for with respect to each state, not to the weights."
    if math.isclose(last, root):
        if not found[:-1].any():
            return (
                "All your norms but the last are 0: no gradient comes back through a step. Where is a state detached?"
            )
        return (
            "The last norm is right, the others are not. The last state alone enters the loss, each one before it "
            "counts by way of the steps behind it."
        )
    if math.isclose(float(found[0]), root):
        return "Your first norm is what the last should be. Entry 0 is about the state that was given."
    ones = "With respect to the last state, the gradient of its sum is N·H ones. "
    if last < 0.99:
        return ones + "Your norm of them is below 1: does the loss divide, as a mean does?"
    if last < 1.01:
        return ones + "Your norm of them is 1: a norm is the root of the sum of all squares, no mean and no maximum."
    if last < root:
        return ones + "Your norm of them is too small: it takes the numbers of all samples at once."
    return ones + "Your norm of them is too large: it is the root of the sum of squares."


# -- over time --------------------------------------------------------------------------------------------------------


@pytest.mark.points(5)
def test_linear_cells(student, rng):
    """For h' = w·h the norms are powers of |w|, and for ρ times a rotation powers of ρ, times the root of N·H."""
    for steps, hidden in zip(rng.distinct(3, 6, 2), rng.distinct(2, 5, 2), strict=True):
        n, inputs = rng.distinct(2, 4, 2)
        root = math.sqrt(n * hidden)
        rotation = torch.linalg.qr(rng.randn(hidden, hidden))[0]
        eye = torch.eye(hidden, dtype=torch.float64)
        size = rng.uniform(0.3, 0.9)
        for what, factor, matrix in (
            (f"h' = {1 + size:.2f}·h", 1 + size, (1 + size) * eye),
            (f"h' = -{size:.2f}·h", size, -size * eye),
            (f"h' = {size:.2f} times a rotation of h", size, size * rotation),
        ):
            cell = student.beside.linear_cell(matrix)
            expected = root * factor ** counting_down(steps)
            asked = f"{what}, {steps} steps, N = {n}, H = {hidden}: "
            xs, h = rng.randn(steps, n, inputs), rng.randn(n, hidden)
            over_time(student, cell, xs, h, expected, asked, partial(about_linear_cells, root=root))
    cell = student.beside.linear_cell(0.5 * eye)
    expected = math.sqrt(hidden) * 0.5 ** counting_down(1)
    over_time(student, cell, rng.randn(1, 1, 1), rng.randn(1, hidden), expected, "h' = h/2, one step, N = 1: ")
    cell = student.beside.linear_cell(0.9 * rotation)
    expected = math.sqrt(2 * hidden) * 0.9 ** counting_down(40)
    asked, hint = "h' = 0.90 times a rotation of h, 40 steps: ", "Over few steps it is right. Where is something cut?"
    over_time(student, cell, rng.randn(40, 2, 1), rng.randn(2, hidden), expected, asked, hint)


@pytest.mark.points(0.5)
def test_powers_of_two_over_time(student, rng):
    """For h' = h/2 the norms are powers of two, whatever their dtype."""
    cell, steps = student.beside.linear_cell(0.5 * torch.eye(4, dtype=torch.float64)), rng.integer(3, 6)
    found = student.gradient_norms_over_time(cell, rng.randn(steps, 1, 2), rng.randn(1, 4))
    check(isinstance(found, torch.Tensor), f"{OVER_TIME} is a {type(found).__name__}, expected a tensor.")
    assert_close(found.double(), 2 * 0.5 ** counting_down(steps), OVER_TIME, asked=f"h' = h/2, {steps} steps: ")


@pytest.mark.points(5, again=2)
def test_lstm_with_constant_gates(student, rng):
    """An LSTM cell with weights of zero: constant gates, `dL/dc_t` is `f^(T - t)·o·(1 - tanh²(c_T))`, `dL/dh_T` 1."""
    n, inputs, hidden = rng.distinct(2, 5, 3)
    steps = rng.integer(3, 6)
    cell = student.make("torch.nn.LSTMCell", input_size=inputs, hidden_size=hidden).double()
    values = {name: torch.zeros_like(value) for name, value in cell.state_dict().items()}
    values["bias_ih"] = rng.randn(4 * hidden)
    cell.load_state_dict(values)
    i, f, g, o = values["bias_ih"].chunk(4)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    h, c = torch.tanh(rng.randn(n, hidden)), rng.randn(n, hidden)
    last = c
    for _ in range(steps):
        last = f * last + i * g
    through_c = torch.stack([f**left * o * (1 - torch.tanh(last) ** 2) for left in counting_down(steps)])
    squares = through_c.square().sum(dim=(1, 2))
    squares[-1] += n * hidden
    asked = f"LSTMCell with weights of zero and constant gates, {steps} steps, state (h, c): "
    expected = squares.sqrt()
    hint = partial(about_lstm, expected=expected)
    over_time(student, cell, rng.randn(steps, n, inputs), (h, c), expected, asked, hint)


BY_MODE = {"training": 1.5, "evaluation": 0.5}
AS_IT_COMES = "What is measured is in the mode in which it comes."


def about_lstm(found, expected):
    """A hint by what stands in the norms. Before the last entry, only c has a gradient."""
    if not found[:-1].any():
        return "With weights of zero the gradient goes back along c alone, and yours is 0. The norm takes h and c."
    if found.dtype == expected.dtype and torch.allclose(found[:-1], expected[:-1]):
        if found[-1] < expected[-1]:
            return (
                "Only the last norm is wrong, and too small. `c_T` counts by way of `h_T`: the gradient is asked for "
                "at the very tensors that the cell returned, not at copies of them."
            )
        return "Only the last norm is wrong, and too large. Both h and c have a gradient there: they have one norm."
    if (found <= expected * (1 + 1e-9)).all():
        return "Your norms are too small. A norm is the root of the sum of all squares; that of a matrix is another."
    return "The loss is the sum of `h_T`, the first tensor of the last state. `c_T` counts by way of `h_T` alone."


@pytest.mark.points(5, again=2)
def test_cells_with_random_weights(student, reference, rng):
    """RNN, GRU and LSTM cells with random weights, whose factors differ from step to step; float32, too."""
    n, hidden = rng.distinct(2, 5, 2)
    factors = torch.tensor(rng.distinct(2, 9, 4)).double() / 5
    expected = math.sqrt(n * hidden) * torch.cat([factors.flip(0).cumprod(0).flip(0), torch.ones(1).double()])
    xs, asked = (
        factors[:, None, None].expand(4, n, 1),
        f"h' = x·h with another x at each of 4 steps, N = {n}, H = {hidden}: ",
    )
    hint = partial(about_inputs, factors=factors)
    over_time(student, student.beside.multiplied(), xs.contiguous(), rng.randn(n, hidden), expected, asked, hint)
    for kind in ("RNNCell", "GRUCell", "LSTMCell"):
        n, inputs, hidden = rng.distinct(2, 5, 3)
        steps = rng.integer(3, 5)
        mine, theirs = (
            code.make(f"torch.nn.{kind}", input_size=inputs, hidden_size=hidden) for code in (student, reference)
        )
        share_weights(mine, theirs, rng)
        xs, h = rng.randn(steps, n, inputs), torch.tanh(rng.randn(n, hidden))
        state = (h, rng.randn(n, hidden)) if kind == "LSTMCell" else h
        expected = reference.gradient_norms_over_time(theirs, xs, state)
        asked = f"{kind} with random weights, {steps} steps, N = {n}, H = {hidden}: "
        over_time(
            student, mine, xs, state, expected, asked, "Is every `xs[t]` used once, in order, and nothing detached?"
        )
        mine.requires_grad_(False)
        over_time(student, mine, xs, state, expected, f"{asked}all parameters frozen: ")
        share_weights(mine, theirs, rng)
        expected = reference.gradient_norms_over_time(theirs, xs, state)
        hint = "The cell has other weights than in the call before. Is anything kept?"
        over_time(student, mine, xs, state, expected, f"{asked}asked again: ", hint)
    cell = student.make("torch.nn.RNNCell", input_size=2, hidden_size=3)
    found = student.gradient_norms_over_time(cell, rng.randn(2, 2, 2).float(), rng.randn(2, 3).float())
    check(found.dtype == torch.float32, f"A state in float32: {OVER_TIME} has dtype {found.dtype}.")
    cell = student.beside.by_mode()
    for mode, factor in BY_MODE.items():
        cell.train(mode == "training")
        expected = math.sqrt(n * hidden) * factor ** counting_down(4)
        asked = f"a cell in {mode} mode, in which h' = {factor:g}·h: "
        over_time(student, cell, xs[:1].expand(4, -1, -1), rng.randn(n, hidden), expected, asked, AS_IT_COMES)
    for others in ((), ((n, hidden + 1), (n, 2, 2))):
        mine, theirs = (code.beside.linked(0.7, 0.3) for code in (student, reference))
        state = tuple(rng.randn(*shape) for shape in ((n, hidden), *others))
        expected = reference.gradient_norms_over_time(theirs, xs, state)
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in state)
        asked = f"a state that is a tuple of {len(state)}, of shapes {shapes}, where all count: "
        hint = "A tuple has as many tensors as it has, and all their gradients are one vector."
        over_time(student, mine, xs, state, expected, asked, hint)


def about_inputs(found, factors):
    """A hint by the factors of the steps, which are the inputs."""
    for t, factor in enumerate((found[:-1] / found[1:]).double()):
        used = torch.isclose(factors, factor).nonzero().flatten().tolist()
        if used and used != [t]:
            return (
                f"The factor of step {t} is what the cell gets as x there, `xs[{t}]`. In yours it is `xs[{used[0]}]`."
            )
    return "Is every `xs[t]` used once, in order, and nothing detached?"


@pytest.mark.points(5, again=2)
def test_states_that_do_not_matter(student, rng):
    """A state that the loss does not depend on counts as 0: of a cell that forgets, and a c that changes nothing."""
    n, hidden = rng.distinct(2, 5, 2)
    steps, root = rng.integer(3, 5), math.sqrt(n * hidden)
    hint = "A gradient of None is one of 0. What if a tensor has no graph?"
    xs, h, c = rng.randn(steps, n, hidden), rng.randn(n, hidden), rng.randn(n, hidden)
    w = rng.uniform(0.3, 0.9)
    expected = root * w ** counting_down(steps)
    for fresh in (False, True):
        asked = f"state (h, c) where h' = {w:.2f}·h and c is {'new zeros at every step' if fresh else 'passed on'}: "
        over_time(student, student.beside.passenger(w, fresh), xs, (h, c), expected, asked, hint)
    asked = f"state (h, c) where h' = {w:.2f}·h and c, of another shape, is passed on: "
    c = rng.randn(n, hidden + 1, 2)
    over_time(student, student.beside.passenger(w, False), xs, (h, c), expected, asked, "Flatten before you join.")
    expected = torch.zeros(steps + 1, dtype=torch.float64)
    expected[-1] = root
    cell = student.beside.amnesiac(rng.randn(hidden, hidden))
    over_time(student, cell, xs, h, expected, "a cell that does not read its state: ", hint)


# -- over depth -------------------------------------------------------------------------------------------------------


def over_depth(student, blocks, x, skip, count, expected, asked, hint=None):
    found = student.gradient_norms_over_depth(blocks, x, skip)
    asked = f"{asked}, skip={skip}: "
    told = "One entry for each a[l], x included."
    if isinstance(hint, str):
        told = f"{told} {hint}"
    if one_is_missing(found, expected):
        told = "The last a has its entry, so that of x is missing."
        if not torch.isclose(found[-1].double(), expected[-1]):
            told = "The entry of x is there; the last a, the result itself, has one, too."
    assert_shape(found, (count + 1,), OVER_DEPTH, asked=asked, hint=told)
    assert_close(found, expected, OVER_DEPTH, asked=asked, hint=hint(found) if callable(hint) else hint)


def same_stack(student, reference, rng, *layers):
    """The layers as an nn.Sequential, on both sides with the same random weights."""
    children = {str(place): layer for place, layer in enumerate(layers)}
    mine, theirs = student.sequential(**children), reference.sequential(**children)
    share_weights(mine, theirs, rng)
    return mine, theirs


@pytest.mark.points(5)
def test_plain_stack(student, reference, rng):
    """Without skip the factors are those of the blocks: powers for `a -> s·a`; layers of unequal width; a list."""
    n, width, other = rng.distinct(2, 6, 3)
    depth, size = rng.integer(3, 5), rng.uniform(0.3, 0.9)
    expected = math.sqrt(n * width) * size ** counting_down(depth)
    for factor in (size, -size):
        asked = f"{depth} blocks a → {factor:.2f}·a, as a list"
        blocks = scaling(student, depth, width, factor)
        over_depth(student, blocks, rng.randn(n, width), False, depth, expected, asked, about_plain_stack)
    layers = [new("torch.nn.Linear", width, other), new("torch.nn.Tanh"), new("torch.nn.Linear", other, width)]
    mine, theirs = same_stack(student, reference, rng, *layers)
    x = rng.randn(n, width)
    expected = reference.gradient_norms_over_depth(theirs, x, False)
    asked = "Linear, Tanh, Linear with random weights, as an nn.Sequential"
    hint = "A norm is the root of the sum of all squares, whatever the shape."
    over_depth(student, mine, x, False, 3, expected, asked, hint)
    mine.requires_grad_(False)
    over_depth(student, mine, x, False, 3, expected, f"{asked}, all parameters frozen")
    share_weights(mine, theirs, rng)
    expected = reference.gradient_norms_over_depth(theirs, x, False)
    hint = "The layers have other weights than in the call before. Is anything kept?"
    over_depth(student, mine, x, False, 3, expected, f"{asked}, asked again", hint)
    hint = "Each of `blocks` counts once for each time that it stands there, as a whole, whatever is in it."
    for count, shape in ((30, (width,)), (2, (2, width, 3))):
        block = student.beside.nested(0.9)
        expected = math.sqrt(math.prod(shape)) * 0.9 ** counting_down(count)
        for what, blocks in (("a list", [block] * count), ("an nn.Sequential", student.beside.repeated(block, count))):
            asked = f"one nn.Sequential that makes 0.90·a of a, {count} times, as {what}, x of shape {shape}"
            over_depth(student, blocks, rng.randn(*shape), False, count, expected, asked, hint)
    block = student.beside.by_mode()
    for mode, factor in BY_MODE.items():
        block.train(mode == "training")
        expected = math.sqrt(width) * factor ** counting_down(3)
        asked = f"3 blocks in {mode} mode, in which a → {factor:g}·a"
        over_depth(student, [block] * 3, rng.randn(1, width), False, 3, expected, asked, AS_IT_COMES)


def about_plain_stack(found):
    """A hint by what stands in the norms of blocks that shrink."""
    if found.dtype != torch.float64:
        return DTYPE
    if found[0] > found[-1]:
        return (
            "Blocks `a → s·a` with s below 1 shrink a gradient, and yours grow it. What is added, where skip is False?"
        )
    if found[1:-1].any() and torch.isclose(found[:-1], found[0]).all():
        return "Your norms before the last are equal: the factor of one block, where all blocks behind `a[l]` count."
    return "Each entry is the norm of the gradient of the one loss, that of the last output, with respect to `a[l]`."


@pytest.mark.points(0.5)
def test_powers_of_two_over_depth(student, rng):
    """For blocks a -> a/2 the norms are powers of two, whatever their dtype."""
    depth = rng.integer(3, 5)
    found = student.gradient_norms_over_depth(scaling(student, depth, 4, 0.5), rng.randn(1, 4), False)
    check(isinstance(found, torch.Tensor), f"{OVER_DEPTH} is a {type(found).__name__}, expected a tensor.")
    assert_close(found.double(), 2 * 0.5 ** counting_down(depth), OVER_DEPTH, asked=f"{depth} blocks a → a/2: ")


@pytest.mark.points(5, again=2)
def test_residual_stack(student, reference, rng):
    """With skip each factor is 1 plus that of the block: `(1 + s)^(L - l)` for `a -> s·a`; tanh, convolutions."""
    n, width = rng.distinct(2, 6, 2)
    depth, size = rng.integer(3, 5), rng.uniform(0.3, 0.9)
    hint, x = partial(about_skips, root=math.sqrt(n * width)), rng.randn(n, width)
    seen = student.beside.inputs_of_blocks(student.gradient_norms_over_depth, 6, size, x)
    for block, given in enumerate(seen):
        if not torch.allclose(given.double(), (1 + size) ** block * x):
            before = block - 1
            hint = (
                f"With skip, `a[{block}]` is the output of block {before} plus its input `a[{before}]`. Yours is not."
            )
            break
    for factor in (size, -size):
        blocks = scaling(student, depth, width, factor)
        expected = math.sqrt(n * width) * (1 + factor) ** counting_down(depth)
        over_depth(
            student, blocks, rng.randn(n, width), True, depth, expected, f"{depth} blocks a → {factor:.2f}·a", hint
        )
    for what, layers, shape in (
        ("Linear, Tanh, Linear", [new("torch.nn.Linear", width, width), new("torch.nn.Tanh")] * 2, (n, width)),
        ("convolutions", [new("torch.nn.Conv2d", 2, 2, 3, padding=1), new("torch.nn.Tanh")] * 2, (n, 2, 4, 3)),
    ):
        mine, theirs = same_stack(student, reference, rng, *layers)
        x = rng.randn(*shape)
        expected = reference.gradient_norms_over_depth(theirs, x, True)
        shown = hint
        if callable(hint):
            shown = "Is each block's own input added? A norm is the root of the sum of all squares, whatever the shape."
        over_depth(student, mine, x, True, len(layers), expected, f"{what} with random weights", shown)
    block = student.beside.by_mode().eval()
    expected = math.sqrt(width) * 1.5 ** counting_down(2)
    asked = "2 blocks in evaluation mode, in which a → 0.5·a"
    over_depth(student, [block] * 2, rng.randn(1, width), True, 2, expected, asked, AS_IT_COMES)
    found = student.gradient_norms_over_depth([block], rng.randn(2, 2).float(), True)
    told = f"x in float32: {OVER_DEPTH} has dtype {found.dtype}."
    check(found.dtype == torch.float32, told, difference=(OVER_DEPTH, "dtype"))


def about_skips(found, root):
    """A hint by what stands in the norms of blocks that are given the right inputs; the last should be `root`."""
    if found.dtype != torch.float64:
        return DTYPE
    if not math.isclose(float(found[-1]), root):
        return "The last norm has no block behind it: the gradient of a sum is ones, and the norm takes all of them."
    factors = found[:-1] / found[1:]
    if (
        len(factors) > 1
        and torch.isclose(factors[:-1], factors[0]).all()
        and not torch.isclose(factors[-1], factors[0])
    ):
        return "The last block has another factor than those before it. Its input is added to its output, too."
    return "Your sums have the right values, and no gradient comes back through them. Is what you add detached?"


def scaling(student, depth, width, factor):
    blocks = [student.make("torch.nn.Linear", width, width, bias=False).double() for _ in range(depth)]
    for block in blocks:
        block.load_state_dict({"weight": factor * torch.eye(width, dtype=torch.float64)})
    return blocks


# -- half-life --------------------------------------------------------------------------------------------------------


def assert_half_life(found, expected, asked, hint=None, digits=1e-9):
    told = f"half_life() of {asked}: the half-life is of type {type(found).__name__}, expected a float."
    check(
        isinstance(found, float),
        told,
        hint="A tensor with one number is no float.",
        difference=("the half-life", "type"),
    )
    digits_shown = 6 if f"{found:.6g}" != f"{expected:.6g}" else 12
    if digits_shown == 12:
        hint = "It is right to six digits, and not to nine. Is it rounded, or computed in float32?"
    told = f"half_life() of {asked}: the half-life is {found:.{digits_shown}g}, expected {expected:.{digits_shown}g}."
    check(math.isclose(found, expected, rel_tol=digits), told, hint=hint, difference=("the half-life", "value"))


@pytest.mark.points(5)
def test_half_life(student, reference, rng):
    """The half-life comes from a straight line through all the logarithms, to the base 2."""
    for count in (2, *rng.distinct(4, 9, 2)):
        steps = rng.uniform(0.3, 20.0)
        exact = 3 * 2 ** (torch.arange(count, dtype=torch.float64) / steps)
        asked = f"{count} norms that halve every {steps:.3g} steps back"
        found, turned = student.half_life(exact), student.half_life(exact.flip(0))
        hint = "The slope counts halvings per step, to the base 2; a half-life counts steps per halving."
        if found == math.inf:
            hint = "These norms grow with t, so the slope is above 0. For which slopes do you return inf?"
            if isinstance(turned, float) and 0 < turned < math.inf:
                hint = (
                    "These norms grow with t, and you take them for shrinking. t is 0 for the first norm and counts up."
                )
        assert_half_life(found, steps, asked, hint)
    hint = "The least-squares line goes through the middle of all points, not from the first to the last."
    for count in (*rng.distinct(5, 9, 2), 40):
        noisy = 2 ** (1.5 * torch.arange(count, dtype=torch.float64) + rng.randn(count))
        assert_half_life(student.half_life(noisy), reference.half_life(noisy), f"{count} scattered norms", hint)
    bent = 2 ** torch.tensor([1.0, -3.0, -2.0, 2.0, 3.0, 0.5], dtype=torch.float64)
    hint = "The first norm and the last do not say by themselves whether the line rises."
    asked = "norms whose line rises, and whose first is larger than their last"
    assert_half_life(student.half_life(bent), reference.half_life(bent), asked, hint)
    asked = "norms whose line falls, and whose first is smaller than their last"
    assert_half_life(student.half_life(bent.flip(0)), math.inf, asked, hint)


@pytest.mark.points(5, again=2)
def test_half_life_at_the_limits(student, reference, rng):
    """Norms of zero count as the smallest normal number; what does not shrink towards the past has no half-life."""
    for dtype in (torch.float64, torch.float32):
        norms = torch.tensor([0.0, 0.0, 1.0, 2.0, 4.0], dtype=dtype)
        expected = reference.half_life(norms.double().clamp_min(torch.finfo(dtype).tiny))
        asked = f"norms {norms.tolist()} in {str(dtype).removeprefix('torch.')}"
        hint = "A norm of 0 counts as `torch.finfo(norms.dtype).tiny`."
        assert_half_life(student.half_life(norms), expected, asked, hint, digits=1e-5)
    count, steps = rng.integer(3, 6), 10 ** rng.uniform(6.5, 8)
    slow = 2 ** (torch.arange(count, dtype=torch.float64) / steps)
    hint = "A slope above 1e-9 has a half-life, however long."
    assert_half_life(
        student.half_life(slow), steps, f"norms that halve every {steps:.3g} steps back", hint, digits=1e-5
    )
    for what, norms in (
        ("norms that grow towards the past", 2.0 ** torch.arange(count, 0, -1).double()),
        ("constant norms", torch.full((count,), 0.25, dtype=torch.float64)),
        ("norms that fall by a factor of 1 + 3e-11 at each step back", (1 + 3e-11) ** torch.arange(count).double()),
        ("one norm", torch.ones(1, dtype=torch.float64)),
        ("no norm at all", torch.ones(0, dtype=torch.float64)),
    ):
        hint = "inf where the slope is not above 1e-9, and for fewer than two norms."
        assert_half_life(student.half_life(norms), math.inf, what, hint)


# -- manners ----------------------------------------------------------------------------------------------------------


def snapshot(module):
    parameters = module.parameters_by_name()
    modes = {name: part.training for name, part in module.modules_by_name().items()}
    return {name: (info.requires_grad, info.value, info.grad) for name, info in parameters.items()}, modes


def assert_module_as_before(before, module, asked):
    (parameters, modes), (parameters_now, modes_now) = before, snapshot(module)
    for name, (requires_grad, value, grad) in parameters_now.items():
        was_required, was, was_grad = parameters[name]
        check(requires_grad == was_required, f"{asked}: requires_grad of the parameter `{name}` is changed.")
        check(torch.equal(value, was), f"{asked}: the values of the parameter `{name}` are changed.")
        kept = grad is None if was_grad is None else grad is not None and torch.equal(grad, was_grad)
        hint = "backward() adds to the .grad of all parameters. What hands gradients out instead?"
        check(kept, f"{asked}: .grad of the parameter `{name}` is changed.", hint=hint)
    told = f"{asked}: the module is left in another mode, training or evaluation, than before."
    check(modes_now == modes, told, hint="Measure in the mode in which the module comes.")


def assert_tensors_as_before(tensors, asked):
    """`tensors` by name: each with the copy, the flag and the gradient that it had."""
    for name, (tensor, copy, flag, grad) in tensors.items():
        check(torch.equal(tensor.detach(), copy), f"{asked}: the values of {name} are changed.")
        check(tensor.requires_grad == flag, f"{asked}: requires_grad of {name} is changed.", hint="Work on a copy.")
        kept = tensor.grad is None if grad is None else tensor.grad is not None and torch.equal(tensor.grad, grad)
        check(kept, f"{asked}: .grad of {name} is changed.")


def held(**tensors):
    return {
        name: (t, t.detach().clone(), t.requires_grad, None if t.grad is None else t.grad.clone())
        for name, t in tensors.items()
    }


def with_gradient(tensor):
    tensor.requires_grad_().grad = torch.ones_like(tensor)
    return tensor


@pytest.mark.form
@pytest.mark.points(5)
def test_nothing_else_changes(student, rng):
    """Measuring changes nothing of the caller's: values, requires_grad and .grad; and its result has no graph."""
    n, inputs, hidden = rng.distinct(2, 5, 3)
    cell = student.make("torch.nn.LSTMCell", input_size=inputs, hidden_size=hidden).double()
    inner = new("torch.nn.Sequential", new("torch.nn.Tanh"), new("torch.nn.Identity"))
    stack = student.sequential(a=new("torch.nn.Linear", hidden, hidden), b=inner).double()
    for case in ("no gradients yet", "gradients there", "all frozen"):
        xs, h, c, x = rng.randn(3, n, inputs), rng.randn(n, hidden), rng.randn(n, hidden), rng.randn(n, hidden)
        if case == "gradients there":
            xs, h, c, x = (with_gradient(tensor) for tensor in (xs, h, c, x))
            (cell(rng.randn(n, inputs))[0].sum() + stack(rng.randn(n, hidden)).sum()).backward()
        for module in (cell, stack):
            module.requires_grad_(case != "all frozen").train(case != "all frozen")
        if case == "gradients there":
            stack.inside("b.0").eval()  # as a normalisation layer that is frozen, in a block that trains
        before, tensors = snapshot(cell), held(xs=xs, h=h, c=c)
        asked = f"gradient_norms_over_time, {case}"
        found = student.gradient_norms_over_time(cell, xs, (h, c))
        assert_shape(found, (4,), OVER_TIME, asked=f"{asked}: ")
        assert_module_as_before(before, cell, asked)
        assert_tensors_as_before(tensors, asked)
        check(
            not found.requires_grad, f"{asked}: the result requires a gradient; it is a measurement, without a graph."
        )
        for skip in (False, True):
            before, tensors = snapshot(stack), held(x=x)
            asked = f"gradient_norms_over_depth, skip={skip}, {case}"
            found = student.gradient_norms_over_depth(stack, x, skip)
            assert_shape(found, (3,), OVER_DEPTH, asked=f"{asked}: ")
            assert_module_as_before(before, stack, asked)
            assert_tensors_as_before(tensors, asked)
            told = f"{asked}: the result requires a gradient; it is a measurement, without a graph."
            check(not found.requires_grad, told)
    norms = torch.cat([torch.zeros(1).double(), 1 + rng.rand(4)])
    tensors = held(norms=norms)
    student.half_life(norms=norms)
    assert_tensors_as_before(tensors, "half_life")
    for module, name in ((cell, "gradient_norms_over_time"), (stack, "gradient_norms_over_depth")):
        left = student.beside.hooks(module)
        check(left == 0, f"{name} leaves {left} hooks on the modules that it measures.", hint="Remove what you put on.")
    cell.requires_grad_(True)
    assert_world_untouched(
        student, lambda: student.gradient_norms_over_time(cell=cell, xs=xs, state=(h, c)), "gradient_norms_over_time"
    )
    assert_world_untouched(
        student, lambda: student.gradient_norms_over_depth(blocks=stack, x=x, skip=True), "gradient_norms_over_depth"
    )
