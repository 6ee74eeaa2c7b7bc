"""The checks of modules as data: each accepts a right module, and each can fail."""

from __future__ import annotations

import pytest
import torch

from autograder.sandbox.session import SubjectError
from autograder.suite import BehaviourError, Case, ModuleChecks
from autograder.suite.random import Random

RIGHT = """
class Block(nn.Module):
    def __init__(self, channels, more=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels + more, 1)
        self.norm = nn.BatchNorm2d(channels + more)

    def forward(self, x):
        h = self.conv(x)
        return torch.tanh(self.norm(h))
"""


def images(rng, arguments):
    return rng.randn(rng.integer(2, 3), arguments["channels"], rng.integer(3, 4), 4)


def some(rng):
    return {"channels": rng.integer(2, 4)}


def special(rng):
    for channels in (1, 2, 3):
        yield (channels, 2), rng.randn(2, channels, 2, 3)
    yield {"channels": 2}, rng.randn(1, 2, 2, 2), ("eval", "train")


blocks = ModuleChecks("Block", {"drawn": Case(some, images), "fixed": Case({"channels": 2, "more": 3}, images)})
CHECKS = {
    "parameters": blocks.parameters(points=1),
    "shapes_on_meta": blocks.shapes_on_meta(points=1),
    "outputs, evaluating": blocks.outputs("eval", points=1),
    "outputs, training": blocks.outputs("train", points=1),
    "sizes": blocks.sizes(special, points=1),
    "gradients, training": blocks.gradients("train", points=1),
    "gradients, frozen": blocks.gradients("eval", frozen=True, points=1),
    "gradients, both": blocks.gradients("both", frozen=True, points=1),
    "gradients of weights": blocks.gradients("train", wanted=["parameters"], points=1),
    "statistics": blocks.statistics(points=1),
    "inputs_untouched": blocks.inputs_untouched(points=1),
    "layouts": blocks.layouts(points=1),
    "separate": blocks.separate(points=1),
}


@pytest.fixture
def ask(load):
    """Asks a check of a module that is `RIGHT` but for what is replaced."""

    def ask_(test, old="", new="", **parameters):
        assert old in RIGHT
        return test(student=load(RIGHT.replace(old, new)), reference=load(RIGHT), rng=Random(5, "test"), **parameters)

    return ask_


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_module_passes(ask, name):
    ask(CHECKS[name])


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("parameters", "self.norm", "self.bn", "`norm.weight`"),
        ("parameters", "+ more, 1)", "+ more, 3)", "`conv.weight`"),
        ("shapes_on_meta", "self.norm(h)", "self.norm(h)[:, :1]", "shape"),
        ("outputs, evaluating", "tanh", "sigmoid", "in evaluation mode: the output differs"),
        ("outputs, training", "self.norm(h)", "self.norm(h) + self.training", "in training mode: the output differs"),
        (
            "sizes",
            "self.conv(x)",
            "self.conv(x) * (x.shape[1] > 1)",
            "Block(1, 2) in evaluation mode: the output differs",
        ),
        ("gradients, training", "self.conv(x)", "self.conv(x.detach())", "the gradient of x is missing"),
        (
            "gradients, frozen",
            "self.conv(x)",
            "self.conv(x if self.conv.weight.requires_grad else x.detach())",
            "no gradient flows back",
        ),
        (
            "gradients, both",
            "self.conv(x)",
            "self.conv(x if self.training else x.detach())",
            "in evaluation mode: the gradient of x is missing",
        ),
        ("gradients of weights", "self.conv(x)", "self.conv(x).detach()", "the gradient of `conv.weight`"),
        ("statistics", "self.norm(h))", "(self.norm(h), self.norm(h))[1])", "the running statistic `norm."),
        (
            "statistics",
            "self.norm(h))",
            "self.norm(h) if h.requires_grad else torch.batch_norm(h, None, None, None, None, True, 0.1, 1e-5, False))",
            "in training mode, under no_grad: the running statistic `norm.",
        ),
        ("inputs_untouched", "self.conv(x)", "self.conv(x.mul_(1))", "x that the caller passed in"),
        ("layouts", "self.norm(h)", "self.norm(h).double()", "has dtype float64, expected float32"),
        ("separate", "super().__init__()", "super().__init__(); torch.manual_seed(0)", "sets the seed"),
        ("separate", "self.conv(x)", "self.__dict__.setdefault('kept', self.conv(x))", ""),
        ("separate", "self.conv(x)", "(self.__dict__.update(last=self.conv(x)), self.conv(x))[1]", "copy.deepcopy()"),
        ("separate", "self.conv(x)", "self.__dict__.setdefault('act', lambda v: self.conv(v))(x)", "a deep copy of"),
        (
            "separate",
            "    def forward",
            "    def __deepcopy__(self, memo):\n        import copy\n        return copy.copy(self)\n\n    def forward",
            "once other weights were loaded into a deep copy of it: the output differs",
        ),
        ("separate", "self.conv(x)", "(torch.set_grad_enabled(True), self.conv(x))[1]", "leaves gradients switched on"),
        ("separate", "super().__init__()", "super().__init__(); self.w = nn.Parameter(torch.empty(3))", "not finite"),
        (
            "separate",
            "torch.tanh(self.norm(h))",
            "(lambda y: y if y.requires_grad else self.__dict__.setdefault(y.shape, y).copy_(y))(self.norm(h).tanh())",
            "after another call: the output differs",
        ),
        (
            "separate",
            "self.conv(x)",
            "self.conv(x[..., : self.__dict__.setdefault('rows', x.shape[2]), :])",
            "has shape",
        ),
        ("layouts", "self.norm(h))", "self.norm(h)).to(torch.promote_types(x.dtype, torch.float32))", "of bfloat16"),
        (
            "gradients, frozen",
            "self.conv(x)",
            "self.conv(x) if x.requires_grad else self.conv(x).detach()",
            "the gradient of `conv.weight` is missing",
        ),
    ],
)
def test_a_slip_fails_the_check_that_asks_about_it(ask, name, old, new, told):
    with pytest.raises((BehaviourError, SubjectError)) as raised:
        ask(CHECKS[name], old, new)
    assert told in str(raised.value)


def test_a_default_dtype_that_the_constructor_sets_is_told_as_such(ask):
    slip = "super().__init__()", "super().__init__(); torch.set_default_dtype(torch.float64)"
    try:
        ask(CHECKS["parameters"], *slip)  # no parameter is shared, though a second module is made in another dtype
        torch.set_default_dtype(torch.float32)
        with pytest.raises(BehaviourError, match="changes torch's default dtype from float32 to float64"):
            ask(CHECKS["separate"], *slip)
    finally:
        torch.set_default_dtype(torch.float32)


def twice(rng):
    for height in (2, 3):
        yield {"channels": 2}, rng.randn(2, 2, height, 3), ("eval", "train")


def test_sizes_leave_the_statistics_that_training_renews_to_another_check(ask):
    sizes = ModuleChecks("Block", {"drawn": Case(some, images)}).sizes(twice, points=1)
    ask(sizes, "nn.BatchNorm2d(channels + more)", "nn.BatchNorm2d(channels + more, momentum=0.5)")


def test_views_of_what_lies_otherwise_in_memory_are_noticed(ask):
    with pytest.raises(SubjectError, match="view"):
        ask(CHECKS["layouts"], "self.conv(x)", "self.conv(x.view(-1).view_as(x))")


def test_points_title_and_form_are_as_the_suite_says():
    test = blocks.parameters("What it is called", points=2, again=0.5)
    marks = {mark.name: mark for mark in test.pytestmark}
    assert test.__doc__ == "What it is called."
    assert (marks["points"].args, marks["points"].kwargs) == ((2,), {"again": 0.5})
    assert "form" in marks
    assert "form" not in {mark.name for mark in blocks.outputs("eval", points=1).pytestmark}


def test_each_case_may_be_a_check_of_its_own(ask):
    test = blocks.outputs("eval", points=1, of=["fixed"], one_by_one=True)
    marks = {mark.name: mark for mark in test.pytestmark}
    assert marks["parametrize"].args == ("case", ["fixed"])
    with pytest.raises(BehaviourError, match=r"Block\(channels=2, more=3\) in evaluation mode"):
        ask(test, "tanh", "sigmoid", case="fixed")


def test_a_case_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="Block has no case 'wide'; there are drawn, fixed"):
        blocks.outputs("eval", points=1, of=["wide"])


def test_a_hint_follows_the_message(ask):
    with pytest.raises(BehaviourError, match="Hint: Which function"):
        ask(blocks.outputs("eval", points=1, hint="Which function is it?"), "tanh", "sigmoid")


def test_more_can_be_asked_in_the_same_check(ask):
    asked = []

    def more(student, reference, rng):
        asked.append(rng.integer(0, 1))

    ask(blocks.outputs("eval", points=1, also=more))
    assert len(asked) == 1
    with pytest.raises(ValueError, match="asked once"):
        blocks.outputs("eval", points=1, also=more, one_by_one=True)


# -- several inputs and outputs ---------------------------------------------------------------------------------------

CELL = """
class Cell(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.a, self.b = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, x, state=None):
        h = torch.zeros_like(x) if state is None else state
        h = torch.tanh(self.a(x) + self.b(h))
        return h, 2 * h
"""
cells = ModuleChecks(
    "Cell",
    {
        "alone": Case({"size": 3}, lambda rng, arguments: [rng.randn(2, 3)]),
        "with a state": Case({"size": 3}, lambda rng, arguments: [rng.randn(2, 3), rng.randn(2, 3)]),
    },
    names=["x", "state"],
)


@pytest.mark.parametrize(
    ("test", "old", "new", "told"),
    [
        (cells.gradients("train", points=1), "else state", "else state.detach()", "the gradient of state is missing"),
        (cells.inputs_untouched(points=1), "else state", "else state.add_(0)", "state that the caller passed in"),
        (cells.layouts(points=1), "2 * h", "2 * h.double()", "output 2 of 2 has dtype float64, expected float32"),
        (cells.layouts(points=1), "h, 2 * h", "(h,)", "returns 1"),
        (
            cells.separate(points=1, of=["with a state"]),
            "else state",
            "else self.__dict__.setdefault('kept', state.clone())",
            "output",
        ),
    ],
)
def test_several_inputs_and_outputs(load, test, old, new, told):
    assert old in CELL
    reference = load(CELL)
    test(student=load(CELL), reference=reference, rng=Random(5, "test"))
    with pytest.raises(BehaviourError) as raised:
        test(student=load(CELL.replace(old, new)), reference=reference, rng=Random(5, "test"))
    assert told in str(raised.value)


def test_an_exception_on_the_way_back_says_where_it_came(ask):
    with pytest.raises(SubjectError, match="inplace") as raised:
        ask(CHECKS["gradients, training"], "self.norm(h)", "self.norm(h).exp().mul_(2)")
    assert raised.value.asked == "In the backward pass"
