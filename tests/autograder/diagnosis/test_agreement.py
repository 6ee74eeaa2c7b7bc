"""When two transcripts count as the same behaviour: values, gradients, effects, errors; and what is only style."""

from __future__ import annotations

import json

import pytest
import torch

from autograder.diagnosis.agreement import Agreement, agreement, alike, same_words
from autograder.diagnosis.transcript import Exchange, Transcript
from autograder.sandbox.values import Encoder, Handle, Message, WireTensor

NAN = float("nan")
MODULE = 2
"""Number of the module that the transcripts are about."""


def message(value):
    encoder = Encoder(lambda item: item.number if isinstance(item, Handle) else None)
    return Message(encoder.value(value), encoder.tensors)


def answered(operation, value, **fields):
    return Exchange(operation, fields.pop("name", ""), message({"ok": value}), **fields)


def called(result, effects=(), name="clip_grad", call=1, **fields):
    return answered("call", {"call": call, "result": result, "effects": list(effects)}, name=name, **fields)


def raised(builtin, text, name="clip_grad"):
    error = {"type": builtin, "builtin": builtin, "text": text, "frames": []}
    return Exchange("call", name, message({"error": error}))


def lost(type_name):
    return Exchange("call", "clip_grad", type_name)


def state_of(values, grads=None, requires_grad=True):
    """What a host answers to "state"."""
    described = [
        [name, list(value.shape), str(value.dtype).removeprefix("torch."), "cpu", requires_grad, True, True]
        for name, value in values.items()
    ]
    return {
        "described": json.dumps(described),
        "values": list(values.values()),
        "grads": [(grads or {}).get(name) for name in values],
    }


def agree(one, other):
    """Of two exchanges, or two lists of them."""
    one, other = (Transcript(each if isinstance(each, list) else [each]) for each in (one, other))
    forth, back = alike(one, other), alike(other, one)
    assert forth == back
    return forth


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
        (Handle(5), Handle(7)),
        ({1, 2}, {3}),
    ],
    ids=[
        "rounding",
        "NaN",
        "float32",
        "bool",
        "meta",
        "numbers",
        "tuple and list",
        "dicts",
        "modules",
        "objects of a type",
    ],
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
        (Handle(5), doubles(1.0)),
        ({1, 2}, object()),
    ],
)
def test_results_that_differ(one, other):
    assert not agree(called(one), called(other))


def test_what_went_through_single_precision_is_compared_in_it():
    """A gradient of float64 weights that comes out of a float32 computation."""
    one, other = doubles(0.3), doubles(0.3 + 3e-8)
    single = called(torch.tensor([0.1]))
    grads = [[single, answered("grads", {"weight": value})] for value in (one, other + 1e-6)]
    assert agree(*grads)
    assert not agree(*[[called(doubles(0.1)), answered("grads", {"weight": value})] for value in (one, other + 1e-6)])
    assert not agree([single, called(one)], [single, called(one.float())])


# -- the same questions -----------------------------------------------------------------------------------------------


def test_empty_transcripts_are_alike():
    assert agree([], [])


def test_other_questions_are_not_alike():
    assert not agree([called(1)], [called(1), called(1)])
    assert not agree(called(None, name="clip_grad"), called(None, name="clip_grad_value"))
    assert not agree(answered("train", None), answered("cast", None))


# -- effects on arguments ---------------------------------------------------------------------------------------------


def effect_on(before, after, bumped=1):
    return called(None, [{"index": 0, "bumped": bumped, "value": after}], before=[WireTensor(before)])


def with_grad(grad):
    return [WireTensor(doubles(0.0, 0.0), grad=1), WireTensor(grad)]


def rebound(before, after):
    return called(None, [{"index": 0, "grad": "rebound", "grad_value": after}], before=with_grad(before))


def test_effects_are_compared_by_value():
    before = doubles(3.0, 4.0)
    assert agree(effect_on(before, doubles(0.6, 0.8)), effect_on(before, doubles(0.6, 0.8)))
    assert not agree(effect_on(before, doubles(0.6, 0.8)), effect_on(before, doubles(0.3, 0.4)))
    assert not agree(effect_on(before, doubles(0.6, 0.8)), called(None))


def test_how_often_and_by_which_door_a_tensor_was_written_to_is_style():
    before, after = doubles(3.0, 4.0), doubles(0.6, 0.8)
    assert agree(effect_on(before, after, bumped=1), effect_on(before, after, bumped=2))
    assert agree(effect_on(before, after, bumped=1), effect_on(before, after, bumped=0))


def test_writing_what_was_there_changes_nothing():
    before = doubles(3.0, NAN)
    assert agree(effect_on(before, before.clone()), called(None))
    assert agree(rebound(before, before.clone()), called(None))


def test_a_new_gradient_is_not_a_gradient_that_was_written_to():
    before, after = doubles(3.0, 4.0), doubles(0.6, 0.8)
    in_place = called(None, [{"index": 1, "bumped": 1, "value": after}], before=with_grad(before))
    assert agree(rebound(before, after), rebound(before, after))
    assert not agree(rebound(before, after), rebound(before, 2 * after))
    assert not agree(rebound(before, after), in_place)


def test_a_cleared_gradient_is_an_effect():
    cleared = called(None, [{"index": 0, "grad": "cleared", "grad_value": None}], before=with_grad(doubles(1.0, 2.0)))
    assert agree(cleared, cleared)
    assert not agree(cleared, called(None))


# -- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["grads", "backward"])
def test_no_gradient_and_a_zero_gradient_are_alike(operation):
    def exchange(gradient):
        return answered(operation, {"grads": {"weight": gradient}, "backward": [gradient]}[operation])

    zero, some = doubles(0.0, 0.0), doubles(0.0, 1.0)
    assert agree(exchange(None), exchange(zero))
    assert agree(exchange(some), exchange(some))
    assert not agree(exchange(None), exchange(some))
    assert not agree(exchange(zero), exchange(some))


def test_gradients_belong_to_names():
    one, other = doubles(1.0), doubles(2.0)
    assert agree(answered("grads", {"a": one, "b": other}), answered("grads", {"b": other, "a": one}))
    assert not agree(answered("grads", {"a": one, "b": other}), answered("grads", {"a": other, "b": one}))
    assert not agree(answered("grads", {"a": one}), answered("grads", {"c": one}))


def test_gradients_of_a_linear_layer_and_a_1x1_convolution_are_alike():
    weight = torch.arange(6.0).reshape(3, 2)
    assert agree(answered("grads", {"fc": weight}), answered("grads", {"fc": weight[:, :, None, None]}))
    assert not agree(answered("grads", {"fc": weight}), answered("grads", {"fc": weight.T[:, :, None, None]}))


# -- parameters and buffers -------------------------------------------------------------------------------------------

WEIGHTS = {"weight": torch.arange(6.0).reshape(3, 2), "bias": torch.ones(3)}


def state(values, **fields):
    return answered("state", state_of(values, **fields))


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
        return answered("load_state", {"missing": list(missing), "unexpected": [], "misshapen": list(misshapen)})

    assert agree(report("a", "b"), report("b", "a"))
    assert not agree(report("a", "b"), report("a"))
    linear, convolution = ["fc", (3, 2), (4, 2)], ["fc", (3, 2), (4, 2, 1, 1)]
    assert agree(report(misshapen=[linear]), report(misshapen=[convolution]))
    assert not agree(report(misshapen=[linear]), report(misshapen=[["fc", (3, 2), (5, 2)]]))


def test_of_modules_only_the_modes_of_common_names_count():
    def modules(**modes):
        return answered("modules", {name: {"type": name, "training": mode} for name, mode in modes.items()})

    assert agree(modules(bn1=True), modules(bn1=True, relu=False))
    assert agree(modules(bn1=True, Linear=True), modules(bn1=True, Linear=False))
    assert not agree(modules(bn1=True), modules(bn1=False))


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
    fine, one, other = called(None), raised("RuntimeError", "3 against 5"), raised("RuntimeError", "3 against 7")
    assert same_words(Transcript([fine, one]), Transcript([fine, raised("RuntimeError", "5 against 3")]))
    assert not same_words(Transcript([fine, one]), Transcript([fine, other]))
    assert same_words(Transcript([lost("Timeout")]), Transcript([lost("Timeout")]))


def test_what_missed_a_none_first_is_style():
    one = raised("AttributeError", "'NoneType' object has no attribute 'mul_'")
    other = raised("TypeError", "argument 'input' must be Tensor, not NoneType")
    assert agree(one, other)
    assert not agree(one, raised("AttributeError", "'Tensor' object has no attribute 'scale_'"))


# -- lost and malformed answers ---------------------------------------------------------------------------------------


def test_lost_answers_are_alike_when_they_were_lost_alike():
    assert agree(lost("Timeout"), lost("Timeout"))
    assert not agree(lost("Timeout"), lost("Died"))
    assert not agree(lost("Timeout"), called(None))
    assert not agree(lost("Timeout"), raised("RuntimeError", "Timeout"))


@pytest.mark.parametrize(
    "body",
    [
        {"d": [["ok", {"t": 7}]]},
        {"d": [["ok", {"nonsense": 1}]]},
        {"d": [["error", 3]]},
        {"d": []},
        {"l": [1, 2]},
        {"d": [["ok", {"d": [["described", "["], ["values", {"l": []}], ["grads", {"l": []}]]}]]},
        {"d": [["ok", {"d": [["described", '[["a",[2],"float32","cpu",true,true,true]]'], ["values", {"l": []}]]}]]},
    ],
)
@pytest.mark.parametrize("operation", ["call", "state", "grads", "backward", "load_state", "modules", "attribute"])
def test_malformed_answers_are_never_alike_to_good_ones(operation, body):
    """They come from a hostile worker; comparing them must not raise."""
    good = {
        "call": {"call": 1, "result": None, "effects": []},
        "state": state_of(WEIGHTS),
        "grads": {"a": doubles(1.0)},
        "backward": [doubles(1.0)],
        "load_state": {"missing": [], "unexpected": [], "misshapen": []},
        "modules": {"a": {"type": "ReLU", "training": True}},
        "attribute": 3,
    }
    assert not agree(Exchange(operation, "", Message(body)), answered(operation, good[operation]))


# -- weights of the code's own ----------------------------------------------------------------------------------------


def told(values):
    return {MODULE: message({"ok": state_of(values)})}


def output(value, values, **fields):
    return called(value, name="", subject=MODULE, told=told(values), **fields)


def loaded(values):
    report = {"missing": [], "unexpected": [], "misshapen": [], "loaded": True}
    return answered("load_state", report, subject=MODULE, loaded=values)


OTHERS = {**WEIGHTS, "weight": WEIGHTS["weight"] + 1}


def test_modules_with_equal_weights_are_compared_by_value():
    assert agree(output(doubles(1.0), WEIGHTS), output(doubles(1.0), WEIGHTS))
    assert not agree(output(doubles(1.0), WEIGHTS), output(doubles(2.0), WEIGHTS))


def test_modules_with_other_weights_agree_in_form_at_most():
    def degree(one, other):
        return agreement(Transcript([one]), Transcript([other]))

    assert degree(output(doubles(1.0), WEIGHTS), output(doubles(2.0), OTHERS)) is Agreement.FORM
    assert degree(output(doubles(1.0), WEIGHTS), output(doubles(1.0), OTHERS)) is Agreement.FORM
    assert degree(output(doubles(1.0), WEIGHTS), output(doubles(1.0, 2.0), OTHERS)) is Agreement.NONE
    assert degree(output(doubles(1.0), WEIGHTS), output(torch.tensor([1.0]), OTHERS)) is Agreement.NONE


def test_the_gradients_of_a_call_with_other_weights_agree_in_form():
    def exchanges(weights, value):
        return Transcript([output(doubles(value), weights, call=9), answered("backward", [doubles(value)], subject=9)])

    assert agreement(exchanges(WEIGHTS, 1.0), exchanges(OTHERS, 2.0)) is Agreement.FORM
    assert agreement(exchanges(WEIGHTS, 1.0), exchanges(WEIGHTS, 2.0)) is Agreement.NONE


def test_loading_the_same_weights_makes_modules_comparable():
    then = called(doubles(1.0), name="", subject=MODULE)
    first = [output(doubles(value), weights) for value, weights in ((1.0, WEIGHTS), (2.0, OTHERS))]
    later = called(doubles(3.0), name="", subject=MODULE)
    assert agreement(*(Transcript([one, loaded(WEIGHTS), then]) for one in first)) is Agreement.FORM
    same, other = (Transcript([one, loaded(WEIGHTS), two]) for one, two in zip(first, (then, later), strict=True))
    assert agreement(same, other) is Agreement.NONE
    assert agree([loaded(WEIGHTS), then], [loaded(WEIGHTS), then])


def test_loading_other_weights_makes_modules_incomparable():
    one, other = (called(doubles(value), name="", subject=MODULE) for value in (1.0, 2.0))
    transcripts = Transcript([loaded(WEIGHTS), one]), Transcript([loaded(OTHERS), other])
    assert agreement(*transcripts) is Agreement.FORM


def test_a_part_of_a_module_with_other_weights_has_other_weights():
    def exchanges(weights, value):
        part = answered("submodule", Handle(8), subject=MODULE)
        return Transcript([output(doubles(value), weights), part, called(doubles(value), name="", subject=8)])

    assert agreement(exchanges(WEIGHTS, 1.0), exchanges(OTHERS, 2.0)) is Agreement.FORM


def test_a_report_whose_sizes_are_no_numbers_is_compared_all_the_same():
    odd = torch.ones(2)
    report = {"missing": [], "unexpected": [], "misshapen": [["w", (3, 3, odd, odd), (3, 3, 1, 1)]], "loaded": True}
    plain = {**report, "misshapen": [["w", (3, 3, 1, 1), (3, 3, 1, 1)]]}
    assert not agree(answered("load_state", report), answered("load_state", plain))
