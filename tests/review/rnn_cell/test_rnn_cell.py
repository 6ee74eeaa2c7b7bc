"""Hidden suite of `rnn_cell`: the cell, its terms one at a time, its start, its gradients; then `run`.

`run` is asked with a cell of beside.py, so a slip in RNNCell costs nothing there.
"""

from __future__ import annotations

import math
from contextlib import nullcontext

import pytest
import torch
from torch import Tensor

from autograder.suite import (
    Case,
    ModuleChecks,
    assert_close,
    assert_inputs_untouched,
    assert_nothing_kept,
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_shape,
    assert_world_untouched,
    check,
    copy_of,
    randomise,
)

BATCH = 2
"""Other sizes are larger, so that no two of them can be mixed up."""


def sizes(rng, **options):
    input_size, hidden_size = rng.distinct(3, 6, 2)
    return {"input_size": input_size, "hidden_size": hidden_size, **options}


def x_and_h(rng, arguments, n=BATCH):
    return [rng.randn(n, arguments["input_size"]), torch.tanh(rng.randn(n, arguments["hidden_size"]))]


CELLS = ModuleChecks(
    "RNNCell",
    {
        "biases": Case(sizes, x_and_h),
        "no biases": Case(lambda rng: sizes(rng, bias=False), x_and_h),
    },
    names=("x", "h"),
)
BOTH = ("eval", "train")
NAMED = "The names are in the stub, those of the cell itself, not of a layer in it. With bias=False there is no bias."


# -- the module -------------------------------------------------------------------------------------------------------

test_parameters = CELLS.parameters(points=1.5, hint=NAMED)


@pytest.mark.form
@pytest.mark.points(2.5)
def test_new_cells(student, rng):
    """A new cell has finite random weights of its own, in which no two rows are equal, and sets no seed."""
    arguments = sizes(rng)
    cell, other = student.RNNCell(**arguments), student.RNNCell(**arguments)
    start, other_start = cell.state_dict(), other.state_dict()
    weights = [name for name, value in start.items() if value.dim() == 2]
    check(len(weights) > 0, f"{cell.asked}: the cell has no weights.")
    for name, value in start.items():
        check(bool(value.isfinite().all()), f"{cell.asked}: a new `{name}` has values that are not finite.")
    for name in weights:
        told = f"{cell.asked}: a new `{name}` has equal rows, so units start equal and get equal gradients for ever."
        different = len(start[name].unique(dim=0)) == len(start[name])
        check(different, told, hint="Draw the initial weights at random.")
        told = f"{cell.asked}: two new cells start with the same `{name}`."
        check(not torch.equal(start[name], other_start.get(name, value)), told, hint="Who sets the seed?")
    randomise(other, rng)
    for name, value in cell.state_dict().items():
        told = f"{cell.asked}: `{name}` changes when weights are loaded into another cell of the same sizes."
        check(torch.equal(value, start[name]), told, hint="Which object holds the parameters, and for which cells?")
    cell.double()(*x_and_h(rng, arguments))
    assert_world_untouched(student, lambda: student.RNNCell(**arguments), f"Making {cell.asked}")


# -- one term at a time -----------------------------------------------------------------------------------------------


def alone(student, rng, *kept):
    """A cell all of whose parameters are zero but those in `kept`, those values, x and h."""
    arguments = sizes(rng)
    cell = student.RNNCell(**arguments).double()
    hidden = arguments["hidden_size"]
    shapes = {"weight_ih": (hidden, arguments["input_size"]), "weight_hh": (hidden, hidden)}
    shapes |= {"bias_ih": (hidden,), "bias_hh": (hidden,)}
    values = {name: 0.5 * rng.randn(*shape) if name in kept else rng.rand(*shape) * 0 for name, shape in shapes.items()}
    cell.load_state_dict(values)
    return cell, values, *x_and_h(rng, arguments)


@pytest.mark.points(0.5)
def test_input_alone(student, rng):
    """With all parameters zero, the new state is 0; with weight_ih alone, it is tanh of the product with x."""
    cell, _, x, h = alone(student, rng)
    found = cell(x, h)
    hint = "h comes in by its product with weight_hh alone, which is 0 here. Is h itself added to something?"
    if isinstance(found, Tensor) and (found == found.flatten()[:1]).all():
        hint = "tanh of 0 is 0. Which activation has the sum?"
    assert_close(found, 0 * h, f"{cell.asked}, all parameters zero: the new state", hint=hint)
    cell, values, x, h = alone(student, rng, "weight_ih")
    what = f"{cell.asked}, all parameters zero but weight_ih: the new state"
    found = cell(x, h)
    hint = "Is it x @ weight_ih.T, and which activation has it?"
    if isinstance(found, Tensor) and (found >= 0).all():
        hint = "No state is negative here. Which activation has the sum?"
    elif isinstance(found, Tensor) and (found.abs() > 1).any():
        hint = "Some states are beyond -1 and 1. Which activation has the sum?"
    assert_close(found, torch.tanh(x @ values["weight_ih"].T), what, hint=hint)


@pytest.mark.points(0.5)
def test_state_alone(student, rng):
    """With weight_hh alone, the new state is tanh of the product with h."""
    cell, values, x, h = alone(student, rng, "weight_hh")
    what = f"{cell.asked}, all parameters zero but weight_hh: the new state"
    hint = "Where does h enter, and is weight_hh transposed, as in the formula? Its shape does not tell: it is square."
    assert_close(cell(x, h), torch.tanh(h @ values["weight_hh"].T), what, hint=hint)


@pytest.mark.points(0.5)
def test_biases_alone(student, rng):
    """With the biases alone, the new state is tanh of their sum."""
    for name in ("bias_ih", "bias_hh"):
        cell, values, x, h = alone(student, rng, name)
        what = f"{cell.asked}, all parameters zero but {name}: the new state"
        assert_close(cell(x, h), torch.tanh(values[name]).expand(BATCH, -1), what, hint=f"Where is {name} added?")
    cell, values, x, h = alone(student, rng, "bias_ih", "bias_hh")
    what = f"{cell.asked}, all parameters zero but the biases: the new state"
    expected = torch.tanh(values["bias_ih"] + values["bias_hh"]).expand(BATCH, -1)
    hint = "Each bias alone is right. How many tanh are there, and around what?"
    assert_close(cell(x, h), expected, what, hint=hint)


@pytest.mark.points(0.25)
def test_almost_linear(student, rng):
    """Where all numbers are positive and tiny, tanh hands them on as they are."""
    cell, values, x, _ = alone(student, rng, "weight_ih")
    weight = values["weight_ih"].abs()
    cell.load_state_dict({**values, "weight_ih": weight})
    tiny = 1e-5
    what = f"{cell.asked}, all parameters zero but a positive weight_ih, x near {tiny:g}: the new state in this unit"
    assert_close(cell(tiny * x.abs()) / tiny, x.abs() @ weight.T, what)


@pytest.mark.points(0.25)
def test_one_known_state(student, rng):
    """Where the biases add up to ln(1 + √2) and all else is zero, every state is 1/√2."""
    cell, values, x, h = alone(student, rng, "bias_ih")
    rest = math.log(1 + math.sqrt(2)) - values["bias_ih"]
    cell.load_state_dict({**values, "bias_hh": rest})
    what = f"{cell.asked}, all parameters zero but biases of ln(1 + √2) together: the new state"
    assert_close(cell(x, h), torch.full_like(h, math.sqrt(0.5)), what)


# -- whole steps ------------------------------------------------------------------------------------------------------


@pytest.mark.points(1.5, again=1)
@pytest.mark.parametrize("case", ["biases", "no biases"])
def test_step(student, reference, rng, case):
    """One step gives the same state as the reference, in both modes and under no_grad."""
    mine, theirs, given = CELLS.twins(student, reference, rng, case)
    for mode in BOTH:
        for context in (nullcontext, torch.no_grad):
            with context():
                assert_same_outputs(mine, theirs, given, mode)


@pytest.mark.points(2.5, again=1)
def test_first_step(student, reference, rng):
    """Without a state a step starts from zeros in the dtype of x, whatever was computed before."""
    mine, theirs, (x, _) = CELLS.twins(student, reference, rng, "biases")
    for rows in (BATCH, BATCH + 1, 1):  # zeros that are kept from one call do not fit the next batch
        given = rng.randn(rows, x.shape[1])
        for mode in BOTH:
            hint = "Which state does a step start from without one?" if rows > 1 else "N is 1 here: the axis stays."
            assert_same_outputs(mine, theirs, [given], mode, hint=hint)
        assert_same_outputs(mine, theirs, [given, None], hint="None stands for no state.")
    assert_nothing_kept(mine, theirs, x, rng)
    assert_same_in_float32(mine, theirs, x)
    found = mine.to(torch.bfloat16)(x.bfloat16())
    told = f"{mine.asked}: x and weights are all of bfloat16, and the new state is of {found.dtype}."
    check(found.dtype == torch.bfloat16, told, difference=("the new state", "dtype"))


@pytest.mark.points(2.5, again=0.5)
def test_sizes_layouts_and_magnitudes(student, reference, rng):
    """A step is right for sizes of 1, equal and large ones, tensors that are not contiguous, zeros and huge values."""
    one, other = rng.distinct(3, 6, 2)
    for n, input_size, hidden_size in ((1, one, other), (3, one, 1), (3, 1, other), (1, 1, 1), (one,) * 3, (9, 40, 33)):
        arguments = {"input_size": input_size, "hidden_size": hidden_size}
        mine, theirs = CELLS.pair(student, reference, arguments)
        mine.double().load_state_dict(randomise(theirs, rng))
        told = f"N = {n} here."
        assert_same_outputs(mine, theirs, x_and_h(rng, arguments, n), hint=told)
    for what, change in (
        ("are transposed, so not contiguous", lambda t: t.t().contiguous().t()),
        ("are columns of wider tensors", lambda t: torch.cat([-t, t], dim=1)[:, t.shape[1] :]),
        ("are one row, expanded to a batch", lambda t: t[:1].expand_as(t)),
        ("are a thousand times larger", lambda t: 1e3 * t),
        ("are zero", lambda t: 0 * t),
    ):
        mine, theirs, given = CELLS.twins(student, reference, rng, "biases")
        assert_same_outputs(mine, theirs, [change(t) for t in given], hint=f"x and h {what} here.")
    # What is rounded to float32 on the way shows where a large part of the sum cancels another.
    mine, theirs = CELLS.pair(student, reference, {"input_size": one, "hidden_size": one})
    values = randomise(theirs, rng).values()
    values["weight_hh"] = values["weight_ih"]
    for cell in (mine.double(), theirs):
        cell.load_state_dict(values)
    x = 1e3 * rng.randn(BATCH, one)
    hint = "The two products are large here, and their sum is not."
    assert_same_outputs(mine, theirs, [x, rng.randn(BATCH, one) - x], hint=hint)


# -- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.points(2.5, again=1)
def test_gradients(student, reference, rng):
    """Gradients of x, h and all parameters are those of the reference, over one step and over three."""
    for case in CELLS.cases:
        mine, theirs, given = CELLS.twins(student, reference, rng, case)
        for mode in BOTH:
            hint = "Where the values are right: is anything detached in forward?"
            assert_same_gradients(mine, theirs, given, mode, names=CELLS.names, hint=hint)
    zero = [given[0], 0 * given[1]]
    hint = "h is given here, and zero: a state like any other, which gets its gradient."
    assert_same_gradients(mine, theirs, zero, names=CELLS.names, hint=hint)
    hint = "x and h are zero here, as padding is. The slope of tanh at 0 is 1."
    assert_same_gradients(mine, theirs, [0 * given[0], 0 * given[1]], names=CELLS.names, hint=hint)
    weights = theirs.state_dict()
    sums = (given[0] @ weights["weight_ih"].T + given[1] @ weights["weight_hh"].T).flatten()
    # exp(2 * 600) is infinite, exp(600) is not.
    far_out = [600 / sums[sums.abs().argmax()] * t for t in given]
    hint = "x and h are large here: tanh is of sums up to 600, so states are 1 or -1, and hardly move."
    assert_same_gradients(mine, theirs, far_out, names=CELLS.names, hint=hint)
    three_steps(mine, theirs, given, rng)
    for cell in (mine, theirs):
        cell.requires_grad_(False)
    hint = "All parameters are frozen here. What comes before the cell may still learn."
    assert_same_gradients(mine, theirs, given, of=("inputs",), names=CELLS.names, hint=hint)


def three_steps(mine, theirs, given, rng):
    """A loss on the last of three states gives x_1, h_0 and the parameters their gradients."""
    x, h = given
    more, upstream, found = [rng.randn(*x.shape) for _ in range(2)], rng.randn(*h.shape), []
    for cell in (theirs, mine):
        first, start = x.clone().requires_grad_(), h.clone().requires_grad_()
        state = start
        cell.zero_grad()
        for each in (first, *more):
            state = cell(copy_of(each), state)
        asked = f"{mine.asked}, three steps: "
        assert_shape(state, h.shape, "the last state", asked=asked)
        check(state.requires_grad, f"{asked}no gradient flows back from the last state.")
        state.backward(upstream)
        found.append({"x_1": first.grad, "h_0": start.grad} | cell.grads())
    wanted, got = found
    for name, gradient in wanted.items():
        told = f"{asked}the gradient of {name} from a loss on the last state"
        check(got.get(name) is not None, f"{told} is missing: none reaches it.")
        assert_close(got[name], gradient, told, hint="Is anything detached between two steps?")


# -- run --------------------------------------------------------------------------------------------------------------

GIVEN = ("xs", "the cell's weight", "the cell's own first state", "h")


def another_cell(rng, steps, n=BATCH):
    """xs, weight and first state of the cell in beside.py, and a state to give to it."""
    inputs, hidden = rng.distinct(3, 6, 2)
    return rng.randn(steps, n, inputs), rng.randn(hidden, hidden), rng.randn(1, hidden), rng.randn(n, hidden)


STATES = {"a state": lambda h: [h], "no state": lambda h: [], "a state of zeros": lambda h: [0 * h]}


@pytest.mark.points(2.5)
def test_run(student, reference, rng):
    """`run` returns all states and the last one, with a first state and without, also for one step and for none."""
    for steps, n, state in (
        (4, BATCH, "a state"),
        (4, BATCH, "no state"),
        (1, BATCH, "a state"),
        (3, 1, "no state"),
        (3, 3, "a state"),
        (2, BATCH, "a state of zeros"),
        (0, BATCH, "a state"),
        (0, 3, "a state"),
    ):
        xs, weight, first, h = another_cell(rng, steps, n)
        if steps > 1:
            xs = xs.transpose(0, 1).contiguous().transpose(0, 1)  # as it comes from a batch-first data set
        given = [xs, weight, first, *STATES[state](h)]
        expected = reference.beside.run_another_cell(*given, run=reference.run)
        found = student.beside.run_another_cell(*given, run=student.run)
        asked = f"run with another cell than yours, xs of shape {tuple(xs.shape)}, {state} given: "
        told = f"{len(found)} values" if isinstance(found, (tuple, list)) else "one value"
        is_pair = isinstance(found, (tuple, list)) and len(found) == 2
        told = f"it returns {told}, expected the pair (states, last)."
        check(is_pair, f"{asked}{told}", difference="number of values")
        hint = "states[t] is what the cell returns for xs[t] and the state before; the first state before is h."
        if state == "no state":
            hint = "Where no state is given, the cell makes its own."
        elif steps and isinstance(found[0], Tensor) and torch.equal(found[0][0], h):
            hint = "`states[0]` is the h that was given. What is appended, the state before a step or the one after it?"
        for name, value, wanted in zip(("the tensor of all states", "the last state"), found, expected, strict=True):
            assert_shape(value, wanted.shape, name, asked=asked, hint="Steps, batch, hidden size, in this order.")
            assert_close(value, wanted, name, asked=asked, hint=hint)

    xs, _, _, h = another_cell(rng, 3)
    states, last = student.beside.run_counting_cell(xs, h, run=student.run)
    asked = "run with a cell that never answers the same twice: "
    hint = "How often is the cell asked at the last step? With dropout in it, two answers differ."
    assert_close(last, states[-1], "the last state, compared with the last of all states,", asked=asked, hint=hint)


@pytest.mark.points(2.5, again=0.5)
def test_run_gradients(student, reference, rng):
    """Gradients go through `run`, from every state back to the first input and the state that was given."""
    mine, theirs = (code.beside.run_another_cell.bind(run=code.run) for code in (student, reference))
    mine.asked = "run with another cell than yours"
    given = another_cell(rng, 4)
    hint = "Is anything detached, or copied by value, between the cell and what run returns?"
    assert_same_gradients(mine, theirs, given[:3], names=GIVEN[:3], hint=hint)
    assert_same_gradients(mine, theirs, given, names=GIVEN, hint=hint)
    xs, weight, first, h = another_cell(rng, 40)
    small = 0.3 * weight  # so that forty steps do not multiply what rounding leaves
    hint = "These are 40 steps, and over four the gradients are right. After how many steps is something cut?"
    assert_same_gradients(mine, theirs, [xs, small, first, h], names=GIVEN, hint=hint)
    upstream = rng.randn(*given[3].shape)
    modules = [code.beside.run_a_module.bind(run=code.run) for code in (student, reference)]
    for place in (1, 3):
        found, expected = (gradient_of_one(run, given, place, upstream) for run in modules)
        assert_gradient(
            found,
            expected,
            GIVEN[place],
            f"run of a module in evaluation mode, where {GIVEN[place]} alone requires a gradient: ",
        )
    for steps, asked in ((0, "run over no steps: "), (1, "run over one step: ")):
        few = [given[0][:steps], *given[1:]]
        found, expected = (gradient_of_one(run, few, 3, upstream) for run in (mine, theirs))
        assert_gradient(found, expected, GIVEN[3], asked)


def gradient_of_one(run, given, place, upstream):
    """The gradient of the tensor at this place for one of the last state, where the others require none."""
    tensors = [tensor.clone().requires_grad_(index == place) for index, tensor in enumerate(given)]
    _, last = run(*tensors)
    if not last.requires_grad:
        return None
    return torch.autograd.grad(last, tensors[place], upstream, allow_unused=True)[0]


def assert_gradient(found, expected, name, asked):
    told, hint = f"the gradient of {name}", "Nothing is detached, whatever else requires a gradient or does not."
    check(found is not None, f"{asked}{told} is missing.", hint=hint, difference=(told, "missing"))
    assert_close(found, expected, told, asked=asked, hint=hint)


# -- manners ----------------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(2.5)
def test_nothing_else_changes(student, rng):
    """A step and a run leave what they are given as it is, and set no seed."""
    arguments = sizes(rng)
    cell = student.RNNCell(**arguments)
    randomise(cell, rng)
    x, h = x_and_h(rng, arguments)
    for mode in BOTH:
        for context in (nullcontext, torch.no_grad):
            with context():
                assert_inputs_untouched(cell, [x, h], mode, names=CELLS.names)
                assert_inputs_untouched(cell, [x], mode, names=CELLS.names[:1])
    assert_world_untouched(student, lambda: cell(x, h), f"A step of {cell.asked}")
    run = student.beside.run_another_cell.bind(run=student.run)
    run.asked = "run with another cell than yours"
    for context in (nullcontext, torch.no_grad):
        with context():
            assert_inputs_untouched(run, list(another_cell(rng, 3)), names=GIVEN)
            size = arguments["hidden_size"]  # states fit into xs
            alike = [rng.randn(*shape) for shape in ((3, BATCH, size), (size, size), (1, size), (BATCH, size))]
            assert_inputs_untouched(run, alike, names=GIVEN)
    xs = torch.stack([x, -x])
    cell.float()
    for mode, context in zip(BOTH, (torch.no_grad, nullcontext), strict=True):
        cell.train(mode == "train")
        cell(x.float(), h.float()).sum().backward()
        before = cell.parameters_by_name()
        with context():
            student.run(cell=cell, xs=xs.float(), h=h.float())
        told = "run leaves the cell in another mode, training or evaluation, than before."
        check(cell.modules_by_name()[""].training == (mode == "train"), told)
        for name, now in cell.parameters_by_name().items():
            was = before[name]
            kept = now.grad is not None and was.grad is not None and torch.equal(now.grad, was.grad)
            check(kept, f"run changes .grad of the cell's `{name}`.")
            kept = (now.dtype, now.requires_grad) == (was.dtype, was.requires_grad) and torch.equal(
                now.value, was.value
            )
            check(kept, f"run changes the cell's `{name}`: its values, dtype or requires_grad.")
    cell.double()
    assert_world_untouched(student, lambda: student.run(cell, xs), "run")
