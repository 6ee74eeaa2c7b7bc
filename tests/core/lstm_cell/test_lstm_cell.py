"""Hidden suite of `lstm_cell`: parameters, each gate by itself, whole steps, gradients, gradients over time, manners.

Biases of 40 open or close a gate for good: in float64 s(40) and tanh(40) are 1, and s(-40) is 4e-18. What is left is
one part of the formula at a time, so a slip in one gate costs that gate's points and some of the whole step's, not all.
Each check that compares whole steps compares c and h first: what follows from a wrong step is lost once.
"""

from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import Tensor

from autograder.suite import (
    SubjectError,
    assert_close,
    assert_deep_copy,
    assert_inputs_untouched,
    assert_parameters,
    assert_same_gradients,
    assert_shape,
    assert_world_untouched,
    check,
    copy_of,
    randomise,
    share_weights,
)

OPEN, CLOSED = 40.0, -40.0
STEADY = 0.6590460684074066
"""s(0.659...) = 0.659...: a gate that is held there is the same with its sigmoid and without."""
PARTS = "ifgo"
BIAS = pytest.mark.parametrize("bias", [True, False], ids=["bias=True", "bias=False"])
RECURRENT = {
    True: "In which of the four parts is h used, and how?",
    False: "Is the product with h still there without biases? bias=False leaves out the biases alone.",
}
GIVEN = ("x", "h", "c")
EXCHANGED = {"weight_ih": "weight_hh", "weight_hh": "weight_ih", "bias_ih": "bias_hh", "bias_hh": "bias_ih"}
CIRCUMSTANCES = (
    ("in evaluation mode", "eval", nullcontext),
    ("in training mode", "train", nullcontext),
    ("in evaluation mode, under no_grad", "eval", torch.no_grad),
)


def sizes(rng):
    """Batch, input and hidden size, all different, so that no two of them can be mixed up."""
    return rng.distinct(3, 7, 3)


def pair(student, reference, rng, *asked, **options):
    """The student's cell and the reference, with the same random weights."""
    mine, theirs = student.LSTMCell(*asked, **options), reference.LSTMCell(*asked, **options)
    share_weights(mine, theirs, rng)
    return mine, theirs


def batch(rng, n, input_size, hidden_size):
    """x, h and c: h within the range of tanh, c well beyond it."""
    return rng.randn(n, input_size), torch.tanh(rng.randn(n, hidden_size)), 2 * rng.randn(n, hidden_size)


def step(cell, x, h, c) -> tuple[Tensor, Tensor]:
    """One call; what comes back is a pair of tensors."""
    result = cell(copy_of(x), (copy_of(h), copy_of(c)))
    assert_pair(cell, result, x.shape[0], h.shape[1])
    return result


def assert_pair(cell, result, n, hidden_size):
    found = f"{len(result)} values" if isinstance(result, (tuple, list)) else "one value"
    is_pair = isinstance(result, (tuple, list)) and len(result) == 2
    told = f"forward returns {found}, expected the pair (h, c)."
    check(is_pair, f"{cell.asked}: {told}", difference=told)
    for name, tensor in zip(("the new h", "the new c"), result, strict=True):
        assert_shape(tensor, (n, hidden_size), name, asked=f"{cell.asked}, for a batch of {n}: ")


def assert_states(found, expected, asked, hint=None):
    """Both states, c first: h is made from it."""
    (new_h, new_c), (expected_h, expected_c) = found, expected
    assert_close(new_c, expected_c, "the new c", asked=f"{asked}: ", hint=hint)
    assert_close(new_h, expected_h, "the new h", asked=f"{asked}: the new c is right, but ", hint=hint)


def assert_same_step(mine, theirs, given, case="", hint=None):
    assert_states(step(mine, *given), step(theirs, *given), f"{mine.asked}{case}", hint)


def part(rng, student, c_of=None, **fixed):
    """A cell in which x alone decides and the parts in `fixed` are constant, and an input, a state with h = 0, and the
    four products before their activations.
    """
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size).double().eval()
    weight, bias = rng.randn(4 * hidden_size, input_size), rng.randn(4 * hidden_size)
    for name, value in fixed.items():
        rows = slice(PARTS.index(name) * hidden_size, (PARTS.index(name) + 1) * hidden_size)
        weight[rows], bias[rows] = 0.0, value
    nothing = {"weight_hh": torch.zeros(4 * hidden_size, hidden_size), "bias_hh": torch.zeros(4 * hidden_size)}
    cell.load_state_dict({"weight_ih": weight, "bias_ih": bias, **{k: v.double() for k, v in nothing.items()}})
    x, h = rng.randn(n, input_size), torch.zeros(n, hidden_size, dtype=torch.float64)
    c = rng.randn(n, hidden_size) if c_of is None else torch.full_like(h, c_of)
    return cell, x, h, c, dict(zip(PARTS, (x @ weight.T + bias).chunk(4, dim=1), strict=True))


def draw_anew(cell, rng, parts):
    """Other weights and biases in the rows of `parts`."""
    values = cell.state_dict()
    for name in ("weight_ih", "bias_ih"):
        blocks = dict(zip(PARTS, values[name].chunk(4), strict=True))
        values[name] = torch.cat([rng.randn(*block.shape) if p in parts else block for p, block in blocks.items()])
    cell.load_state_dict(values)


def assert_nearly(actual, expected, what, hint=None):
    """As `assert_close`, within the precision of float32: dtype and precision are another check's question."""
    assert_close(actual.float(), expected.float(), what, hint=hint)


# -- the module -------------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(0.5)
def test_parameters(student, reference, rng):
    """The parameters have the right names and shapes, with and without biases."""
    n, input_size, hidden_size = sizes(rng)
    for bias in (True, False):
        mine, theirs = (one.LSTMCell(input_size, hidden_size, bias=bias).double() for one in (student, reference))
        assert_parameters(mine, theirs)
    x, h, c = batch(rng, n, input_size, hidden_size)
    mine(x, (h, c))


@pytest.mark.form
@pytest.mark.points(2)
def test_new_cells(student, rng):
    """A new cell has finite random weights of its own, in which no two rows are equal, and changes nothing else."""
    n, input_size, hidden_size = sizes(rng)
    cell, other = (student.LSTMCell(input_size, hidden_size).double() for _ in range(2))
    start, other_start = cell.state_dict(), other.state_dict()
    weights = [name for name, value in start.items() if value.dim() == 2]
    check(len(weights) > 0, f"{cell.asked}: the cell has no weights.")
    for name, value in start.items():
        check(bool(value.isfinite().all()), f"{cell.asked}: a new `{name}` has values that are not finite.")
    randomise(other, rng)
    for name, value in cell.state_dict().items():
        told = f"{cell.asked}: `{name}` changes when weights are loaded into another cell of the same sizes."
        check(torch.equal(value, start[name]), told, hint="Which object holds the parameters, and for which cells?")
    for name in weights:
        rows = start[name][:1_000]  # of a weight in the right shape, all
        check(
            len(rows.unique(dim=0)) == len(rows),
            f"{cell.asked}: a new `{name}` has equal rows, so units start equal and get equal gradients for ever.",
            hint="Draw the initial weights at random.",
        )
        check(
            not torch.equal(start[name], other_start[name]),
            f"{cell.asked}: two new cells start with the same `{name}`.",
            hint="Where does the seed of the random numbers come from? It is not the cell's to set.",
        )
    x, h, c = batch(rng, n, input_size, hidden_size)
    cell(x, (h, c))
    hint = "Creating a cell draws its weights from the random numbers as they come; no seed is set."
    assert_world_untouched(student, lambda: student.LSTMCell(input_size, hidden_size), cell.asked, hint=hint)


# -- one part at a time -----------------------------------------------------------------------------------------------


@pytest.mark.form  # the code is compared with itself
@pytest.mark.points(0.5)
def test_biases(student, rng):
    """Both biases are added to all four parts, like one more input that is always 1."""
    n, input_size, hidden_size = sizes(rng)
    cell, wider = student.LSTMCell(input_size, hidden_size), student.LSTMCell(input_size + 1, hidden_size, bias=False)
    values = randomise(cell.eval(), rng).values()
    for name, shape in (
        ("bias_ih", (4 * hidden_size,)),
        ("bias_hh", (4 * hidden_size,)),
        ("weight_ih", (4 * hidden_size, input_size)),
    ):
        check(name in values, f"{cell.asked}: there is no parameter `{name}`.")
        assert_shape(values[name], shape, f"{cell.asked}: the parameter `{name}`")
    bias = values["bias_ih"] + values["bias_hh"]
    weight = torch.cat([values["weight_ih"], bias[:, None]], dim=1)
    wider.double().eval().load_state_dict({"weight_ih": weight, "weight_hh": values["weight_hh"]})
    x, h, c = batch(rng, n, input_size, hidden_size)
    with_one = step(wider, torch.cat([x, torch.ones(n, 1, dtype=torch.float64)], dim=1), h, c)
    found = step(cell, x, h, c)
    hint = "A bias has four blocks of H numbers, in the order i, f, g, o. Which of them is added to which part?"
    for name in ("bias_ih", "bias_hh"):
        cell.load_state_dict({**values, name: rng.randn(4 * hidden_size)})
        if all(map(torch.equal, step(cell, x, h, c), found)):
            hint = f"{name} makes no difference. Where is it added?"
    for name, actual, expected in zip(("h", "c"), found, with_one, strict=True):
        what = f"{cell.asked}: compared with bias=False and the biases as weights of an input that is 1, the new {name}"
        assert_nearly(actual, expected, what, hint=hint)


@pytest.mark.points(0.25)
def test_all_gates_open_or_closed(student, rng):
    """With all gates open c goes into the new c whole, with all closed nothing is in it."""
    cell, x, h, c, _ = part(rng, student, i=OPEN, f=OPEN, g=OPEN, o=OPEN)
    new_h, new_c = step(cell, x, h, c)
    other_c, start = step(cell, x, torch.tanh(c) - 2, c)[1], step(cell, x, h, 0 * c)[1]
    asked = f"{cell.asked}, weights 0 and biases 40, so that all gates are open"
    hint = "Nothing of h comes into c here. Is the state (h, c) that comes in unpacked in this order?"
    assert_nearly(other_c, new_c, f"{asked}: once h alone is another, the new c", hint=hint)
    hint = "c goes into c' times f, which is 1 here. Is it c that f multiplies, and has f a sigmoid and its own rows?"
    if torch.equal(new_h, new_c):
        hint = "Both values that you return are the same. The pair is (h', c')."
    elif (new_c.abs() <= 1).all() and not torch.equal(new_c, start):
        hint = "Your new c stays between -1 and 1, and c has no bounds. Is tanh for h' alone, and the pair (h', c')?"
        if (new_c.abs() == 1).any():
            hint = "Your new c ends at -1 and 1, and c has no bounds. Where is it clipped?"
    assert_nearly(new_c - start, c, f"{asked}: the new c, less that for c = 0,", hint=hint)
    cell, x, h, c, _ = part(rng, student, i=CLOSED, f=CLOSED, g=CLOSED, o=CLOSED)
    new_c, start = step(cell, x, h, c)[1], step(cell, x, h, 0 * c)[1]
    asked = f"{cell.asked}, weights 0 and biases -40, so that all gates are closed"
    hint = "c is still there where f is 0. Does f multiply c, and has f a sigmoid and its own rows?"
    assert_nearly(new_c - start, 0 * c, f"{asked}: the new c, less that for c = 0,", hint=hint)
    hint = "Something is written where i is 0. Does i multiply the candidate, and has i a sigmoid?"
    assert_nearly(new_c, 0 * c, f"{asked}: the new c", hint=hint)


@pytest.mark.form  # the code is compared with itself
@pytest.mark.points(1)
@BIAS
def test_hidden_state_enters_like_the_input(student, rng, bias):
    """The hidden state enters all four parts just as the input does, with its own weights and bias."""
    n, size = rng.distinct(3, 6, 2)
    cell, exchanged = (student.LSTMCell(size, size, bias=bias).double().eval() for _ in range(2))
    values = randomise(cell, rng).values()
    x, h, c = batch(rng, n, size, size)
    exchanged.load_state_dict({EXCHANGED.get(name, name): value for name, value in values.items()})
    for name, actual, expected in zip(("h", "c"), step(exchanged, h, x, c), step(cell, x, h, c), strict=True):
        what = f"{cell.asked}: once x and h, the weights and the biases have changed places, the new {name}"
        assert_nearly(actual, expected, what, hint=RECURRENT[bias])


@pytest.mark.points(0.5)
def test_candidate(student, rng):
    """The candidate by itself: with the input gate held at 0.659 and c = 0 the new c is 0.659 * g."""
    cell, x, h, c, products = part(rng, student, c_of=0.0, i=STEADY)
    asked = f"{cell.asked}, with the input gate held at 0.659 and c = 0"
    new_c = step(cell, x, h, c)[1]
    draw_anew(cell, rng, "o")
    hint = "o has no say in c'. Are the rows packed i, f, g, o?"
    assert_nearly(step(cell, x, h, c)[1], new_c, f"{asked}: once the rows of o alone are others, the new c", hint=hint)
    draw_anew(cell, rng, "f")
    hint = "f has no say in i * g. Are the rows packed i, f, g, o, and does f multiply c, and i the candidate?"
    assert_nearly(step(cell, x, h, c)[1], new_c, f"{asked}: once the rows of f alone are others, the new c", hint=hint)
    hint = "The new c is i * g here. Which activation has g, and is it made from the third quarter of the rows?"
    if (new_c >= 0).all():
        hint = "Your candidate is never negative. Which activation has it? Its rows are the third quarter."
    what = f"{asked}: the new c, which is 0.659 times the candidate,"
    assert_nearly(new_c, STEADY * torch.tanh(products["g"]), what, hint=hint)


@pytest.mark.points(0.5)
def test_input_gate(student, rng):
    """The input gate by itself: with the candidate at 1 and c = 0 the new c is i."""
    cell, x, h, c, products = part(rng, student, c_of=0.0, g=OPEN)
    what = f"{cell.asked}, with the candidate held at 1 and c = 0: the new c, which is the input gate,"
    hint = "The new c is i here. Which activation has it, and is it made from the first quarter of the rows?"
    assert_nearly(step(cell, x, h, c)[1], torch.sigmoid(products["i"]), what, hint=hint)


@pytest.mark.points(0.25)
def test_forget_gate(student, rng):
    """The forget gate by itself: with the input gate closed the new c is f * c."""
    cell, x, h, c, products = part(rng, student, i=CLOSED)
    what = f"{cell.asked}, with the input gate closed: the new c, which is f * c,"
    new_c = step(cell, x, h, c)[1]
    hint = "c is multiplied by a number outside of 0 to 1. Which activation has f?"
    if ((new_c / c >= 0) & (new_c / c <= 1)).all():
        hint = "f is between 0 and 1, but another. Is anything added to it? Its rows are the second quarter."
    assert_nearly(new_c, torch.sigmoid(products["f"]) * c, what, hint=hint)


@pytest.mark.form  # the code is compared with itself
@pytest.mark.points(0.25)
def test_hidden_state_shows_new_cell_state(student, rng):
    """With the output gate open the new h is tanh of the new c."""
    cell, x, h, c, _ = part(rng, student, o=OPEN)
    new_h, new_c = step(cell, x, h, c)
    what = f"{cell.asked}, with the output gate open: compared with tanh of the c that your cell returned, the new h"
    assert_nearly(new_h, torch.tanh(new_c), what, hint="Which c is the new h made from, and through which function?")


@pytest.mark.points(0.5)
def test_output_gate(student, rng):
    """The output gate by itself: with c held at 40, where tanh is 1, the new h is o."""
    cell, x, h, c, products = part(rng, student, c_of=40.0, i=CLOSED, f=OPEN)
    what = f"{cell.asked}, with c held at 40, where tanh is 1: the new h, which is the output gate,"
    hint = "The new h is o here. Which activation has it, and is it made from the last quarter of the rows?"
    assert_nearly(step(cell, x, h, c)[0], torch.sigmoid(products["o"]), what, hint=hint)


# -- whole steps ------------------------------------------------------------------------------------------------------


def states_in(result, expected):
    """The last two tensors of whatever came back, as (h, c), also where they came as (c, h)."""
    items = result if isinstance(result, (tuple, list)) else [result]
    tensors = [tensor for item in items for tensor in (item if isinstance(item, (tuple, list)) else [item])]
    check(len(tensors) > 1, "forward returns one value, expected the pair (h, c).")
    last = [tensor.float() for tensor in tensors[-2:]]
    fits = all(torch.allclose(got, wanted) for got, wanted in zip(last[::-1], expected, strict=True))
    return last[::-1] if fits else last


@pytest.mark.points(1)
def test_step_by_formula_alone(student, reference, rng):
    """One step where neither names and packing of the parameters nor the order of h and c shows, only the formula."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = (one.LSTMCell(input_size, hidden_size).double().eval() for one in (student, reference))
    number = rng.uniform(0.2, 0.5)
    for cell in (mine, theirs):
        start = cell.state_dict()
        cell.load_state_dict({name: torch.full_like(v, number if v.dim() == 2 else 0.0) for name, v in start.items()})
    x, h, c = batch(rng, n, input_size, hidden_size)
    expected = [one.float() for one in step(theirs, x, h, c)]
    found = states_in(mine(x.clone(), (h.clone(), c.clone())), expected)
    assert_states(found, expected, f"{mine.asked}, with the same number in all weights and 0 in all biases")


@pytest.mark.points(2, again=1)
@BIAS
def test_step(student, reference, rng, bias):
    """One step gives the same h and c as the reference, in either mode, and with weights that were loaded later."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = pair(student, reference, rng, input_size, hidden_size, bias=bias)
    for case, mode, context in CIRCUMSTANCES:
        mine.train(mode == "train")
        with context():
            assert_same_step(mine, theirs, batch(rng, n, input_size, hidden_size), f", {case}")
    share_weights(mine, theirs, rng)
    hint = "Is something that was computed from the parameters kept from one call to the next?"
    given = batch(rng, n, input_size, hidden_size)
    assert_same_step(mine, theirs, given, ", once other weights have been loaded", hint)


def unusual_sizes(rng):
    """Batch, input and hidden sizes of 1, equal ones, one that is two or four times another, and large ones."""
    n, one, other = sizes(rng)
    return [
        (1, one, other),
        (n, one, 1),
        (n, 1, other),
        (1, 1, 1),
        (n, one, one),
        (n, one, 2 * one),
        (n, 2 * one, one),
        (n, 4 * one, one),
        (one, one, one),
        tuple(rng.distinct(33, 70, 3)),
    ]


UNUSUAL_INPUTS = {
    "x, h and c are transposed, so not contiguous": lambda t: t.t().contiguous().t(),
    "x, h and c are one time step of (N, T, ...)": lambda t: torch.stack([-t, t, 2 * t], dim=1)[:, 1],
    "x, h and c are some columns of wider tensors": lambda t: torch.cat([-t, t], dim=1)[:, t.shape[1] :],
    "x, h and c are one row, expanded to a batch": lambda t: t[:1].expand_as(t),
    "the first row of x, h and c is 0": lambda t: torch.cat([torch.zeros_like(t[:1]), t[1:]]),
}


@pytest.mark.points(2, again=1)
def test_any_sizes_layouts_and_magnitudes(student, reference, rng):
    """A step is right for sizes of 1, equal and large ones, tensors that are not contiguous, zeros and huge values."""
    for n, input_size, hidden_size in unusual_sizes(rng):
        mine, theirs = pair(student, reference, rng, input_size, hidden_size)
        assert_same_step(mine.eval(), theirs, batch(rng, n, input_size, hidden_size), f", a batch of {n}")
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = pair(student, reference, rng, input_size, hidden_size)
    mine.eval()
    for case, change in UNUSUAL_INPUTS.items():
        assert_same_step(mine, theirs, [change(t) for t in batch(rng, n, input_size, hidden_size)], f", where {case}")
    # Far beyond where exp overflows: 88 in float32, 709 in float64.
    for dtype, size in ((torch.float64, 1e3), (torch.float32, 2e2)):
        mine, theirs = pair(student, reference, rng, input_size, hidden_size)
        values = {name: torch.zeros_like(value) for name, value in theirs.state_dict().items()}
        values["bias_ih"] = size * (2.0 * rng.integers(0, 1, (4 * hidden_size,)) - 1.0).double()
        mine.load_state_dict(values)
        theirs.load_state_dict(values)
        x, h, c = batch(rng, n, input_size, hidden_size)
        expected = step(theirs, x, h, size * c)
        found = step(mine.to(dtype), *(t.to(dtype) for t in (x, h, size * c)))
        asked = f"{mine.asked}, with gates and c of about {size:.0f} in {str(dtype).removeprefix('torch.')}"
        hint = "Which intermediate value becomes infinite?"
        assert_states(found, [one.to(dtype) for one in expected], asked, hint)


# -- gradients --------------------------------------------------------------------------------------------------------

DATA = "Neither x nor h nor c needs a gradient here. The parameters still do. Does anything ask whether x needs one?"


@pytest.mark.points(1, again=0.5)
def test_gradients(student, reference, rng):
    """One step gives the same gradients of x, h, c and of all parameters as the reference, in both modes."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = pair(student, reference, rng, input_size, hidden_size)
    x, h, c = batch(rng, n, input_size, hidden_size)
    for mode in ("train", "eval"):
        mine.train(mode == "train")
        assert_same_step(mine, theirs, (x, h, c))
        hint = "Is anything detached in forward?"
        assert_same_gradients(mine, theirs, [x, (h, c)], mode, names=GIVEN, hint=hint)
    assert_same_gradients(mine, theirs, [x, (h, c)], "train", of=("parameters",), names=GIVEN, hint=DATA)
    for cell in (mine, theirs):
        cell.requires_grad_(False)
    hint = "All parameters are frozen here. What comes before the cell may still learn."
    assert_same_gradients(mine, theirs, [x, (h, c)], "train", of=("inputs",), names=GIVEN, hint=hint)


def unroll(cell, given):
    """Leaves x_1 to x_T, h_0 and c_0, and the last h and c; every step gets non-leaf tensors."""
    leaves = [tensor.clone().requires_grad_() for tensor in given]
    *inputs, h, c = (leaf.clone() for leaf in leaves)
    for x in inputs:
        h, c = step(cell, x, h, c)
    return leaves, h, c


@pytest.mark.points(1, again=0.5)
def test_gradients_through_time(student, reference, rng):
    """After three steps, a loss on the last h gives every x, the first state and all parameters their gradients."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = pair(student, reference, rng, input_size, hidden_size)
    x, h, c = batch(rng, n, input_size, hidden_size)
    given = [x, *(rng.randn(n, input_size) for _ in range(2)), h, c]
    upstream = rng.randn(n, hidden_size)
    leaves, last_h, last_c = unroll(theirs, given)
    last_h.backward(upstream)
    for mode in ("eval", "train"):
        mine.train(mode == "train").zero_grad()
        asked = f"{mine.asked}, three steps: "
        my_leaves, my_h, my_c = unroll(mine, given)
        assert_states([my_h.detach(), my_c.detach()], [last_h.detach(), last_c.detach()], asked.removesuffix(": "))
        check(my_h.requires_grad, f"{asked}no gradient flows back from the last h.")
        my_h.backward(upstream)
        for name, leaf, wanted in zip(("x_1", "x_2", "x_3", "h_0", "c_0"), my_leaves, leaves, strict=True):
            assert_gradient(leaf.grad, wanted.grad, f"the gradient of {name} from a loss on the last h", asked)
        my_grads = mine.grads()
        for name, wanted in theirs.grads().items():
            assert_gradient(my_grads[name], wanted, f"the gradient of `{name}` from a loss on the last h", asked)
    asked = f"{mine.asked}, three steps, where neither x nor the first state needs a gradient: "
    mine.zero_grad()
    my_h, my_c = h, c
    for x in given[:3]:
        my_h, my_c = step(mine, x, my_h, my_c)
    check(my_h.requires_grad, f"{asked}no gradient flows back from the last h.", hint=DATA)
    my_h.backward(upstream)
    my_grads = mine.grads()
    for name, wanted in theirs.grads().items():
        assert_gradient(my_grads[name], wanted, f"the gradient of `{name}` from a loss on the last h", asked)
    my_leaves, my_h, _ = unroll(mine.requires_grad_(False), given)
    frozen = f"{mine.asked}, three steps, all parameters frozen: "
    check(my_h.requires_grad, f"{frozen}no gradient flows back from the last h.")
    my_h.backward(upstream)
    for name, leaf, wanted in zip(("x_1", "x_2", "x_3", "h_0", "c_0"), my_leaves, leaves, strict=True):
        assert_gradient(leaf.grad, wanted.grad, f"the gradient of {name} from a loss on the last h", frozen)


def assert_gradient(actual, expected, what, asked):
    hint = "Is anything detached between two steps?"
    check(actual is not None, f"{asked}{what} is missing: none reaches it.", hint=hint)
    assert_close(actual, expected, what, asked=asked)


@pytest.mark.form  # a cell that returns c as it came passes
@pytest.mark.points(0.25)
def test_constant_error_carousel(student, rng):
    """With the forget gate open and the input gate closed, c and its gradient pass five steps unchanged."""
    cell, x, _, c, _ = part(rng, student, i=CLOSED, f=OPEN)
    leaves, _, last_c = unroll(cell, [x, *(rng.randn(*x.shape) for _ in range(4)), torch.tanh(rng.randn(*c.shape)), c])
    upstream = rng.randn(*c.shape)
    asked = f"{cell.asked}, five steps with the forget gate open and the input gate closed: "
    assert_close(last_c.detach(), c, "the last c, compared with the first,", asked=asked)
    check(last_c.requires_grad, f"{asked}no gradient flows back from the last c.")
    last_c.backward(upstream)
    assert_gradient(leaves[-1].grad, upstream, "the gradient of the first c, compared with that of the last,", asked)


# -- the start --------------------------------------------------------------------------------------------------------


@pytest.mark.points(2, again=1.5)
def test_default_state(student, reference, rng):
    """Without a state the step starts from zeros, of x's dtype, device and batch size; zeros that are given are a state
    like any other.
    """
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = pair(student, reference, rng, input_size, hidden_size)
    hint = "Which state does the cell start from, and where does that come from?"
    step(mine, *batch(rng, n, input_size, hidden_size))
    # Zeros that are kept from one call do not fit the next batch.
    for rows, state, (case, mode, context) in zip((n, n + 1, 1), ((), (None,), ()), CIRCUMSTANCES, strict=True):
        x = rng.randn(rows, input_size)
        mine.train(mode == "train")
        with context():
            found = mine(x.clone(), *state)
        assert_pair(mine, found, rows, hidden_size)
        assert_states(found, theirs(x.clone()), f"{mine.asked}, called without a state, {case}", hint)
    # What is given gets a gradient: a first state that is to be learned starts at zero.
    x, h, c = batch(rng, n, input_size, hidden_size)
    for what, state in (
        ("h and c are", (0 * h, 0 * c)),
        ("h is", (0 * h, c)),
        ("c is", (h, 0 * c)),
    ):
        zero_hint = f"{what} given here, and zero: a state like any other, which gets its gradient."
        assert_same_gradients(mine, theirs, [x, state], "train", of=("inputs",), names=GIVEN, hint=zero_hint)
    # Zeros in float32, a cell state's or those for biases that are not there, are promoted in float64 without a trace,
    # and promote in half precision.
    bare = student.LSTMCell(input_size, hidden_size, bias=False)
    for cell, dtype in ((mine, torch.float32), (mine, torch.bfloat16), (bare, torch.bfloat16)):
        found = cell.to(dtype)(rng.randn(n, input_size).to(dtype))
        for name, tensor in zip(("h", "c"), found, strict=True):
            kind = str(dtype).removeprefix("torch.")
            hint = "In which dtype are the zeros made, those of h and those of c?"
            if cell is bare:
                hint = "With biases the dtype is right. What is added in their place where there are none?"
            check(
                tensor.dtype == dtype,
                f"{cell.asked}, without a state: x and the weights are {kind}, the new {name} is {tensor.dtype}.",
                hint=hint,
            )
    # On "meta" there are shapes and devices, and no numbers. What lies elsewhere does not go together with it.
    away = student.LSTMCell(input_size, hidden_size)
    away.method("to", "meta")
    x, h, c = (torch.zeros(n, size, device="meta") for size in (input_size, hidden_size, hidden_size))
    try:
        away(x, (h, c))
    except SubjectError:
        return  # code that reads a number, for a print or an assert, can't run there, wherever its zeros lie
    try:
        found = away(x)
    except SubjectError as error:
        error.asked = f"{away.asked}, without a state, x and the weights on the device meta"
        raise
    for name, tensor in zip(("h", "c"), found, strict=True):
        told = f"{away.asked}, without a state: x and the weights are on meta, the new {name} is on {tensor.device}."
        check(tensor.device.type == "meta", told, hint="Where do zeros lie that are made without saying where?")


# -- manners ----------------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(2, again=0.5)
def test_nothing_else_changes(student, reference, rng):
    """A step leaves x, h, c and the cell's parameters as they are, sets no seed, and keeps nothing."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size)
    randomise(cell, rng)
    x, h, c = batch(rng, n, input_size, hidden_size)
    before = cell.state_dict()
    for _, mode, context in CIRCUMSTANCES:
        with context():
            assert_inputs_untouched(cell, [x, (h, c)], mode, names=GIVEN)
            assert_inputs_untouched(cell, [x], mode, names=GIVEN[:1])
    for name, value in cell.state_dict().items():
        check(torch.equal(value, before[name]), f"{cell.asked}: a step changes the parameter `{name}`.")
    assert_world_untouched(student, lambda: cell(x, (h, c)), f"A step of {cell.asked}")
    mine, theirs = pair(student, reference, rng, input_size, hidden_size)
    mine.method("load_state_dict", randomise(theirs, rng).values(), strict=False, assign=True)
    hint = "The parameters that count are those that the cell holds when it is called, `self.weight_ih` for one."
    assert_same_step(mine, theirs, (x, h, c), ", once each parameter has been replaced by another one", hint)
    assert_deep_copy(mine, theirs, [x, (h, c)], rng)
