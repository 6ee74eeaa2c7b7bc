"""Answers that are messages, but made to cost the grader time or memory, or to raise where nobody expects it."""

from __future__ import annotations

import socket
import time

import msgspec
import pytest
import torch

from autograder.diagnosis.agreement import Agreement, Answers
from autograder.sandbox import modules
from autograder.sandbox.framing import ANSWER, Bounds, Budget, Incoming, decode_reply, frame_of, receive_frame, send
from autograder.sandbox.protocol import (
    Call,
    Described,
    Done,
    Effect,
    Entry,
    Load,
    Loaded,
    Message,
    Misfits,
    Modules,
    Parts,
    Reset,
    Returned,
    Row,
    State,
    Value,
    WireTensor,
    World,
)
from autograder.sandbox.record import Exchange, Record
from autograder.sandbox.session import Session, Source, SubjectDied
from autograder.sandbox.values import Decoder, Encoder, MalformedMessage
from autograder.suite.compare import assert_close
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace


class Scripted:
    """A line that gives the same answer to every question but those that begin a check."""

    def __init__(self, answer):
        self._answer = answer

    def exchange(self, question):
        if isinstance(question.body, Load):
            return Message(Loaded(names={"Layer": "module"}))
        return Message(Done()) if isinstance(question.body, Reset) else self._answer

    def close(self):
        pass


def answer_of(reply, *tensors):
    return Message(reply, [WireTensor(tensor) for tensor in tensors])


def returned(value, effects=(), more=()):
    encoder = Encoder()
    tree = encoder.value(value)
    return Message(Returned(call=0, result=tree, effects=list(effects)), [*encoder.tensors, *map(WireTensor, more)])


def names_over(answer):
    session = Session(Source("layer", "layer.py", ""), Scripted(answer))
    session.begin("test")
    return Namespace(session, Random(0, "test"))


def proxy_over(reply, *tensors):
    return ModuleProxy(names_over(answer_of(reply, *tensors)), 1, "Layer()", "Layer")


def read(body, *specifications, payload=b"", bounds=ANSWER):
    """What the grader reads of a reply that a worker wrote by hand."""
    header = msgspec.json.encode({"body": body, "tensors": list(specifications)})
    return decode_reply(header, bytearray(payload), bounds)


def value_of(tree):
    return Decoder([torch.zeros(2)]).value(tree)


# -- sizes ------------------------------------------------------------------------------------------------------------

NOTHING = {"is": "done"}


def test_an_empty_tensor_is_no_larger_than_a_full_one_may_be():
    """A sum over its empty dimension would take up what the others say: here, four terabytes."""
    with pytest.raises(MalformedMessage, match="too large"):
        read(NOTHING, ["float64", [2**39, 0], "cpu", False, True, False, None, None])


def test_many_booleans_are_checked_quickly():
    started = time.process_time()
    with pytest.raises(MalformedMessage, match="neither 0 nor 1"):
        read(NOTHING, ["bool", [2**25], "cpu", False, True, False, None, None], payload=bytes(2**25 - 1) + b"\2")
    assert time.process_time() - started < 1


def test_what_is_kept_of_a_message_is_paid_for_before_it_is_read():
    budget = Budget(2000)
    budget.spend(header=100, payload=300)
    assert budget == Budget(100)
    with pytest.raises(MalformedMessage, match="all answers together"):
        budget.spend(header=0, payload=101)


def test_answers_are_refused_when_the_room_for_an_exercise_is_used_up():
    message = answer_of(Done(), torch.zeros(100, dtype=torch.float64))
    budget = Budget(16 * 120 + 2 * 800)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for _ in range(3):
            send(theirs, message)
        incoming = Incoming(ours)
        _, payload = receive_frame(incoming, ANSWER, budget=budget)
        assert len(payload) == 800
        with pytest.raises(MalformedMessage, match="all answers together"):
            receive_frame(incoming, ANSWER, budget=budget)


def test_a_worker_says_less_in_a_header_than_it_may_be_asked():
    assert ANSWER.header < Bounds().header
    assert ANSWER.payload == Bounds().payload


# -- values -----------------------------------------------------------------------------------------------------------


def test_keys_that_share_one_hash_take_no_quadratic_time():
    keys = [{"i": str(number * (2**61 - 1))} for number in range(2**12, 2**12 + 20_000)]
    with pytest.raises(MalformedMessage, match="too many keys"):
        value_of({"d": [[key, None] for key in keys]})


def test_floats_as_keys_are_bounded_likewise():
    keys = [{"f": float(number * (2**61 - 1)).hex()} for number in range(2**12)]
    with pytest.raises(MalformedMessage, match="too many keys"):
        value_of({"d": [[key, None] for key in keys]})


def test_tuples_of_keys_are_bounded_likewise():
    keys = [{"u": [-1 - (number >> bit & 1) for bit in range(12)]} for number in range(2**12)]
    with pytest.raises(MalformedMessage, match="too many keys"):
        value_of({"d": [[key, None] for key in keys]})


def test_a_few_such_keys_are_data():
    assert value_of({"d": [[{"u": [1, "a"]}, 1], [{"i": str(2**70)}, 2]]}) == {(1, "a"): 1, 2**70: 2}


@pytest.mark.parametrize("key", [{"t": 0}, {"u": [{"t": 0}]}, {"l": []}, {"u": [{"l": []}]}, {"f": "one"}])
def test_what_cannot_be_a_key_is_refused(key):
    with pytest.raises(MalformedMessage):
        value_of({"d": [[key, 1]]})


@pytest.mark.parametrize("tree", [2**53, -(2**53), 10**400, {"y": [[[]]]}, {"y": 1}, {"y": "x" * 1000}])
def test_what_is_spelled_in_another_way_is_refused(tree):
    with pytest.raises(MalformedMessage):
        value_of(tree)


def test_a_dtype_that_is_nested_a_thousandfold_is_refused():
    nested = msgspec.json.decode(b'{"y":' + b"[" * 900 + b"]" * 900 + b"}")
    with pytest.raises(MalformedMessage, match="named by text"):
        value_of(nested)


# -- replies that are of another form ---------------------------------------------------------------------------------

RAISED = {"is": "raised", "type": "E", "builtin": "ValueError", "text": "x", "frames": [[1, "f", "code"]]}
DESCRIBED = {"is": "described", "rows": [["w", [2], "float64", "cpu", True, True, True, 0, None]]}
RETURNED = {"is": "returned", "call": 0, "result": None, "effects": [{"tensor": 0, "value": 1, "bumped": True}]}
MISFITS = {"is": "misfits", "missing": ["a"], "unexpected": [], "misshapen": [["w", [1], [2]]], "loaded": False}
PARTS = {"is": "parts", "modules": [["", "Layer", True]]}
AROUND = {"is": "around", "reset": ["torch"], "default_dtype": "float32", "grad_enabled": True}
LOADED = {"is": "loaded", "names": {"f": "function"}}


@pytest.mark.parametrize("body", [RAISED, DESCRIBED, RETURNED, MISFITS, PARTS, AROUND, LOADED], ids=lambda b: b["is"])
def test_the_replies_that_these_deviate_from_are_read(body):
    assert type(read(body).body).__struct_config__.tag == body["is"]


DEVIATING = [
    RAISED | {"frames": [[-1, "f", "code"]]},
    RAISED | {"frames": [[10**8, "f", "code"]]},
    RAISED | {"frames": [["1", "f", "code"]]},
    RAISED | {"frames": [[1, "f", "x" * 201]]},
    RAISED | {"frames": [[1, "f", "code"]] * 21},
    RAISED | {"text": "x" * 2001},
    RAISED | {"type": 1},
    RAISED | {"ours": True},
    DESCRIBED | {"rows": "["},
    DESCRIBED | {"rows": [["w", [-1], "float64", "cpu", True, True, True, None, None]]},
    DESCRIBED | {"rows": [["w", [1] * 17, "float64", "cpu", True, True, True, None, None]]},
    DESCRIBED | {"rows": [["w", [2**40], "float64", "cpu", True, True, True, None, None]]},
    DESCRIBED | {"rows": [["w", [2], "float64", "cpu", 1, True, True, None, None]]},
    DESCRIBED | {"rows": [["w", [2], "float64", "cpu", True, True, True, -1, None]]},
    DESCRIBED | {"rows": [["w", [2], "float64", "cpu", True, True, True, None]]},
    RETURNED | {"call": -1},
    RETURNED | {"effects": [{"tensor": -1}]},
    RETURNED | {"effects": [{"tensor": "0"}]},
    RETURNED | {"effects": [{"value": 0}]},
    RETURNED | {"effects": [{"tensor": 0, "bumped": 1}]},
    RETURNED | {"effects": {}},
    MISFITS | {"missing": 1},
    MISFITS | {"missing": [{"t": 0}]},
    MISFITS | {"misshapen": [1]},
    MISFITS | {"misshapen": [["w", 1, 2]]},
    MISFITS | {"misshapen": [["w", ["a"], [1]]]},
    PARTS | {"modules": [["a", "A", 1]]},
    PARTS | {"modules": {"a": {"type": "A", "training": True}}},
    AROUND | {"reset": "torch"},
    AROUND | {"grad_enabled": 1},
    LOADED | {"names": [1, 2]},
    LOADED | {"names": {"f": 1}},
    LOADED | {"names": {f"f{number}": "function" for number in range(5_001)}},
    {"is": "value"},
    {"is": "verdict", "points": 20},
]


@pytest.mark.parametrize("body", DEVIATING, ids=lambda body: str(body)[:60])
def test_a_reply_of_another_form_is_refused(body):
    with pytest.raises(MalformedMessage):
        read(body)


# -- replies that sessions and proxies read ---------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [Done(), Value(1), Parts([])], ids=lambda reply: type(reply).__name__)
def test_the_reply_to_another_question_is_refused(reply):
    with pytest.raises(SubjectDied, match="answers another question"):
        proxy_over(reply).state_dict()


ROW = Row("w", [2], "float64", "cpu", True, True, True, 0, None)


def test_the_state_that_these_deviate_from_is_read():
    assert list(proxy_over(Described([ROW]), torch.zeros(2).double()).state_dict()) == ["w"]


@pytest.mark.parametrize(
    ("changed", "tensor"),
    [
        ({"shape": [3]}, torch.zeros(2).double()),
        ({"dtype": "float32"}, torch.zeros(2).double()),
        ({"dtype": "object"}, torch.zeros(2).double()),
        ({"value": 1}, torch.zeros(2).double()),
        ({}, torch.zeros(3).double()),
        ({}, torch.zeros(2, device="meta").double()),
    ],
    ids=str,
)
def test_a_state_whose_parts_do_not_fit_is_refused(changed, tensor):
    with pytest.raises(SubjectDied):
        proxy_over(Described([msgspec.structs.replace(ROW, **changed)]), tensor).state_dict()


@pytest.mark.parametrize("grad", [torch.zeros(3).double(), torch.zeros(2, device="meta").double()], ids=str)
def test_a_gradient_that_does_not_fit_is_refused(grad):
    with pytest.raises(SubjectDied):
        proxy_over(Described([msgspec.structs.replace(ROW, value=None, grad=0)]), grad).grads()


AROUND = {"is": "around", "reset": ["torch"], "default_dtype": "float32", "grad_enabled": True}


@pytest.mark.parametrize("changed", [{"reset": ["x" * 80]}, {"reset": ["torch"] * 4}, {"default_dtype": "float63"}])
def test_a_world_of_generators_and_dtypes_that_there_are_not_is_refused(changed):
    assert read(AROUND).body.reset == ["torch"]
    with pytest.raises(MalformedMessage):
        read({**AROUND, **changed})


EFFECTS = {
    "no argument": (Effect(1, value=0), torch.ones(2)),
    "no tensor": (Effect(0, value=7), torch.ones(2)),
    "another device": (Effect(0, value=0, bumped=True), torch.ones(2, device="meta")),
    "a gradient of another shape": (Effect(0, grad_rebound=True, grad=0), torch.ones(3)),
    "a gradient elsewhere": (Effect(0, grad_rebound=True, grad=0), torch.ones(2, device="meta")),
    "a gradient of another dtype": (Effect(0, grad_rebound=True, grad=0), torch.ones(2, dtype=torch.int8)),
}


@pytest.mark.parametrize(("effect", "tensor"), EFFECTS.values(), ids=EFFECTS)
def test_an_effect_that_cannot_be_is_refused(effect, tensor):
    with pytest.raises(SubjectDied):
        names_over(returned(None, [effect], [tensor])).Layer(torch.zeros(2))


def test_more_effects_than_arguments_are_refused():
    effects = [Effect(0, value=0)] * 2
    with pytest.raises(SubjectDied, match="more effects"):
        names_over(returned(None, effects, [torch.ones(2)])).Layer(torch.zeros(2))


def test_an_argument_that_was_none_cannot_come_back():
    with pytest.raises(SubjectDied):
        names_over(answer_of(Returned(call=0, result={"a": 1}, effects=[]))).Layer(torch.zeros(2))


@pytest.mark.parametrize("kept", [1, [], [1], ["1", "object"], [-1, "object"], [1, 2], [1, "M", 1], [1, "M", True, 1]])
def test_an_object_that_is_misspelled_is_refused(kept):
    with pytest.raises(SubjectDied):
        names_over(answer_of(Returned(call=0, result={"k": kept}, effects=[]))).Layer()


@pytest.mark.parametrize(
    "tree",
    [{"o": 1}, {"s": "f"}, {"n": "torch.nn.ReLU"}, {"c": ["os.system", {"u": ["x"]}, {"d": []}]}, {"m": [1, "x"]}],
)
def test_what_only_questions_may_say_is_refused_in_a_reply(tree):
    with pytest.raises(SubjectDied):
        names_over(answer_of(Returned(call=0, result=tree, effects=[]))).Layer()


def test_ten_thousand_outputs_take_no_quadratic_time():
    result = [torch.zeros(1) for _ in range(10_000)]
    names = names_over(returned(result + result * 3))
    started = time.process_time()
    assert len(names.Layer()) == 40_000
    assert time.process_time() - started < 3


def test_objects_are_bounded_by_the_header_of_a_reply():
    result = {"l": [{"k": [number, "object"]} for number in range(100_000)]}
    header, _ = frame_of(answer_of(Returned(call=0, result=result, effects=[])))
    assert len(header) > ANSWER.header


def test_misfits_are_reported_in_few_words():
    misfits = Misfits(["x" * 10_000] * 50, [], [("y" * 10_000, [1], [2])] * 50, False)
    problems = proxy_over(misfits).mismatch({})
    assert sum(map(len, problems)) < 4_000
    assert problems[-1] == "44 more have another shape than expected"


def test_no_numbers_are_drawn_for_a_parameter_that_could_not_be_sent():
    row = Row("weight", [2**27], "float64", "cpu", True, True, True, None, None)
    with pytest.raises(SubjectDied, match="more parameters than numbers are drawn for"):
        proxy_over(Described([row])).drawn(Random(1, "weights"))


def test_nothing_is_drawn_where_it_does_not_fit():
    entries = [Entry("weight", [2**40], "matrix"), Entry("more.num_batches_tracked", [2**40], "other")]
    misfits = modules.load(torch.nn.Linear(2, 3), {}, entries, 1)
    assert (misfits.loaded, misfits.misshapen) == (False, [("weight", [2**40], [3, 2])])


# -- comparisons ------------------------------------------------------------------------------------------------------


def test_a_tensor_without_values_is_told_from_one_with():
    with pytest.raises(AssertionError, match="is on the device meta, expected cpu"):
        assert_close(torch.zeros(2, device="meta").double(), torch.zeros(2).double(), "the output")


def test_a_number_beyond_all_floats_is_told():
    with pytest.raises(AssertionError, match="more than 300 digits"):
        assert_close(10**399, 1.0, "the output")


def test_a_message_is_cut():
    with pytest.raises(AssertionError) as caught:
        assert_close(1.0, 2.0, "x" * 100_000)
    assert len(str(caught.value)) < 5_000


# -- diagnosis --------------------------------------------------------------------------------------------------------

QUESTIONS = {
    "call": Call({"s": "Layer"}, {"u": []}, {"d": []}, 0),
    "state": State(1),
    "modules": Modules(1),
    "world": World(),
}
REPLIES = {
    "nothing": Done(),
    "a state without tensors": Described([ROW]),
    "a state twice": Described([ROW, ROW]),
    "a shape that is none": Described([msgspec.structs.replace(ROW, shape=[2**39] * 16, value=None)]),
    "effects on nothing": Returned(call=0, result={"t": 0}, effects=[Effect(5, value=9), Effect(0, value=0)]),
    "a result that cannot be read": Returned(call=0, result={"z": 1}, effects=[]),
    "a result that is too deep": Returned(call=0, result=msgspec.json.decode("[" * 400 + "]" * 400), effects=[]),
    "misfits of any name": Misfits(["a"], ["a"], [("w", [1] * 16, [])], True),
    "no module": Parts([]),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_any_reply_can_be_compared_with_a_mistakes(question, reply):
    hostile = Answers(Record([Exchange(Message(question), answer_of(reply, torch.zeros(3)))]))
    for other in (Done(), *REPLIES.values()):
        honest = Answers(Record([Exchange(Message(question), answer_of(other, torch.zeros(3).double()))]))
        assert all(isinstance(each, Agreement) for each in hostile.agreement(honest) + honest.agreement(hostile))
