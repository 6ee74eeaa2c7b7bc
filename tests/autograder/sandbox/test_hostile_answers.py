"""Answers that are messages, but made to cost the grader time or memory, or to raise where nobody expects it."""

from __future__ import annotations

import json
import socket
import time

import msgspec
import pytest
import torch

from autograder.diagnosis.agreement import Agreement, agreement
from autograder.diagnosis.transcript import RecordingLine, Transcript
from autograder.sandbox.framing import ANSWER, Bounds, Budget, Incoming, decode, receive, send
from autograder.sandbox.session import Session, Source, SubjectDied, SubjectError
from autograder.sandbox.values import Decoder, Encoder, MalformedMessage, Message, WireTensor
from autograder.suite.compare import assert_close
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace


class Scripted:
    """A line that gives the same answer to every question but a few; a function of the question makes it."""

    def __init__(self, answer):
        self._answer = answer

    def exchange(self, question):
        if question.body["op"] == "load":
            return answer_of({"Layer": "module"})
        return answer_of(None) if question.body["op"] == "reset" else self._answer

    def close(self):
        pass


def answer_of(value, key="ok"):
    encoder = Encoder()
    return Message(encoder.value({key: value}), encoder.tensors)


def names_over(answer):
    session = Session(Source("layer", "layer.py", ""), Scripted(answer))
    session.begin("test")
    return Namespace(session, Random(0, "test"))


def proxy_over(answer):
    return ModuleProxy(names_over(answer), 1, "Layer()")


def read(tree, *specifications, payload=b"", bounds=ANSWER):
    header = json.dumps({"body": tree, "tensors": list(specifications)}).encode()
    return decode(header, bytearray(payload), bounds)


def value_of(tree):
    return Decoder([torch.zeros(2)], lambda number: number).value(tree)


# -- sizes ------------------------------------------------------------------------------------------------------------


def test_an_empty_tensor_is_no_larger_than_a_full_one_may_be():
    """A sum over its empty dimension would take up what the others say: here, four terabytes."""
    with pytest.raises(MalformedMessage, match="too large"):
        read(None, ["float64", [2**39, 0], "cpu", False, True, False, None, None])


def test_many_booleans_are_checked_quickly():
    started = time.process_time()
    with pytest.raises(MalformedMessage, match="neither 0 nor 1"):
        read(None, ["bool", [2**25], "cpu", False, True, False, None, None], payload=bytes(2**25 - 1) + b"\2")
    assert time.process_time() - started < 1


def test_what_is_kept_of_a_message_is_paid_for_before_it_is_read():
    budget = Budget(2000)
    budget.spend(header=100, payload=300)
    assert budget == Budget(100)
    with pytest.raises(MalformedMessage, match="all answers together"):
        budget.spend(header=0, payload=101)


def test_answers_are_refused_when_the_room_for_an_exercise_is_used_up():
    message = Message(None, [WireTensor(torch.zeros(100, dtype=torch.float64))])
    budget = Budget(16 * 100 + 2 * 800)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for _ in range(3):
            send(theirs, message)
        incoming = Incoming(ours)
        assert receive(incoming, ANSWER, budget=budget).tensors[0].data.shape == (100,)
        with pytest.raises(MalformedMessage, match="all answers together"):
            receive(incoming, ANSWER, budget=budget)


def test_a_worker_says_less_in_a_header_than_it_may_be_asked():
    assert ANSWER.header < Bounds().header
    assert ANSWER.payload == Bounds().payload


# -- values -----------------------------------------------------------------------------------------------------------


def test_keys_that_share_one_hash_take_no_quadratic_time():
    keys = [{"i": str(number * (2**61 - 1))} for number in range(2**12, 2**12 + 20_000)]
    with pytest.raises(MalformedMessage, match="too many keys"):
        value_of({"d": [[key, None] for key in keys]})


def test_tuples_of_keys_are_bounded_likewise():
    keys = [{"u": [-1 - (number >> bit & 1) for bit in range(12)]} for number in range(2**12)]
    with pytest.raises(MalformedMessage, match="too many keys"):
        value_of({"d": [[key, None] for key in keys]})


def test_a_few_such_keys_are_data():
    assert value_of({"d": [[{"u": [1, "a"]}, 1], [{"i": str(2**70)}, 2]]}) == {(1, "a"): 1, 2**70: 2}


@pytest.mark.parametrize("key", [{"t": 0}, {"u": [{"t": 0}]}, {"l": []}, {"u": [{"l": []}]}, {"f": "nan"}, {"o": 1}])
def test_what_cannot_be_a_key_is_refused(key):
    decoder = Decoder([torch.zeros(2)], lambda number: object())
    with pytest.raises(MalformedMessage):
        decoder.value({"d": [[key, 1]]})


@pytest.mark.parametrize("tree", [2**53, -(2**53), 10**400, {"y": [[[]]]}, {"y": 1}, {"y": "x" * 1000}])
def test_what_is_spelled_in_another_way_is_refused(tree):
    with pytest.raises(MalformedMessage):
        value_of(tree)


def test_a_dtype_that_is_nested_a_thousandfold_is_refused():
    nested = msgspec.json.decode(b'{"y":' + b"[" * 900 + b"]" * 900 + b"}")
    with pytest.raises(MalformedMessage, match="named by text"):
        value_of(nested)


# -- answers that sessions and proxies read ---------------------------------------------------------------------------


@pytest.mark.parametrize("names", [None, 1, [1, 2], {"f": 1}, {1: "function"}, {"f": None}])
def test_names_of_a_file_that_are_none_are_refused(names):
    class Loading(Scripted):
        def exchange(self, question):
            return answer_of(names)

    session = Session(Source("layer", "layer.py", ""), Loading(None))
    with pytest.raises(SubjectError, match="the file's names are malformed"):
        session.begin("test")


@pytest.mark.parametrize("line", [-1, 10**8, 10**300, "1", None])
def test_a_line_that_no_file_has_is_refused(line):
    error = {"type": "E", "builtin": "ValueError", "text": "x", "frames": [[line, "f", "code"]]}
    with pytest.raises(SubjectDied, match="malformed"):
        proxy_over(answer_of(error, "error")).attribute("x")


STATE = {
    "described": '[["w",[2],"float64","cpu",true,true,true]]',
    "values": [torch.zeros(2).double()],
    "grads": [None],
}


def test_the_state_that_these_deviate_from_is_read():
    assert list(proxy_over(answer_of(STATE)).state_dict()) == ["w"]


@pytest.mark.parametrize(
    "changed",
    [
        {"described": "["},
        {"described": "[]"},
        {"described": STATE["described"].replace("[2]", "[" + "9" * 4000 + "]")},
        {"described": STATE["described"].replace("[2]", "[-1]")},
        {"described": STATE["described"].replace("[2]", str([1] * 17))},
        {"described": STATE["described"].replace("[2]", "[3]")},
        {"described": STATE["described"].replace("float64", "float32")},
        {"described": STATE["described"].replace("float64", "object")},
        {"values": [1]},
        {"values": [torch.zeros(3).double()]},
        {"values": [torch.zeros(2, device="meta").double()]},
        {"values": []},
        {"grads": [torch.zeros(3)]},
        {"grads": [{}]},
        {"grads": None},
    ],
    ids=str,
)
def test_a_state_whose_parts_do_not_fit_is_refused(changed):
    with pytest.raises(SubjectDied):
        proxy_over(answer_of(STATE | changed)).state_dict()


WORLD = {"reset": [], "default_dtype": torch.float32, "grad_enabled": True}


@pytest.mark.parametrize(
    "changed",
    [{"reset": "torch"}, {"default_dtype": "float32"}, {"grad_enabled": 1}, {"grad_enabled": torch.ones(2)}],
    ids=str,
)
def test_a_malformed_world_is_refused(changed):
    with pytest.raises(SubjectDied):
        names_over(answer_of(WORLD | changed)).world()


def test_generators_that_there_are_not_are_left_out_of_a_world():
    told = names_over(answer_of(WORLD | {"reset": [torch.zeros(2), "x" * 1000, ["torch"], "torch"]})).world()
    assert told.reset == ("torch",)


EFFECTS = [
    {"index": 1, "value": torch.ones(2)},
    {"index": -1},
    {"index": "0"},
    {"value": torch.ones(2)},
    {"index": 0, "value": torch.ones(2, device="meta"), "bumped": 1},
    {"index": 0, "grad": "rebound", "grad_value": torch.ones(3)},
    {"index": 0, "grad": "rebound", "grad_value": torch.ones(2, device="meta")},
    {"index": 0, "grad": "rebound", "grad_value": torch.ones(2, dtype=torch.int8)},
    {"index": 0, "grad": "rebound", "grad_value": 1},
]


@pytest.mark.parametrize("effect", EFFECTS, ids=str)
def test_an_effect_that_cannot_be_is_refused(effect):
    with pytest.raises(SubjectDied):
        names_over(answer_of({"call": 1, "result": None, "effects": [effect]})).Layer(torch.zeros(2))


def test_more_effects_than_arguments_are_refused():
    effects = [{"index": 0, "value": torch.ones(2)}] * 2
    with pytest.raises(SubjectDied, match="more effects"):
        names_over(answer_of({"call": 1, "result": None, "effects": effects})).Layer(torch.zeros(2))


def test_whether_a_tensor_bumped_a_version_is_no_question():
    x = torch.zeros(2)
    effect = {"index": 0, "value": torch.ones(2), "bumped": torch.ones(2)}
    names_over(answer_of({"call": 1, "result": None, "effects": [effect]})).Layer(x)
    assert (x.tolist(), x._version) == ([1.0, 1.0], 0)


def test_ten_thousand_outputs_take_no_quadratic_time():
    result = [torch.zeros(1) for _ in range(10_000)]
    names = names_over(answer_of({"call": 1, "result": result + result * 3, "effects": []}))
    started = time.process_time()
    assert len(names.Layer()) == 40_000
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "report",
    [
        {"missing": [], "unexpected": [], "misshapen": [1]},
        {"missing": [], "unexpected": [], "misshapen": [["w", 1, 2]]},
        {"missing": [], "unexpected": [], "misshapen": [["w", ("a",), (1,)]]},
        {"missing": [torch.zeros(2)], "unexpected": [], "misshapen": []},
        {"missing": 1},
        [],
    ],
    ids=str,
)
def test_a_report_that_is_none_is_refused(report):
    with pytest.raises(SubjectDied):
        proxy_over(answer_of(report)).mismatch({})


def test_a_report_is_told_in_few_words():
    report = {
        "missing": ["x" * 10_000] * 50,
        "unexpected": [],
        "misshapen": [["y" * 10_000, (1,), (2,)]] * 50,
        "loaded": False,
    }
    problems = proxy_over(answer_of(report)).mismatch({})
    assert sum(map(len, problems)) < 4_000
    assert problems[-1] == "44 more have another shape than expected"


@pytest.mark.parametrize(
    "answer", [None, [], {1: {"type": "A", "training": True}}, {"a": {"type": "A", "training": 1}}]
)
def test_modules_that_are_none_are_refused(answer):
    with pytest.raises(SubjectDied):
        proxy_over(answer_of(answer)).modules_by_name()


@pytest.mark.parametrize("answer", [None, [], {1: torch.zeros(1)}, {"w": 1}])
def test_gradients_that_are_none_are_refused(answer):
    with pytest.raises(SubjectDied):
        proxy_over(answer_of(answer)).grads()


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


def transcript_of(operation, answer):
    line = RecordingLine(Scripted(answer))
    line.exchange(Message({"op": operation, "target": {"o": 1}, "values": {"d": []}}))
    return line.take()


HONEST = {
    "modules": {"": {"type": "Layer", "training": True}},
    "load_state": {"missing": [], "unexpected": [], "misshapen": [], "loaded": True},
    "attribute": 1,
    "grads": {"w": None},
    "world": {"reset": [], "default_dtype": torch.float32, "grad_enabled": True},
}
HOSTILE = [
    {"": {"type": "Layer", "training": torch.zeros(3)}},
    {"missing": [torch.zeros(3)], "unexpected": [[]], "misshapen": [[[], (), ()], 1], "loaded": torch.zeros(2)},
    {"call": [], "result": torch.zeros(3)},
    {"w": torch.zeros(3, device="meta")},
    torch.zeros(3),
    10**399,
]


@pytest.mark.parametrize("answer", HOSTILE, ids=str)
@pytest.mark.parametrize("operation", HONEST)
def test_any_answer_can_be_compared_with_a_mistakes(operation, answer):
    honest = transcript_of(operation, answer_of(HONEST[operation]))
    hostile = transcript_of(operation, answer_of(answer))
    assert isinstance(agreement(hostile, honest), Agreement)
    assert isinstance(agreement(honest, hostile), Agreement)


@pytest.mark.parametrize(
    "body",
    [
        {"d": [["lost", {"t": 0}]]},
        {"d": [["error", {"t": 0}]]},
        {"d": [["ok", 1], ["error", 1]]},
        {"d": []},
        1,
        json.loads("[" * 400 + "]" * 400),
        json.loads('{"l":[' * 400 + "]}" * 400),
    ],
    ids=lambda body: str(body)[:30],
)
def test_an_answer_of_another_form_is_noted_as_lost(body):
    transcript = transcript_of("call", Message(body, [WireTensor(torch.zeros(3))]))
    (exchange,) = transcript.exchanges
    assert list(exchange.value()) == ["lost"]
    assert isinstance(exchange.value()["lost"], str)
    assert isinstance(transcript, Transcript)
