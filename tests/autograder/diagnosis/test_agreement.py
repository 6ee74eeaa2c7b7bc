"""When two records count as the same behaviour: values, gradients, effects, errors; and what is only style."""

from __future__ import annotations

import pytest
import torch

from autograder.diagnosis.agreement import Agreement, Answers
from autograder.sandbox.protocol import (
    Around,
    Attribute,
    Backward,
    Call,
    Described,
    Effect,
    LoadState,
    Message,
    Misfits,
    Modules,
    Parts,
    Raised,
    Returned,
    Row,
    State,
    Value,
    WireTensor,
    World,
)
from autograder.sandbox.record import Exchange, Record
from autograder.sandbox.values import Encoder
from autograder.suite.failures import Statistic

NAN = float("nan")
MODULE = 2
"""Number of the module that the records are about."""
NOTHING = {"u": []}, {"d": []}


class Objects(Encoder):
    """Encodes as a host does: what is no data stays there."""

    def other(self, value, depth):
        return {"k": [id(value) % 1000, type(value).__name__]}


def exchange(question, reply, tensors=(), given=()):
    return Exchange(Message(question, list(given)), Message(reply, list(tensors)))


def returned(question, value, effects=(), given=(), call=0, more=(), drew=False):
    encoder = Objects()
    tree = encoder.value(value)
    tensors = [*encoder.tensors, *map(WireTensor, more)]
    return exchange(question, Returned(call=call, result=tree, effects=list(effects), drew=drew), tensors, given)


def called(value, name="clip_grad", **fields):
    """A call of a function of the file."""
    return returned(Call({"s": name}, *NOTHING, 0), value, **fields)


def forward(value, **fields):
    """A call of the module."""
    return returned(Call({"o": MODULE}, *NOTHING, 0), value, **fields)


def backward(*grads, call=0):
    return returned(Backward(call, {"l": []}), list(grads))


def attribute(value):
    encoder = Objects()
    return exchange(Attribute(MODULE, "x"), Value(encoder.value(value)), encoder.tensors)


def raised(builtin, text, name="clip_grad"):
    return exchange(Call({"s": name}, *NOTHING, 0), Raised(type=builtin, builtin=builtin, text=text, frames=[]))


def lost(type_name):
    return Exchange(Message(Call({"s": "clip_grad"}, *NOTHING, 0)), None, type_name)


def state(values, grads=(), requires_grad=True):
    """The state of the module."""
    tensors = [WireTensor(tensor) for tensor in (*values.values(), *dict(grads).values())]
    rows = [
        Row(
            name,
            list(value.shape),
            str(value.dtype).removeprefix("torch."),
            "cpu",
            requires_grad,
            True,
            True,
            place,
            len(values) + list(dict(grads)).index(name) if name in dict(grads) else None,
        )
        for place, (name, value) in enumerate(values.items())
    ]
    return exchange(State(MODULE), Described(rows), tensors)


def loading(values, *, misfits=None):
    places = {name: place for place, name in enumerate(values)}
    given = [WireTensor(value) for value in values.values()]
    return exchange(LoadState(MODULE, places), misfits or Misfits([], [], [], True), given=given)


def made(drew=True):
    """The module is made by the code, which draws its weights."""
    return exchange(
        Call({"s": "Layer"}, *NOTHING, 0), Returned(call=0, result={"k": [MODULE, "M", True]}, effects=[], drew=drew)
    )


def agreement(one, other):
    """Of two exchanges, or two lists of them: how far each agrees."""
    one, other = (Answers(Record(each if isinstance(each, list) else [each])) for each in (one, other))
    forth, back = one.agreement(other), other.agreement(one)
    assert forth == back
    return forth


def agree(one, other):
    return set(agreement(one, other)) <= {Agreement.VALUES}


def doubles(*values):
    return torch.tensor(values, dtype=torch.float64)


# -- results ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (doubles(1.0, 2.0), doubles(1.0, 2.0 + 1e-12)),
        (doubles(NAN, 2.0), doubles(NAN, 2.0)),
        (torch.tensor([0.1]), torch.tensor([0.1 + 1e-6])),
        (torch.tensor([True]), torch.tensor([True])),
        (torch.empty(2, 3, device="meta"), torch.empty(2, 3, device="meta")),
        (0.1, 0.1 + 1e-12),
        ((doubles(1.0), doubles(2.0)), [doubles(1.0), doubles(2.0)]),
        ({"a": doubles(1.0), "b": None}, {"b": None, "a": doubles(1.0)}),
        ({1, 2}, object()),
    ],
    ids=["rounding", "NaN", "float32", "bool", "meta", "numbers", "tuple and list", "dicts", "objects"],
)
def test_results_that_are_alike(one, other):
    assert agree(called(one), called(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (doubles(1.0, 2.0), doubles(1.0, 2.0 + 1e-5)),
        (doubles(1e-3), doubles(1e-3 + 1e-8)),
        (doubles(NAN, 2.0), doubles(0.0, 2.0)),
        (doubles(1.0, 2.0), doubles(1.0, 2.0, 3.0)),
        (doubles(1.0, 2.0), doubles(1.0, 2.0).reshape(2, 1)),
        (doubles(1.0), doubles(1.0).float()),
        (torch.tensor([1]), torch.tensor([2])),
        (torch.empty(2, 3, device="meta"), torch.empty(2, 4, device="meta")),
        (torch.empty(2, 3, device="meta"), torch.zeros(2, 3)),
        (doubles(5.0).squeeze(), 5.0),
        (0.1, 0.1 + 1e-6),
        ((doubles(1.0), doubles(2.0)), (doubles(1.0),)),
        ((doubles(1.0), doubles(2.0)), (doubles(2.0), doubles(1.0))),
        (doubles(1.0), None),
        (1, True),
        ({1, 2}, doubles(1.0)),
        (b"a", "a"),
    ],
)
def test_results_that_differ(one, other):
    assert not agree(called(one), called(other))


def test_an_argument_that_comes_back_is_another_result_than_an_equal_tensor():
    given = [WireTensor(doubles(1.0))]
    question = Call({"s": "f"}, {"u": [{"t": 0}]}, {"d": []}, 0)
    itself = exchange(question, Returned(call=0, result={"a": 0}, effects=[]), given=given)
    assert agree(itself, itself)
    assert not agree(itself, returned(question, doubles(1.0), given=given))


def test_what_went_through_single_precision_is_compared_in_it():
    """A gradient of float64 weights that comes out of a float32 computation."""
    one, other = doubles(0.3), doubles(0.3 + 1e-6)
    single = called(torch.tensor([0.1]))
    assert agree([single, backward(one)], [single, backward(other)])
    assert not agree([called(doubles(0.1)), backward(one)], [called(doubles(0.1)), backward(other)])
    assert not agree([single, called(one)], [single, called(one.float())])


# -- the same questions -----------------------------------------------------------------------------------------------


def test_empty_records_are_alike():
    assert agree([], [])


def test_other_questions_are_not_alike():
    assert not agree([called(1)], [called(1), called(1)])
    assert not agree(called(None, name="clip_grad"), called(None, name="clip_grad_value"))
    assert not agree(called(None), forward(None))
    assert not agree(backward(None, call=1), backward(None, call=2))


# -- effects on arguments ---------------------------------------------------------------------------------------------


def effect_on(before, after, bumped=True):
    return called(None, effects=[Effect(0, value=0, bumped=bumped)], given=[WireTensor(before)], more=[after])


def with_grad(grad):
    return [WireTensor(doubles(0.0, 0.0), grad=1), WireTensor(grad)]


def rebound(before, after):
    return called(None, effects=[Effect(0, grad_rebound=True, grad=0)], given=with_grad(before), more=[after])


def test_effects_are_compared_by_value():
    before = doubles(3.0, 4.0)
    assert agree(effect_on(before, doubles(0.6, 0.8)), effect_on(before, doubles(0.6, 0.8)))
    assert not agree(effect_on(before, doubles(0.6, 0.8)), effect_on(before, doubles(0.3, 0.4)))
    assert not agree(effect_on(before, doubles(0.6, 0.8)), called(None))


def test_by_which_door_a_tensor_was_written_to_is_style():
    before, after = doubles(3.0, 4.0), doubles(0.6, 0.8)
    assert agree(effect_on(before, after), effect_on(before, after, bumped=False))


def test_writing_what_was_there_changes_nothing():
    before = doubles(3.0, NAN)
    assert agree(effect_on(before, before.clone()), called(None))
    assert agree(rebound(before, before.clone()), called(None))


def test_a_new_gradient_is_not_a_gradient_that_was_written_to():
    before, after = doubles(3.0, 4.0), doubles(0.6, 0.8)
    in_place = called(None, effects=[Effect(1, value=0, bumped=True)], given=with_grad(before), more=[after])
    assert agree(rebound(before, after), rebound(before, after))
    assert not agree(rebound(before, after), rebound(before, 2 * after))
    assert not agree(rebound(before, after), in_place)


@pytest.mark.parametrize(
    "effect", [Effect(0, grad_rebound=True), Effect(0, requires_grad=True), Effect(0, hooked=True)], ids=str
)
def test_other_effects_are_compared_too(effect):
    changed = called(None, effects=[effect], given=with_grad(doubles(1.0, 2.0)))
    assert agree(changed, changed)
    assert not agree(changed, called(None))


# -- gradients --------------------------------------------------------------------------------------------------------


def test_no_gradient_and_a_zero_gradient_are_alike():
    zero, some = doubles(0.0, 0.0), doubles(0.0, 1.0)
    for gradient in (backward, lambda grad: state({"w": zero}, {} if grad is None else {"w": grad})):
        assert agree(gradient(None), gradient(zero))
        assert agree(gradient(some), gradient(some))
        assert not agree(gradient(None), gradient(some))
        assert not agree(gradient(zero), gradient(some))


def test_gradients_belong_to_arguments():
    one, other = doubles(1.0), doubles(2.0)
    assert agree(backward(one, other), backward(one, other))
    assert not agree(backward(one, other), backward(other, one))
    assert not agree(backward(one), backward(one, other))


# -- parameters and buffers -------------------------------------------------------------------------------------------

WEIGHTS = {"weight": torch.arange(6.0).reshape(3, 2), "bias": torch.ones(3)}


def test_the_order_of_parameters_is_style():
    assert agree(state(WEIGHTS), state(dict(reversed(WEIGHTS.items()))))


def test_a_linear_layer_may_be_a_1x1_convolution():
    assert agree(state(WEIGHTS), state({**WEIGHTS, "weight": WEIGHTS["weight"][:, :, None, None]}))
    assert not agree(state(WEIGHTS), state({**WEIGHTS, "weight": WEIGHTS["weight"][:, :, None]}))


def test_the_counter_of_batches_is_style():
    assert agree(state(WEIGHTS), state({**WEIGHTS, "num_batches_tracked": torch.tensor(3)}))


def test_states_differ_in_names_values_gradients_and_flags():
    assert not agree(state(WEIGHTS), state({"weight": WEIGHTS["weight"]}))
    assert not agree(state(WEIGHTS), state({**WEIGHTS, "bias": torch.zeros(3)}))
    assert not agree(state(WEIGHTS), state(WEIGHTS, requires_grad=False))
    assert not agree(state(WEIGHTS), state(WEIGHTS, grads={"bias": torch.ones(3)}))
    assert agree(state(WEIGHTS), state(WEIGHTS, grads={"bias": torch.zeros(3)}))


def test_the_order_of_misfits_is_style():
    def report(*missing, misshapen=()):
        return loading(WEIGHTS, misfits=Misfits(list(missing), [], list(misshapen), False))

    assert agree(report("a", "b"), report("b", "a"))
    assert not agree(report("a", "b"), report("a"))
    linear, convolution = ("fc", [3, 2], [4, 2]), ("fc", [3, 2], [4, 2, 1, 1])
    assert agree(report(misshapen=[linear]), report(misshapen=[convolution]))
    assert not agree(report(misshapen=[linear]), report(misshapen=[("fc", [3, 2], [5, 2])]))


def test_of_modules_only_the_modes_of_common_names_count():
    def modules(**modes):
        return exchange(Modules(MODULE), Parts([(name, name, mode) for name, mode in modes.items()]))

    assert agree(modules(bn1=True), modules(bn1=True, relu=False))
    assert agree(modules(bn1=True, Linear=True), modules(bn1=True, Linear=False))
    assert not agree(modules(bn1=True), modules(bn1=False))


def test_what_was_left_to_whoever_comes_next_is_compared():
    def looked(**changes):
        fields = {"reset": [], "default_dtype": "float32", "grad_enabled": True, **changes}
        return exchange(World(), Around(**fields))

    assert agree(looked(), looked())
    assert not agree(looked(), looked(reset=["torch"]))
    assert not agree(looked(), looked(grad_enabled=False))


# -- errors -----------------------------------------------------------------------------------------------------------


def test_an_error_is_not_an_answer():
    assert not agree(raised("TypeError", "no"), called(None))


NOT_THERE = [
    ("TypeError", "unsupported operand type(s) for +: 'Tensor' and 'NoneType'"),
    ("TypeError", "LSTMCell.forward() missing 1 required positional argument: 'state'"),
    ("AttributeError", "'LSTMCell' object has no attribute 'bias_ih'"),
]
DTYPES = [
    ("RuntimeError", "mat1 and mat2 must have the same dtype, but got Float and Double"),
    ("RuntimeError", "Input type (torch.FloatTensor) and weight type (torch.DoubleTensor) should be the same"),
    ("RuntimeError", "expected scalar type Float but found Double"),
]
SHAPES = [
    ("RuntimeError", "The size of tensor a (5) must match the size of tensor b (7) at non-singleton dimension 3"),
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (2x8 and 512x5)"),
    ("IndexError", "too many indices for tensor of dimension 1"),
    ("ValueError", "not enough values to unpack (expected 2, got 1)"),
]


@pytest.mark.parametrize("errors", [NOT_THERE, DTYPES, SHAPES], ids=["not there", "dtypes", "shapes"])
def test_beside_answers_errors_about_the_same_thing_are_alike(errors):
    """Which of them a slip raises depends on how the line is written."""
    fine = called(doubles(1.0))
    assert all(agree([fine, raised(*one)], [fine, raised(*other)]) for one in errors for other in errors)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NOT_THERE[0], DTYPES[0]),
        (DTYPES[0], SHAPES[0]),
        (SHAPES[0], NOT_THERE[0]),
        (SHAPES[0], ("ValueError", "no head found")),
        (("KeyError", "'fc'"), ("ValueError", "no head found")),
    ],
)
def test_beside_answers_errors_about_other_things_are_not_alike(one, other):
    fine = called(doubles(1.0))
    assert not agree([fine, raised(*one)], [fine, raised(*other)])


def test_beside_answers_the_words_of_an_error_are_the_authors():
    fine = called(doubles(1.0))
    assert agree([fine, raised("ValueError", "no head found")], [fine, raised("ValueError", "what is this model?")])
    assert not agree([fine, raised("ValueError", "no head")], [raised("ValueError", "no head"), fine])


def test_where_nothing_but_errors_came_their_words_decide():
    assert agree(raised("RuntimeError", "size 3 against 5"), raised("RuntimeError", "size 5 against 3"))
    assert not agree(raised("RuntimeError", "size 3 against 5"), raised("RuntimeError", "shape 3 against 5"))
    assert not agree(raised("RuntimeError", "the same"), raised("ValueError", "the same"))


def test_words_are_the_same_in_whatever_order():
    """Which operand an error names first is how the line is written."""

    def same_words(one, other):
        return Answers(Record([called(None), one])).same_words(Answers(Record([called(None), other])))

    one = raised("RuntimeError", "3 against 5")
    assert same_words(one, raised("RuntimeError", "5 against 3"))
    assert not same_words(one, raised("RuntimeError", "3 against 7"))
    assert same_words(lost("Timeout"), lost("Timeout"))


def test_what_missed_a_none_first_is_style():
    one = raised("AttributeError", "'NoneType' object has no attribute 'mul_'")
    other = raised("TypeError", "argument 'input' must be Tensor, not NoneType")
    assert agree(one, other)
    assert not agree(one, raised("AttributeError", "'Tensor' object has no attribute 'scale_'"))


# -- lost answers -----------------------------------------------------------------------------------------------------


def test_lost_answers_are_alike_when_they_were_lost_alike():
    assert agree(lost("Timeout"), lost("Timeout"))
    assert not agree(lost("Timeout"), lost("Died"))
    assert not agree(lost("Timeout"), called(None))
    assert not agree(lost("Timeout"), raised("RuntimeError", "Timeout"))


# -- weights of the code's own ----------------------------------------------------------------------------------------

OTHERS = {**WEIGHTS, "weight": WEIGHTS["weight"] + 1}
VALUES, FORM, NONE = Agreement.VALUES, Agreement.FORM, Agreement.NONE


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (doubles(1.0), doubles(1.0), VALUES),
        (doubles(1.0), doubles(2.0), FORM),
        (0.5, 0.7, FORM),
        (doubles(1.0), doubles(1.0, 2.0), NONE),
        (doubles(1.0), torch.tensor([1.0]), NONE),
        (doubles(1.0), None, NONE),
    ],
    ids=str,
)
def test_what_a_module_with_drawn_weights_returns_agrees_in_form_at_least(one, other, expected):
    assert agreement([made(), forward(one)], [made(), forward(other)]) == [VALUES, expected]


def test_a_module_of_the_library_draws_the_same_everywhere():
    library = returned(Call({"n": "torch.nn.Linear"}, *NOTHING, 0), None)
    assert agreement([library, forward(1.0)], [library, forward(2.0)]) == [VALUES, NONE]


def test_a_module_that_was_given_to_the_code_may_hold_values_that_it_has_drawn():
    question = Call({"s": "replace_head"}, {"u": [{"o": MODULE}]}, {"d": []}, 0)
    given = returned(question, None, drew=True)
    assert agreement([given, forward(1.0)], [given, forward(2.0)]) == [VALUES, FORM]
    given = returned(question, None)
    assert agreement([given, forward(1.0)], [given, forward(2.0)]) == [VALUES, NONE]


def test_a_module_that_is_made_without_random_numbers_has_values_to_compare():
    assert agreement([made(drew=False), state(WEIGHTS)], [made(drew=False), state(OTHERS)]) == [VALUES, NONE]


def test_the_state_of_drawn_weights_agrees_in_form_where_all_else_is_equal():
    assert agreement([made(), state(WEIGHTS)], [made(), state(OTHERS)]) == [VALUES, FORM]
    frozen = state(OTHERS, requires_grad=False)
    assert agreement([made(), state(WEIGHTS)], [made(), frozen]) == [VALUES, NONE]


def test_the_gradients_of_a_call_with_drawn_weights_agree_in_form():
    one, other = ([made(), forward(doubles(v), call=9), backward(doubles(v), call=9)] for v in (1.0, 2.0))
    assert agreement(one, other) == [VALUES, FORM, FORM]


def test_loading_the_same_weights_makes_modules_comparable():
    one, other = ([made(), loading(WEIGHTS), forward(value)] for value in (1.0, 2.0))
    assert agreement(one, other) == [VALUES, VALUES, NONE]


def test_loading_other_weights_makes_modules_incomparable():
    one, other = ([loading(values), forward(value)] for values, value in ((WEIGHTS, 1.0), (OTHERS, 2.0)))
    assert agreement(one, other) == [VALUES, FORM]


def test_a_part_of_a_module_with_drawn_weights_has_drawn_weights():
    part = exchange(Attribute(MODULE, "fc"), Value({"k": [8, "Linear", True]}))
    one, other = ([made(), part, returned(Call({"o": 8}, *NOTHING, 0), value)] for value in (1.0, 2.0))
    assert agreement(one, other) == [VALUES, VALUES, FORM]


# -- what is derived from random draws --------------------------------------------------------------------------------


def drawn(seed, *statistics):
    """The answers of a check about random draws: other ones each time, and what was derived from them."""
    values = torch.randn(5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return Answers(Record([called(values, name="draw")]), [Statistic(*statistic) for statistic in statistics])


def test_draws_may_differ_where_the_statistics_agree():
    one, other = drawn(0, ("the spread", 1.0, 0.1)), drawn(1, ("the spread", 1.15, 0.1))
    assert one.agreement(other) == [Agreement.FORM, Agreement.VALUES]


def test_statistics_that_are_further_apart_than_both_bands_disagree():
    one, other = drawn(0, ("the spread", 1.0, 0.1)), drawn(1, ("the spread", 1.3, 0.1))
    assert Agreement.NONE in one.agreement(other)


def test_other_statistics_disagree():
    one, other = drawn(0, ("the spread", 1.0, 0.1)), drawn(1, ("the mean", 1.0, 0.1))
    assert Agreement.NONE in one.agreement(other)
    assert Agreement.NONE in one.agreement(drawn(1))


def test_draws_that_differ_disagree_without_a_statistic():
    assert Agreement.NONE in drawn(0).agreement(drawn(1))
    assert drawn(0).agreement(drawn(0)) == [Agreement.VALUES]
