"""What the comparisons accept, and the words in which they tell a difference."""

from __future__ import annotations

import re
from functools import partial

import pytest
import torch

from autograder.suite import (
    BehaviourError,
    assert_close,
    assert_inputs_untouched,
    assert_nothing_kept,
    assert_parameters,
    assert_repeatable,
    assert_same_buffers,
    assert_same_gradients,
    assert_same_in_float32,
    assert_same_outputs,
    assert_separate_objects,
    assert_shape,
    assert_world_untouched,
    check,
    layouts,
    randomise,
    share_weights,
)
from autograder.suite.failures import failures_noted

LAYERS = "self.fc = nn.Linear(3, 4)\nself.norm = nn.BatchNorm1d(4)"
RIGHT = "return torch.tanh(self.norm(self.fc(x)))"
AFTER = "y = torch.tanh(self.norm(self.fc(x))); "
TWO = f"{AFTER}return y, 2 * y"
SAME_AS_RIGHT = {
    "the same": RIGHT,
    "step by step": "y = self.fc(x)\ny = self.norm(y)\nreturn y.tanh()",
    "functional": "y = nn.functional.linear(x, self.fc.weight, self.fc.bias)\nreturn torch.tanh(self.norm(y))",
    "einsum": "return torch.tanh(self.norm(torch.einsum('ni,oi->no', x, self.fc.weight) + self.fc.bias))",
    "by definition": "y = self.norm(self.fc(x))\nreturn (y.exp() - (-y).exp()) / (y.exp() + (-y).exp())",
    "in place on its own": "y = self.norm(self.fc(x))\ny = y + 0\nreturn y.tanh_()",
}


@pytest.fixture
def x(rng):
    return rng.randn(5, 3)


@pytest.fixture
def told():
    """Calls a comparison that must fail and returns what it says."""

    def message_of(comparison, *args, **kwargs):
        with pytest.raises(BehaviourError) as caught:
            comparison(*args, **kwargs)
        return str(caught.value)

    return message_of


def matches(pattern, message):
    """Whether a message is as written, where each # stands for a decimal number."""
    return re.fullmatch(re.escape(pattern).replace(r"\#", r"\d+(\.\d+)?(e-?\d+)?"), message) is not None


# -- outputs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("forward", SAME_AS_RIGHT.values(), ids=SAME_AS_RIGHT)
def test_equal_outputs_pass(pair, x, forward, mode):
    assert_same_outputs(*pair(forward), [x], mode)


DTYPE = "\nHint: Where does a tensor come from that has not the dtype of what came in, or is cast?"
ANYHOW = "differs in 20 of 20 values, by up to # at [#, #]"
OUTPUTS = {
    "nothing": ("pass", "the output is None, expected a tensor of shape (5, 4)."),
    "a number": ("return 1.5", "the output is of type float, expected a tensor of shape (5, 4)."),
    "an object": ("return object()", "the output is of type object, expected a tensor of shape (5, 4)."),
    "a dictionary": ("return {'y': x}", "the output is of type dict, expected a tensor of shape (5, 4)."),
    "a tuple": ("return x, x", "forward returns 2 values, expected one tensor."),
    "a tuple of one": ("return (x,)", "forward returns 1 values, expected one tensor."),
    "another shape": ("return self.fc(x)[:, :2]", "the output has shape (5, 2), expected (5, 4)."),
    "a dimension more": ("return self.fc(x)[None]", "the output has shape (1, 5, 4), expected (5, 4)."),
    "another dtype": ("return self.fc(x).float()", f"the output has dtype float32, expected float64.{DTYPE}"),
    "all values": (f"{RIGHT} + 0.5", "the output differs in 20 of 20 values, by up to 0.5 at [#, #]."),
    "one value": (
        f"{AFTER}y = y.clone(); y[1, 2] += 2; return y",
        "the output differs in 1 of 20 values, by up to 2 at [1, 2].",
    ),
    "a little": (f"{RIGHT} * (1 + 1e-6)", "the output differs in # of 20 values, by up to # at [#, #]."),
    "not a number": (
        f"{AFTER}y = y.clone(); y[2, 3] = torch.nan; return y",
        "the output is NaN in 1 of 20 values, first at [2, 3].",
    ),
    "infinity": (
        f"{AFTER}y = y.clone(); y[0, 1:] = -torch.inf; return y",
        "the output is infinite in 3 of 20 values, first at [0, 1].",
    ),
}


@pytest.mark.parametrize(("forward", "message"), OUTPUTS.values(), ids=OUTPUTS)
def test_a_different_output_is_told(pair, told, x, forward, message):
    assert matches(f"Block(width=3) in evaluation mode: {message}", told(assert_same_outputs, *pair(forward), [x]))


STRUCTURES = {
    "one tensor": ("return x", "forward returns one tensor, expected a tuple of 2 tensors."),
    "nothing": ("pass", "forward returns None, expected a tuple of 2 tensors."),
    "a number": ("return 3", "forward returns a value of type int, expected a tuple of 2 tensors."),
    "three": ("return x, x, x", "forward returns 3 values, expected a tuple of 2 tensors."),
    "none inside": (f"{AFTER}return y, None", "output 2 of 2 is None, expected a tensor of shape (5, 4)."),
    "the second differs": (f"{AFTER}return y, 3 * y", f"output 2 of 2 {ANYHOW}."),
    "the first differs": (f"{AFTER}return -y, 2 * y", f"output 1 of 2 {ANYHOW}."),
    "swapped": (f"{AFTER}return 2 * y, y", f"output 1 of 2 {ANYHOW}."),
}


@pytest.mark.parametrize(("forward", "message"), STRUCTURES.values(), ids=STRUCTURES)
def test_a_different_structure_is_told(pair, told, x, forward, message):
    mine, theirs = pair(forward, TWO)
    assert matches(f"Block(width=3) in training mode: {message}", told(assert_same_outputs, mine, theirs, [x], "train"))


def test_a_list_is_as_good_as_a_tuple(pair, x):
    assert_same_outputs(*pair("y = torch.tanh(self.norm(self.fc(x))); return [y, 2 * y]", TWO), [x])


SOMEWHERE_NAN = f"{AFTER}y = y.clone(); y[1, 1] = torch.nan; return y"


def test_not_a_number_is_right_where_the_reference_has_it(pair, x):
    assert_same_outputs(*pair(SOMEWHERE_NAN, SOMEWHERE_NAN), [x])


def test_not_a_number_of_the_reference_is_no_wildcard(pair, told, x):
    message = told(assert_same_outputs, *pair(RIGHT, SOMEWHERE_NAN), [x])
    assert message.endswith("the output differs in 1 of 20 values, by NaN or infinity at [1, 1].")


def test_infinity_differs_by_its_sign(pair, told, x):
    infinity = "return torch.full((2,), {}torch.inf)"
    assert_same_outputs(*pair(infinity.format(""), infinity.format("")), [x])
    message = told(assert_same_outputs, *pair(infinity.format("-"), infinity.format("")), [x])
    assert message.endswith("the output differs in 2 of 2 values, by NaN or infinity at [0].")


def test_none_is_right_where_the_reference_has_it(pair, told, x):
    assert_same_outputs(*pair("return x, None", "return x, None"), [x])
    message = told(assert_same_outputs, *pair("return x, x", "return x, None"), [x])
    assert message.endswith("output 2 of 2 is one tensor, expected None.")


def test_integers_are_compared_exactly(pair, told, x):
    assert_same_outputs(*pair("return (x > 0).long()", "return (0 < x).long()"), [x])
    message = told(assert_same_outputs, *pair("return torch.arange(4)", "return torch.tensor([0, 1, 3, 3])"), [x])
    assert message.endswith("the output differs in 1 of 4 values, first at [2].")


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_the_modes_are_set_on_both(pair, x, mode):
    forward = "return self.fc(x) * (2 if self.training else 1)"
    mine, theirs = pair(forward, forward)
    mine.train(mode == "eval")
    theirs.train(mode == "eval")
    assert_same_outputs(mine, theirs, [x], mode)


def test_an_unknown_mode_is_refused(pair, x):
    with pytest.raises(ValueError, match='mode is "eval" or "train", not \'test\''):
        assert_same_outputs(*pair(), [x], "test")


def test_what_a_forward_does_to_its_input_does_not_reach_the_reference(pair, x):
    assert_same_outputs(*pair("y = torch.tanh(self.norm(self.fc(x))); x.zero_(); return y"), [x])
    assert x.any()


# -- single values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (torch.tensor([1.0]), torch.tensor([1.0])),
        (torch.tensor([1.0 + 1e-9], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64)),
        (torch.tensor([torch.nan, torch.inf]), torch.tensor([torch.nan, torch.inf])),
        (2, 2.0),
        (0.1 + 0.2, 0.3),
        (torch.zeros(0, 3), torch.zeros(0, 3)),
    ],
)
def test_close_values_pass(actual, expected):
    assert_close(actual, expected, "the result")


@pytest.mark.parametrize(
    ("actual", "expected", "message"),
    [
        (torch.tensor(1.5), torch.tensor(1.0), "differs by up to 0.5"),
        (torch.tensor([1.5]), torch.tensor([1.0]), "differs by up to 0.5 at [0]"),
        (torch.zeros(2), torch.zeros(3), "has shape (2,), expected (3,)"),
        (None, torch.zeros(2), "is None, expected a tensor of shape (2,)"),
        (3, torch.tensor(3.0), "is of type int, expected a tensor of shape ()"),
        (torch.tensor(3.0), 3.0, "is a tensor, expected float"),
        (None, 3.0, "is None, expected a number"),
        ("3", 3.0, "is of type str, expected a number"),
        (3.5, 3, "differs by up to 0.5"),
        (torch.nan, 1.0, "is NaN"),
    ],
)
def test_a_value_that_is_not_close_is_told(told, actual, expected, message):
    assert told(assert_close, actual, expected, "the result") == f"the result {message}."


def test_another_dtype_is_told_with_what_to_look_for(told):
    message = f"the result has dtype float32, expected float64.{DTYPE}"
    values = torch.zeros(2), torch.zeros(2).double(), "the result"
    assert told(assert_close, *values) == message
    own = "A dtype comes from the old layer."
    assert told(partial(assert_close, hint=own), *values) == message.replace(DTYPE, f"\nHint: {own}")


def test_a_shape_is_told_with_both(told):
    assert_shape(torch.zeros(2, 3), (2, 3))
    assert_shape(torch.zeros(2, 3), [2, 3])
    assert told(assert_shape, torch.zeros(2, 3), (3, 2)) == "the output has shape (2, 3), expected (3, 2)."
    assert told(assert_shape, None, (3,), "the norm") == "the norm is None, expected a tensor."
    assert told(assert_shape, [1], (3,)) == "the output is of type list, expected a tensor."


def test_a_plain_fact_is_told_in_the_suites_words(told):
    check(True, "not said")
    assert told(check, False, "it must not be so") == "it must not be so"


def test_failures_can_be_noted_so_that_the_test_goes_on(pair, x):
    mine, theirs = pair("return x, x")
    with failures_noted() as noted:
        assert_same_outputs(mine, theirs, [x])
        assert_repeatable(mine, [x])
        check(False, "the second")
    assert [str(failure).partition(": ")[2] or str(failure) for failure in noted.failures] == [
        "forward returns 2 values, expected one tensor.",
        "the output is of type tuple, expected a tensor of shape (5, 4).",
        "the second",
    ]
    assert "assert_same_outputs" in noted.failures[0].stack
    with pytest.raises(BehaviourError):
        check(False, "raised again")


def test_a_failed_comparison_is_a_failed_assertion():
    with pytest.raises(AssertionError):
        check(False, "so")


HINTED = {
    "outputs": lambda mine, theirs, x, hint: assert_same_outputs(mine, theirs, [x], hint=hint),
    "gradients": lambda mine, theirs, x, hint: assert_same_gradients(mine, theirs, [x], hint=hint),
    "buffers": lambda mine, theirs, x, hint: assert_same_buffers(mine, theirs, [x], hint=hint),
    "inputs": lambda mine, theirs, x, hint: assert_inputs_untouched(mine, [x], hint=hint),
    "repetition": lambda mine, theirs, x, hint: assert_repeatable(mine, [x], hint=hint),
    "shape": lambda mine, theirs, x, hint: assert_shape(x, (1,), hint=hint),
    "value": lambda mine, theirs, x, hint: assert_close(x, x + 1, "x", hint=hint),
    "fact": lambda mine, theirs, x, hint: check(False, "so", hint=hint),
}


@pytest.mark.parametrize("comparison", HINTED.values(), ids=HINTED)
def test_a_hint_stands_in_a_line_of_its_own(pair, told, x, comparison):
    mine, theirs = pair("x.add_(1); self.n = getattr(self, 'n', 0) + 1; return self.fc(x).repeat(self.n, 1)")
    assert told(comparison, mine, theirs, x, "look there").splitlines()[1:] == ["Hint: look there"]


# -- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("forward", SAME_AS_RIGHT.values(), ids=SAME_AS_RIGHT)
def test_equal_gradients_pass(pair, x, forward, mode):
    assert_same_gradients(*pair(forward), [x], mode)


WITH_BIAS = "return torch.tanh(self.norm(nn.functional.linear(x, self.fc.weight, {})))"
GRADIENTS = {
    "cut off": (
        f"{RIGHT}.detach()",
        "no gradient flows back from the output: it is cut off from inputs and parameters.",
    ),
    "no gradient for the input": (
        RIGHT.replace("fc(x)", "fc(x.detach())"),
        "the gradient of the input is missing: no gradient reaches it.",
    ),
    "zero for the input": (
        RIGHT.replace("fc(x)", "fc(x.detach() + 0 * x)"),
        "the gradient of the input is zero everywhere.",
    ),
    "another gradient for the input": (
        RIGHT.replace("fc(x)", "fc(2 * x - x.detach())"),
        "the gradient of the input differs in 15 of 15 values, by up to # at [#, #].",
    ),
    "no gradient for a parameter": (
        WITH_BIAS.format("self.fc.bias.detach()"),
        "the gradient of `fc.bias` is missing: no gradient reaches it.",
    ),
    "zero for a parameter": (
        WITH_BIAS.format("self.fc.bias.detach() + 0 * self.fc.bias"),
        "the gradient of `fc.bias` is zero everywhere.",
    ),
    "not a number": (
        RIGHT.replace("fc(x)", "fc(x + (0 * x).sqrt())"),
        "the gradient of the input is NaN in 15 of 15 values, first at [0, 0].",
    ),
    "two outputs": (f"{RIGHT}, x", "forward returns 2 tensors, expected 1."),
    "no output": ("pass", "forward returns 0 tensors, expected 1."),
    "another shape": (f"{RIGHT}[:2]", "the output has shape (2, 4), expected (5, 4)."),
    "no tensor": ("return 3", "the output is of type int, expected a tensor."),
}


@pytest.mark.parametrize(("forward", "message"), GRADIENTS.values(), ids=GRADIENTS)
def test_a_different_gradient_is_told(pair, told, x, forward, message):
    mine, theirs = pair(forward)
    message = f"Block(width=3) in evaluation mode: {message}"
    assert matches(message, told(assert_same_gradients, mine, theirs, [x], "eval"))


def test_a_gradient_that_should_be_absent_is_told(pair, told, x):
    message = told(assert_same_gradients, *pair("return self.fc(x) + self.norm.bias", "return self.fc(x)"), [x], "eval")
    assert message.endswith("the gradient of `norm.bias` should be absent: it takes no part in the result.")


def test_a_zero_gradient_is_as_good_as_none(pair, x):
    reference = "return self.fc(x)"
    assert_same_gradients(
        *pair("return self.fc(x) + 0 * self.norm.weight + 0 * self.norm.bias", reference), [x], "eval"
    )
    assert_same_gradients(*pair(reference, "return self.fc(x) + 0 * self.norm.weight.sum()"), [x], "eval")


def test_gradients_are_not_mixed_up_with_those_of_an_earlier_comparison(pair, x):
    mine, theirs = pair()
    assert_same_gradients(mine, theirs, [x])
    assert_same_gradients(mine, theirs, [x])


def test_only_the_gradients_asked_for_are_compared(pair, told, x):
    mine, theirs = pair(RIGHT.replace("fc(x)", "fc(x.detach())"))
    assert_same_gradients(mine, theirs, [x], "eval", of=("parameters",))
    assert "the gradient of the input is missing" in told(assert_same_gradients, mine, theirs, [x], of=("inputs",))


def test_values_are_not_the_question_of_gradients(pair, x):
    assert_same_gradients(*pair(f"{RIGHT} + 5"), [x])


def test_every_output_gets_an_upstream_gradient_of_its_own(pair, told, x):
    y = "y = torch.tanh(self.norm(self.fc(x))); "
    message = told(assert_same_gradients, *pair(f"{y}return y, y.detach()", f"{y}return y, y * 1"), [x], "eval")
    assert "the gradient of the input differs" in message


INPUTS = {
    "unnamed": (None, "the gradient of input 2 of 3 is missing"),
    "named": (("x", "h", "c"), "the gradient of h is missing"),
}


@pytest.mark.parametrize(("names", "message"), INPUTS.values(), ids=INPUTS)
def test_inputs_are_numbered_or_named(pair, told, rng, names, message):
    state = "h, c = more[0]; return self.fc(x) + {} + c"
    mine, theirs = pair(state.format("h.detach()"), state.format("h"))
    inputs = [rng.randn(5, 3), (rng.randn(5, 4), rng.randn(5, 4))]
    assert message in told(assert_same_gradients, mine, theirs, inputs, "eval", names=names)


def test_inputs_may_be_absent(pair, rng):
    forward = "return self.fc(x) if more[0] is None else more[0]"
    assert_same_gradients(*pair(forward, forward), [rng.randn(5, 3), None], "eval")
    assert_same_outputs(*pair(forward, forward), [rng.randn(5, 3), None])
    assert_inputs_untouched(pair(forward, forward)[0], [rng.randn(5, 3), None])


# -- parameters -------------------------------------------------------------------------------------------------------


def test_equal_names_and_shapes_pass(block):
    assert_parameters(block(), block())
    assert_parameters(block(layers=LAYERS.replace("nn.Linear(3, 4)", "nn.Conv2d(3, 4, 1)")), block())


PARAMETERS = {
    "missing": (
        "self.fc = nn.Linear(3, 4)",
        "no parameter or buffer is called `norm.weight`, `norm.bias`, `norm.running_mean`, `norm.running_var`",
    ),
    "renamed": (
        LAYERS.replace("fc", "linear"),
        "no parameter or buffer is called `fc.weight`, `fc.bias`; `linear.weight`, `linear.bias` are not asked for",
    ),
    "unexpected": (f"{LAYERS}\nself.scale = nn.Parameter(torch.ones(1))", "`scale` is not asked for"),
    "misshapen": (LAYERS.replace("3, 4", "4, 4"), "`fc.weight` has shape (4, 4), expected (4, 3)"),
    "frozen": (f"{LAYERS}\nself.fc.bias.requires_grad_(False)", "`fc.bias` is not a trainable parameter of its own"),
    "all frozen": (
        f"{LAYERS}\nself.requires_grad_(False)",
        "`fc.weight` is not a trainable parameter of its own; `fc.bias` is not a trainable parameter of its own; "
        "`norm.weight` is not a trainable parameter of its own; `norm.bias` is not a trainable parameter of its own",
    ),
    "a buffer": (
        f"{LAYERS}\nbias = self.fc.bias\ndel self.fc.bias\nself.fc.register_buffer('bias', bias.detach())",
        "`fc.bias` is not a trainable parameter of its own",
    ),
    "without statistics": (
        LAYERS.replace("Norm1d(4", "Norm1d(4, track_running_stats=False"),
        "no parameter or buffer is called `norm.running_mean`, `norm.running_var`",
    ),
}


@pytest.mark.parametrize(("layers", "message"), PARAMETERS.values(), ids=PARAMETERS)
def test_different_names_and_shapes_are_told(block, told, layers, message):
    assert told(assert_parameters, block(layers=layers), block()) == f"Block(width=3): {message}."


# -- statistics, inputs, repetition -----------------------------------------------------------------------------------


def test_equal_statistics_pass(pair, x):
    assert_same_buffers(*pair(), [x])
    assert_same_buffers(*pair("self.norm.num_batches_tracked += 5; return self.norm(self.fc(x))"), [x])


DIFFERS = "differs in 4 of 4 values, by up to # at [#]."
BUFFERS = {
    "never updated": ("return self.fc(x)", f"the running statistic `norm.running_mean` {DIFFERS}"),
    "updated twice": (
        "self.norm(self.fc(x)); return self.norm(self.fc(x))",
        f"the running statistic `norm.running_mean` {DIFFERS}",
    ),
    "only the variance": (
        "y = self.norm(self.fc(x)); self.norm.running_var *= 2; return y",
        f"the running statistic `norm.running_var` {DIFFERS}",
    ),
    "not a number": (
        "y = self.norm(self.fc(x)); self.norm.running_mean[1] = torch.nan; return y",
        "the running statistic `norm.running_mean` is NaN in 1 of 4 values, first at [1].",
    ),
    "gone": (
        "y = self.norm(self.fc(x)); del self.norm.running_mean; return y",
        "there is no buffer `norm.running_mean`.",
    ),
}


@pytest.mark.parametrize(("forward", "message"), BUFFERS.values(), ids=BUFFERS)
def test_different_statistics_are_told(pair, told, x, forward, message):
    said = told(assert_same_buffers, *pair(forward), [x])
    assert matches(f"Block(width=3) after one forward in training mode: {message}", said)


def test_statistics_that_the_backward_pass_moves_are_told(pair, told, x):
    again = "from torch.utils.checkpoint import checkpoint as c\n"
    forward = again + "return torch.tanh(c(lambda v: self.norm(self.fc(v)), x, use_reentrant=False))"
    assert "the running statistic `norm.running_mean` differs" in told(assert_same_buffers, *pair(forward), [x])


KEPT = {
    "output": "self.y = self.norm(self.fc(x)) if self.y is None else self.y\nreturn self.y.tanh()",
    "output of a tensor": """
if x is not self.x:
    self.x, self.y = x, torch.tanh(self.norm(self.fc(x)))
return self.y
""",
    "weights, as long as others are as they were": """
key = (self.norm.bias._version, self.training)
if self.x != key:
    self.x, self.w = key, self.fc.weight.detach().clone()
return torch.tanh(self.norm(nn.functional.linear(x, self.w, self.fc.bias)))
""",
    "weights": """
if self.w is None or self.training:
    self.w = self.fc.weight.clone()
return torch.tanh(self.norm(nn.functional.linear(x, self.w, self.fc.bias)))
""",
}


@pytest.mark.parametrize("forward", KEPT.values(), ids=KEPT)
def test_what_is_kept_from_an_earlier_call_is_told(pair, told, x, rng, forward):
    mine, theirs = pair(forward, layers=f"{LAYERS}\nself.x = self.y = self.w = None")
    assert "kept" in told(assert_nothing_kept, mine, theirs, x, rng)


def test_a_module_that_keeps_nothing_passes(pair, x, rng):
    assert_nothing_kept(*pair(), x, rng)


HALF = """
with torch.autocast("cpu", torch.bfloat16, enabled=not torch.is_grad_enabled()):
    y = self.fc(x)
return torch.tanh(self.norm(y))"""
ROUNDED = HALF.replace("self.norm(y)", "self.norm(y.to(x.dtype))")
NOT_FLOAT32 = {
    "bfloat16 without gradients": (
        f"{HALF}.to(torch.bfloat16)",
        RIGHT,
        "the output has dtype bfloat16, expected float32.",
    ),
    "rounded on the way": (
        ROUNDED,
        RIGHT,
        "the output differs in # of 20 values, by up to # at [#, #]: it is not right to four digits.",
    ),
    "float64": (f"{RIGHT}.double()", RIGHT, "the output has dtype float64, expected float32."),
    "a mask": (
        f"{AFTER}return y > 0 if y.dtype == torch.float32 else y",
        RIGHT,
        "the output has dtype bool, expected float32.",
    ),
    "one of two": (f"{AFTER}return y, (2 * y).double()", TWO, "output 2 of 2 has dtype float64, expected float32."),
}


@pytest.mark.parametrize(("forward", "reference", "message"), NOT_FLOAT32.values(), ids=NOT_FLOAT32)
def test_another_precision_than_float32_is_told(pair, told, x, forward, reference, message):
    found = told(assert_same_in_float32, *pair(forward, reference), x)
    asked = "Block(width=3) in evaluation mode, under no_grad: all in float32: "
    hint = DTYPE if "has dtype" in message else "\nHint: In which precision is it computed?"
    assert matches(f"{asked}{message}{hint}", found)


def test_more_than_rounding_is_no_question_of_precision(pair, told, x):
    found = told(assert_same_in_float32, *pair(f"{AFTER}return y if torch.is_grad_enabled() else 2 * y", RIGHT), x)
    assert "under no_grad" in found
    assert "Hint: So much is more than rounding." in found


@pytest.mark.parametrize("forward", SAME_AS_RIGHT.values(), ids=SAME_AS_RIGHT)
def test_float32_as_asked_passes(pair, x, forward):
    assert_same_in_float32(*pair(forward), x)


def test_inputs_left_alone_pass(pair, x):
    assert_inputs_untouched(pair()[0], [x])
    assert_inputs_untouched(pair("y = x.clone(); y.zero_(); return self.fc(y)")[0], [x], "eval")


def test_an_input_that_is_not_a_number_is_left_alone(pair, x):
    assert_inputs_untouched(pair()[0], [x / 0])


CHANGES = "forward changes the input that the caller passed in, and must not."
WRITES = "forward writes into the input that the caller passed in (an in-place operation)."
TOUCHED = {
    "in place": ("x.add_(1); return x", CHANGES),
    "through data": ("x.data.add_(1); return x", CHANGES),
    "to require grad": (
        "x.requires_grad_(); return self.fc(x)",
        "forward sets requires_grad of the input that the caller passed in, and must not.",
    ),
    "gradients cleared": (
        "self.zero_grad(); return self.fc(x)",
        "forward changes the gradient that `fc.weight` has from an earlier backward pass; gradients add up.",
    ),
    "to not a number": ("x[0, 0] = torch.nan; return x", CHANGES),
    "in place without effect": ("x.mul_(1); return x", WRITES),
    "and put back": ("x.mul_(2).div_(2); return x", WRITES),
}


@pytest.mark.parametrize(("forward", "message"), TOUCHED.values(), ids=TOUCHED)
def test_a_touched_input_is_told(pair, told, x, forward, message):
    assert told(assert_inputs_untouched, pair(forward)[0], [x]) == f"Block(width=3) in training mode: {message}"


def test_a_touched_input_is_named(pair, told, rng):
    mine, _ = pair("more[0][1].zero_(); return x")
    inputs = [rng.randn(5, 3), (rng.randn(5, 4), rng.randn(5, 4))]
    assert "changes input 3 of 3 that" in told(assert_inputs_untouched, mine, inputs, "eval")
    assert "changes c that" in told(assert_inputs_untouched, mine, inputs, "eval", names=("x", "h", "c"))


def test_the_callers_own_tensors_stay_as_they_are(pair, told, x):
    before = x.clone()
    told(assert_inputs_untouched, pair("x.zero_()")[0], [x])
    assert torch.equal(x, before)


def test_a_module_without_memory_is_repeatable(pair, x):
    assert_repeatable(pair()[0], [x])
    assert_repeatable(pair(TWO)[0], [x])


REPEATED = {
    "counting": "self.n = getattr(self, 'n', 0) + 1; return x + self.n",
    "dropping": "return nn.functional.dropout(x, 0.5)",
    "growing": "self.n = getattr(self, 'n', 0) + 1; return (x,) * self.n",
    "giving up": "self.n = getattr(self, 'n', 0) + 1; return x if self.n == 1 else None",
    "changing its mind": "self.n = getattr(self, 'n', 0) + 1; return x if self.n == 1 else 3",
    "not a number": "self.n = getattr(self, 'n', 0) + 1; return x if self.n == 1 else x * torch.nan",
}


@pytest.mark.parametrize("forward", REPEATED.values(), ids=REPEATED)
def test_a_call_that_depends_on_the_last_one_is_told(pair, told, x, forward):
    assert told(assert_repeatable, pair(forward)[0], [x]) == (
        "Block(width=3) in evaluation mode: a second call with the same input gives another output."
    )


# -- weights ----------------------------------------------------------------------------------------------------------


def test_random_weights_tell_right_from_wrong(block, rng):
    module = block(layers="self.fc = nn.Linear(30, 40)\nself.norm = nn.BatchNorm1d(200)")
    randomise(module, rng)
    state = module.state_dict()
    assert {value.dtype for name, value in state.items() if "tracked" not in name} == {torch.float64}
    assert state["norm.weight"].min() < 0 < state["norm.weight"].max()
    assert state["norm.weight"].abs().min() >= 0.5
    assert state["norm.running_var"].min() >= 0.5
    assert state["norm.running_mean"].abs().max() > 0.1
    assert state["fc.bias"].abs().max() > 0.1
    assert 1.2 < state["fc.weight"].std() * 30**0.5 < 1.8


def test_random_weights_are_those_of_the_stream(block, rng):
    one, other = block(), block()
    drawn = randomise(one, rng), randomise(other, rng)
    assert drawn[0].draw != drawn[1].draw
    first = one.state_dict()["fc.weight"]
    assert not torch.equal(first, other.state_dict()["fc.weight"])
    other.load_state_dict(drawn[0])
    assert torch.equal(first, other.state_dict()["fc.weight"])


def test_weights_are_shared(block, rng):
    mine, theirs = block(), block()
    share_weights(mine, theirs, rng)
    assert all(torch.equal(mine.state_dict()[name], value) for name, value in theirs.state_dict().items())
    assert mine.state_dict()["fc.weight"].dtype is torch.float64


# -- messages ---------------------------------------------------------------------------------------------------------


EVERY_WRONG_FORWARD = {
    **{f"output: {name}": (assert_same_outputs, forward) for name, (forward, _) in OUTPUTS.items()},
    **{f"gradient: {name}": (assert_same_gradients, forward) for name, (forward, _) in GRADIENTS.items()},
    **{f"statistic: {name}": (assert_same_buffers, forward) for name, (forward, _) in BUFFERS.items()},
}


@pytest.mark.parametrize(("comparison", "forward"), EVERY_WRONG_FORWARD.values(), ids=EVERY_WRONG_FORWARD)
def test_no_message_holds_an_expected_tensor(pair, told, x, comparison, forward):
    message = told(comparison, *pair(forward), [x])
    assert "tensor(" not in message
    assert "[[" not in message
    # How far off is the only measured number that is told; the rest are counts, sizes and positions.
    assert len(re.findall(r"\d\.\d+(?:e-?\d+)?", message)) <= 1
    assert len(message) < 200


# -- the world around -------------------------------------------------------------------------------------------------

WORLDS = {
    "draws": ("torch.rand(3)", None),
    "seeds": (
        "torch.manual_seed(0)",
        "f sets the seed of `torch`: whatever draws random numbers later draws the same.",
    ),
    "float64": ("torch.set_default_dtype(torch.float64)", "f changes torch's default dtype from float32 to float64."),
    "no gradients": ("torch.set_grad_enabled(False)", "f leaves gradients switched off."),
}


@pytest.mark.parametrize(("line", "message"), WORLDS.values(), ids=WORLDS)
def test_what_code_leaves_behind_is_told(load, line, message):
    code = load(f"def f(): {line}\ndef undo(): torch.set_default_dtype(torch.float32)")
    with failures_noted() as noted:
        assert_world_untouched(code, code.f, "f")
    code.undo()
    assert [str(failure) for failure in noted.failures] == [message] * (message is not None)


def test_a_default_dtype_that_an_earlier_call_has_changed_is_told(load):
    code = load("def f(to=torch.float64): torch.set_default_dtype(to)\ndef g(): ...")
    code.f()
    with failures_noted() as noted:
        assert_world_untouched(code, code.g, "g")
    code.f(torch.float32)
    told = "A call before this one changes torch's default dtype from float32 to float64."
    assert [str(failure) for failure in noted.failures] == [told]


# -- how a tensor lies in memory --------------------------------------------------------------------------------------

NOT_CONTIGUOUS = {
    "transposed": lambda x: x.t().contiguous().t(),
    "a crop": lambda x: torch.cat([x, x], dim=1)[:, : x.shape[1]],
}


@pytest.mark.parametrize("lie", NOT_CONTIGUOUS.values(), ids=NOT_CONTIGUOUS)
def test_code_that_needs_its_input_in_one_piece_is_found_out(pair, x, lie):
    mine, theirs = pair("return torch.tanh(self.norm(self.fc(x.view(-1).view(5, 3))))")
    for ask in (assert_same_outputs, assert_same_gradients):
        ask(mine, theirs, [x])
        with pytest.raises(RuntimeError, match="view"):
            ask(mine, theirs, [lie(x)])


def test_code_that_writes_into_its_input_without_gradients_is_found_out(pair, x, told):
    mine, _ = pair("x = x.add_(1) if not torch.is_grad_enabled() else x + 1\nreturn self.fc(x)")
    assert_inputs_untouched(mine, [x])
    with torch.no_grad():
        assert "changes the input" in told(assert_inputs_untouched, mine, [x])


def test_a_message_says_that_it_was_under_no_grad(pair, x, told):
    mine, theirs = pair(f"{AFTER}return y + 1")
    with torch.no_grad():
        message = told(assert_same_outputs, mine, theirs, [x])
    assert message.startswith("Block(width=3) in evaluation mode, under no_grad: the output differs")


def test_layouts_hold_the_same_images_otherwise(rng):
    x = rng.randn(2, 3, 4, 5)
    found = layouts(x)
    assert len(found) == 3
    assert [what for what, same in found.items() if not torch.equal(same, x) or same.is_contiguous()] == []


# -- precision --------------------------------------------------------------------------------------------------------

FAR = "return 10 * self.norm(self.fc(x))"
ROUNDED = {
    "a rounded output": f"{FAR}.float().double()",
    "a rounded input": "return 10 * self.norm(self.fc(x.float().double()))",
    "a tiny constant": f"{FAR} * (1 + 3e-7)",
}


@pytest.mark.parametrize("forward", ROUNDED.values(), ids=ROUNDED)
def test_so_little_that_it_is_a_matter_of_precision_is_told_as_that(pair, rng, forward):
    mine, theirs = pair(forward, FAR)
    x = rng.randn(50, 3)
    with failures_noted() as noted:
        assert_same_outputs(mine, theirs, [x])
        assert_same_gradients(mine, theirs, [x])
    assert "computing or rounding in float32" in str(noted.failures[0])
    # It shows in every quantity, and is one difference all the same.
    assert {failure.difference for failure in noted.failures} == {("any quantity", "precision")}


def test_a_small_slip_is_not_taken_for_a_matter_of_precision(pair, x, told):
    mine, theirs = pair(f"{FAR} * (1 + 1e-6)", FAR)
    assert "float32" not in told(assert_same_outputs, mine, theirs, [x])


# -- several objects --------------------------------------------------------------------------------------------------

SEPARATE = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)
    def forward(self, x):
        return self.fc(x)
"""
SHARED = {
    "a layer": (
        "layer = nn.Linear(3, 4)\n" + SEPARATE.replace("self.fc = nn.Linear(3, 4)", "self.fc = layer"),
        "Block() and a second one made alike share `fc.weight`, `fc.bias`: converting one converts the other.",
    ),
    "what the class keeps": (
        SEPARATE.replace(
            "return self.fc(x)", "Block.kept = getattr(Block, 'kept', self.fc)\n        return Block.kept(x)"
        ),
        "Block() beside a second one made alike, with other weights: the output differs",
    ),
}


def test_separate_objects_are_accepted_in_any_dtype(load, rng, x):
    for text in (SEPARATE, SEPARATE.replace("nn.Linear(3, 4)", "nn.Linear(3, 4).double()")):
        assert_separate_objects(load(text).Block, load(SEPARATE).Block, [x], rng)


@pytest.mark.parametrize(("text", "message"), SHARED.values(), ids=SHARED)
def test_what_objects_share_is_told(load, rng, x, told, text, message):
    assert message in told(assert_separate_objects, load(text).Block, load(SEPARATE).Block, [x], rng)
