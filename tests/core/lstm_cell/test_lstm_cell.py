"""Hidden suite of `lstm_cell`: parameters, states, each gate by itself, whole steps, gradients, gradients over time.

Biases of 40 open or close a gate for good: in float64 s(40) and tanh(40) are 1, and s(-40) is 4e-18. What is left is
one part of the formula at a time, so a slip in one gate costs that gate's points and those of the whole step, not all.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from autograder.suite import (
    assert_close,
    assert_inputs_untouched,
    assert_parameters,
    assert_repeatable,
    assert_same_gradients,
    assert_shape,
    check,
    randomise,
    share_weights,
)

OPEN, CLOSED = 40.0, -40.0
PARTS = "ifgo"
PACKED = "Check this part's activation, and its rows: the packing is i, f, g, o."
BIAS = pytest.mark.parametrize("bias", [True, False], ids=["bias=True", "bias=False"])
GIVEN = ("x", "h", "c")
EXCHANGED = {"weight_ih": "weight_hh", "weight_hh": "weight_ih", "bias_ih": "bias_hh", "bias_hh": "bias_ih"}


def sizes(rng):
    """Batch, input and hidden size, all different, so that no two of them can be mixed up."""
    return rng.distinct(3, 7, 3)


def batch(rng, n, input_size, hidden_size):
    """x, h and c: h within the range of tanh, c well beyond it."""
    return rng.randn(n, input_size), torch.tanh(rng.randn(n, hidden_size)), 2 * rng.randn(n, hidden_size)


def step(cell, x, h, c) -> tuple[Tensor, Tensor]:
    """One call; what comes back is a pair of tensors."""
    result = cell(x.clone(), (h.clone(), c.clone()))
    assert_pair(cell, result, x.shape[0], h.shape[1])
    return result


def assert_pair(cell, result, n, hidden_size):
    found = f"{len(result)} values" if isinstance(result, (tuple, list)) else "one value"
    is_pair = isinstance(result, (tuple, list)) and len(result) == 2
    check(is_pair, f"{cell.asked}: forward returns {found}, expected the pair (h, c).")
    for name, tensor in zip(("the new h", "the new c"), result, strict=True):
        assert_shape(tensor, (n, hidden_size), f"{cell.asked}: {name}, for a batch of {n},")


def part(rng, student, c_of=None, **fixed):
    """A cell in which x alone decides and the parts in `fixed` are constant, and an input, a state with h = 0, and the
    four products before their activations.
    """
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size).double()
    weight, bias = rng.randn(4 * hidden_size, input_size), rng.randn(4 * hidden_size)
    for name, value in fixed.items():
        rows = slice(PARTS.index(name) * hidden_size, (PARTS.index(name) + 1) * hidden_size)
        weight[rows], bias[rows] = 0.0, value
    nothing = {"weight_hh": torch.zeros(4 * hidden_size, hidden_size), "bias_hh": torch.zeros(4 * hidden_size)}
    cell.load_state_dict({"weight_ih": weight, "bias_ih": bias, **{k: v.double() for k, v in nothing.items()}})
    x, h = rng.randn(n, input_size), torch.zeros(n, hidden_size, dtype=torch.float64)
    c = rng.randn(n, hidden_size) if c_of is None else torch.full_like(h, c_of)
    return cell, x, h, c, dict(zip(PARTS, (x @ weight.T + bias).chunk(4, dim=1), strict=True))


# -- the module -------------------------------------------------------------------------------------------------------


@pytest.mark.points(0.5)
def test_parameters(student, reference, rng):
    """The parameters have the right names and shapes, with and without biases."""
    n, input_size, hidden_size = sizes(rng)
    for bias in (True, False):
        mine, theirs = (one.LSTMCell(input_size, hidden_size, bias=bias).double() for one in (student, reference))
        assert_parameters(mine, theirs)
    step(mine, *batch(rng, n, input_size, hidden_size))


@pytest.mark.points(0.5)
def test_initial_values(student, rng):
    """A new cell starts with finite weights in which no two rows are equal."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size).double()
    weights = {name: value for name, value in cell.state_dict().items() if value.dim() == 2}
    check(len(weights) > 0, f"{cell.asked}: the cell has no weights.")
    for name, value in weights.items():
        check(bool(value.isfinite().all()), f"{cell.asked}: a new `{name}` has values that are not finite.")
        rows = value[:1_000]  # of a weight in the right shape, all
        check(
            len(rows.unique(dim=0)) == len(rows),
            f"{cell.asked}: a new `{name}` has equal rows, so units start equal and get equal gradients for ever.",
            hint="Draw the initial weights at random.",
        )
    step(cell, *batch(rng, n, input_size, hidden_size))


@pytest.mark.points(0.5)
def test_shapes(student, rng):
    """A step returns the pair (h, c), both of shape (N, H) and of the input's dtype, for a batch of one as well."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size).double()
    for rows in (n, 1):
        result = step(cell, *batch(rng, rows, input_size, hidden_size))
        for name, tensor in zip(("h", "c"), result, strict=True):
            check(
                tensor.dtype == torch.float64,
                f"{cell.asked}: x, the state and the weights are float64, the new {name} is {tensor.dtype}.",
            )


@pytest.mark.points(1)
def test_default_state(student, rng):
    """Without a state the step starts from zeros, whatever came before, in the input's dtype and batch size."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size)
    randomise(cell, rng)
    x, h, c = batch(rng, n, input_size, hidden_size)
    step(cell, x, h, c)
    cell(rng.randn(n + 1, input_size))  # zeros that are kept from one call do not fit the next batch
    found = cell(x)
    assert_pair(cell, found, n, hidden_size)
    zeros = torch.zeros_like(h)
    for name, actual, expected in zip(("h", "c"), found, step(cell, x, zeros, zeros), strict=True):
        what = f"{cell.asked}, called without a state: compared with a call with zeros, the new {name}"
        assert_close(
            actual, expected, what, hint="Which state does the cell start from, and where does that come from?"
        )
    # A cell state of zeros in float32 is promoted in float64 without a trace, and promotes in half precision.
    for name, tensor in zip(("h", "c"), cell.to(torch.bfloat16)(x.to(torch.bfloat16)), strict=True):
        check(
            tensor.dtype == torch.bfloat16,
            f"{cell.asked}, called without a state: x and the weights are bfloat16, the new {name} is {tensor.dtype}.",
            hint="In which dtype do the zeros come, those of h and those of c?",
        )


# -- one part at a time -----------------------------------------------------------------------------------------------


@pytest.mark.points(0.5)
def test_input_gate(student, rng):
    """The input gate by itself: with the candidate at 1 and c = 0 the new c is i."""
    cell, x, h, c, products = part(rng, student, c_of=0.0, g=OPEN)
    what = f"{cell.asked}, with the candidate held at 1 and c = 0: the new c, which is the input gate,"
    assert_close(step(cell, x, h, c)[1], torch.sigmoid(products["i"]), what, hint=PACKED)


@pytest.mark.points(0.5)
def test_forget_gate(student, rng):
    """The forget gate by itself: with the input gate closed the new c is f * c."""
    cell, x, h, c, products = part(rng, student, i=CLOSED)
    what = f"{cell.asked}, with the input gate closed: the new c, which is f * c,"
    assert_close(step(cell, x, h, c)[1], torch.sigmoid(products["f"]) * c, what, hint=PACKED)


@pytest.mark.points(0.5)
def test_candidate(student, rng):
    """The candidate by itself: with the input gate open and c = 0 the new c is g."""
    cell, x, h, c, products = part(rng, student, c_of=0.0, i=OPEN)
    what = f"{cell.asked}, with the input gate open and c = 0: the new c, which is the candidate,"
    assert_close(step(cell, x, h, c)[1], torch.tanh(products["g"]), what, hint=PACKED)


@pytest.mark.points(0.5)
def test_output_gate(student, rng):
    """The output gate by itself: with c held at 40, where tanh is 1, the new h is o."""
    cell, x, h, c, products = part(rng, student, c_of=40.0, i=CLOSED, f=OPEN)
    what = f"{cell.asked}, with c held at 40, where tanh is 1: the new h, which is the output gate,"
    assert_close(step(cell, x, h, c)[0], torch.sigmoid(products["o"]), what, hint=PACKED)


@pytest.mark.points(0.5)
def test_hidden_state_shows_new_cell_state(student, rng):
    """With the output gate open the new h is tanh of the new c."""
    cell, x, h, c, _ = part(rng, student, o=OPEN)
    new_h, new_c = step(cell, x, h, c)
    what = f"{cell.asked}, with the output gate open: compared with tanh of the c that your cell returned, the new h"
    assert_close(new_h, torch.tanh(new_c), what)


@pytest.mark.points(1)
def test_hidden_state_enters_like_the_input(student, rng):
    """The hidden state enters all four parts just as the input does, with its own weights and bias."""
    n, size = rng.distinct(3, 6, 2)
    cell = student.LSTMCell(size, size)
    values = randomise(cell, rng)
    x, h, c = batch(rng, n, size, size)
    plain = step(cell, x, h, c)
    cell.load_state_dict({EXCHANGED.get(name, name): value for name, value in values.items()})
    for name, actual, expected in zip(("h", "c"), step(cell, h, x, c), plain, strict=True):
        what = f"{cell.asked}: once x and h, the weights and the biases have changed places, the new {name}"
        assert_close(actual, expected, what, hint="In which of the four parts is h used, and how?")


@pytest.mark.points(0.5)
def test_biases(student, rng):
    """Both biases are added to all four parts, like one more input that is always 1."""
    n, input_size, hidden_size = sizes(rng)
    cell, wider = student.LSTMCell(input_size, hidden_size), student.LSTMCell(input_size + 1, hidden_size, bias=False)
    values = randomise(cell, rng)
    for name, shape in (
        ("bias_ih", (4 * hidden_size,)),
        ("bias_hh", (4 * hidden_size,)),
        ("weight_ih", (4 * hidden_size, input_size)),
    ):
        check(name in values, f"{cell.asked}: there is no parameter `{name}`.")
        assert_shape(values[name], shape, f"{cell.asked}: the parameter `{name}`")
    bias = values["bias_ih"] + values["bias_hh"]
    weight = torch.cat([values["weight_ih"], bias[:, None]], dim=1)
    wider.double().load_state_dict({"weight_ih": weight, "weight_hh": values["weight_hh"]})
    x, h, c = batch(rng, n, input_size, hidden_size)
    with_one = step(wider, torch.cat([x, torch.ones(n, 1, dtype=torch.float64)], dim=1), h, c)
    for name, actual, expected in zip(("h", "c"), step(cell, x, h, c), with_one, strict=True):
        what = f"{cell.asked}: compared with bias=False and the biases as weights of an input that is 1, the new {name}"
        assert_close(actual, expected, what, hint="Which bias is added where?")


# -- whole steps ------------------------------------------------------------------------------------------------------


@pytest.mark.points(3)
@BIAS
def test_step(student, reference, rng, bias):
    """One step gives the same h and c as the reference, with and without biases."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = (one.LSTMCell(input_size, hidden_size, bias=bias) for one in (student, reference))
    share_weights(mine, theirs, rng)
    mine.eval()
    given = batch(rng, n, input_size, hidden_size)
    (new_h, new_c), (expected_h, expected_c) = step(mine, *given), step(theirs, *given)
    assert_close(new_c, expected_c, f"{mine.asked}: the new c")
    assert_close(new_h, expected_h, f"{mine.asked}: the new c is right, but the new h")


@pytest.mark.points(0.5)
def test_nothing_is_detached(student, rng):
    """The gradients of x, h and c are the derivatives of what the cell itself computes."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size)
    randomise(cell, rng)
    given = batch(rng, n, input_size, hidden_size)
    upstream = rng.randn(n, hidden_size), rng.randn(n, hidden_size)

    def loss(*tensors):
        return sum((new * grad).sum() for new, grad in zip(step(cell, *tensors), upstream, strict=True))

    leaves = [tensor.clone().requires_grad_() for tensor in given]
    total = loss(*leaves)
    check(total.requires_grad, f"{cell.asked}: no gradient flows back from h and c.")
    gradients = torch.autograd.grad(total, leaves, allow_unused=True)
    directions = [rng.randn(*tensor.shape) for tensor in given]
    along = sum((grad * way).sum() for grad, way in zip(gradients, directions, strict=True) if grad is not None)
    up, down = ([t + size * way for t, way in zip(given, directions, strict=True)] for size in (1e-5, -1e-5))
    slope = (loss(*up) - loss(*down)) / 2e-5
    what = f"{cell.asked}: compared with how h and c change when all three inputs change a little, their gradient"
    assert_close(torch.as_tensor(along).detach(), slope.detach(), what, hint="Is anything detached in forward?")


@pytest.mark.points(3)
def test_gradients(student, reference, rng):
    """One step gives the same gradients of x, h, c and of all parameters as the reference."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = (one.LSTMCell(input_size, hidden_size) for one in (student, reference))
    share_weights(mine, theirs, rng)
    x, h, c = batch(rng, n, input_size, hidden_size)
    assert_same_gradients(mine, theirs, [x, (h, c)], names=GIVEN)


# -- over time --------------------------------------------------------------------------------------------------------


def unroll(cell, given):
    """Leaves x_1 to x_T, h_0 and c_0, and the last h and c; every step gets non-leaf tensors."""
    leaves = [tensor.clone().requires_grad_() for tensor in given]
    *inputs, h, c = (leaf.clone() for leaf in leaves)
    for x in inputs:
        h, c = step(cell, x, h, c)
    return leaves, h, c


@pytest.mark.points(2.5)
def test_gradients_through_time(student, reference, rng):
    """After three steps, a loss on the last h gives every x, the first state and all parameters their gradients."""
    n, input_size, hidden_size = sizes(rng)
    mine, theirs = (one.LSTMCell(input_size, hidden_size) for one in (student, reference))
    share_weights(mine, theirs, rng)
    x, h, c = batch(rng, n, input_size, hidden_size)
    given = [x, *(rng.randn(n, input_size) for _ in range(2)), h, c]
    upstream = rng.randn(n, hidden_size)
    (my_leaves, my_h, _), (leaves, last_h, _) = unroll(mine, given), unroll(theirs, given)
    asked = f"{mine.asked}, three steps:"
    assert_close(my_h.detach(), last_h.detach(), f"{asked} the last h")
    check(my_h.requires_grad, f"{asked} no gradient flows back from the last h.")
    my_h.backward(upstream)
    last_h.backward(upstream)
    for name, leaf, wanted in zip(("x_1", "x_2", "x_3", "h_0", "c_0"), my_leaves, leaves, strict=True):
        assert_gradient(leaf.grad, wanted.grad, f"{asked} the gradient of {name} from a loss on the last h")
    my_grads = mine.grads()
    for name, wanted in theirs.grads().items():
        assert_gradient(my_grads[name], wanted, f"{asked} the gradient of `{name}` from a loss on the last h")


def assert_gradient(actual, expected, what):
    check(actual is not None, f"{what} is missing: none reaches it.", hint="Is anything detached between two steps?")
    assert_close(actual, expected, what)


@pytest.mark.points(0.5)
def test_constant_error_carousel(student, rng):
    """With the forget gate open and the input gate closed, c and its gradient pass five steps unchanged."""
    cell, x, _, c, _ = part(rng, student, i=CLOSED, f=OPEN)
    leaves, _, last_c = unroll(cell, [x, *(rng.randn(*x.shape) for _ in range(4)), torch.tanh(rng.randn(*c.shape)), c])
    upstream = rng.randn(*c.shape)
    asked = f"{cell.asked}, five steps with the forget gate open and the input gate closed:"
    assert_close(last_c.detach(), c, f"{asked} the last c, compared with the first,")
    check(last_c.requires_grad, f"{asked} no gradient flows back from the last c.")
    last_c.backward(upstream)
    assert_gradient(leaves[-1].grad, upstream, f"{asked} the gradient of the first c, compared with that of the last,")


# -- manners ----------------------------------------------------------------------------------------------------------


@pytest.mark.points(1)
def test_inputs_untouched(student, rng):
    """A step leaves x, h and c as they are."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size).double()
    x, h, c = batch(rng, n, input_size, hidden_size)
    assert_inputs_untouched(cell, [x, (h, c)], names=GIVEN)


@pytest.mark.points(0.5)
def test_repeatable(student, rng):
    """Two equal calls give equal results: the cell keeps nothing between calls and draws nothing at random."""
    n, input_size, hidden_size = sizes(rng)
    cell = student.LSTMCell(input_size, hidden_size).double()
    assert_repeatable(cell, [rng.randn(n, input_size)], mode="train")
