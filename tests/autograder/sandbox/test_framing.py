"""Messages as bytes: what is written is read again, and what deviates by a byte is refused before anything is made."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
import tracemalloc

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.framing import (
    Bounds,
    ConnectionEnded,
    Incoming,
    Patience,
    decode_reply,
    receive_frame,
    receive_question,
    send,
)
from autograder.sandbox.protocol import Attribute, Done, Message, Value, WireTensor
from autograder.sandbox.values import Encoder, MalformedMessage

PREFIX = struct.Struct("<8sIQ")
MAGIC = b"AGRDFRM1"
BOUNDS = Bounds(header=10_000, payload=10_000, tensors=10)

FLOATING = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128]
INTEGERS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool]


@pytest.fixture
def line():
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def written(message):
    """The bytes of a message."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, message)
        ours.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: theirs.recv(1 << 16), b""))


def receive(incoming, bounds, patience=None):
    """The next reply."""
    return decode_reply(*receive_frame(incoming, bounds, patience), bounds)


def read(data, bounds=BOUNDS):
    """The message that bytes spell, after which the connection ends."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return receive(Incoming(ours), bounds)


def frame(header, payload=b"", *, magic=MAGIC, header_size=None, payload_size=None):
    """A frame as somebody else might write it; sizes that are not given are those of the content."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    sizes = (
        len(header) if header_size is None else header_size,
        len(payload) if payload_size is None else payload_size,
    )
    return PREFIX.pack(magic, *sizes) + header + payload


def specification(
    dtype="float64",
    shape=(),
    device="cpu",
    requires_grad=False,
    is_leaf=True,
    parameter=False,
    grad=None,
    strides=None,
):
    return [dtype, list(shape), device, requires_grad, is_leaf, parameter, grad, strides]


BODY = {"is": "value", "value": None}


def with_tensors(*specifications, body=None):
    return {"body": {"is": "value", "value": body}, "tensors": list(specifications)}


def there_and_back(*tensors, body=None):
    return read(written(Message(Value(body), list(tensors))))


# -- what is written is read again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATING + INTEGERS, ids=str)
@pytest.mark.parametrize("shape", [(), (3,), (0,), (2, 0, 3), (2, 3, 4), (1,) * 16], ids=str)
def test_tensors_of_every_dtype_and_shape_arrive(dtype, shape):
    tensor = (4 * torch.randn(shape, dtype=torch.float64)).to(dtype)
    (wire,) = there_and_back(WireTensor(tensor)).tensors
    assert wire.data.dtype is dtype
    assert wire.data.shape == tensor.shape
    assert torch.equal(wire.data, tensor)


def test_not_a_number_and_infinity_arrive_bit_by_bit():
    tensor = torch.tensor([0x7FF8_0000_0000_0001, 0x7FF0_0000_0000_0000, -(2**63)]).view(torch.float64)
    (wire,) = there_and_back(WireTensor(tensor)).tensors
    assert torch.equal(wire.data.view(torch.int64), tensor.view(torch.int64))


def test_a_tensor_on_the_meta_device_arrives_without_values():
    tensor = torch.empty(1000, 1000, 1000, device="meta", dtype=torch.float16)
    (wire,) = there_and_back(WireTensor(tensor, requires_grad=True)).tensors
    assert wire.data.is_meta
    assert (wire.data.shape, wire.data.dtype) == (tensor.shape, tensor.dtype)


def test_what_autograd_knows_arrives():
    leaf = WireTensor(torch.zeros(2), requires_grad=True, is_leaf=True, is_parameter=True, grad=1)
    gradient = WireTensor(torch.ones(2), requires_grad=False, is_leaf=True)
    result = WireTensor(torch.ones(()), requires_grad=True, is_leaf=False)
    flags = [
        (wire.requires_grad, wire.is_leaf, wire.is_parameter, wire.grad)
        for wire in there_and_back(leaf, gradient, result).tensors
    ]
    assert flags == [(True, True, True, 1), (False, True, False, None), (True, False, False, None)]


@pytest.mark.parametrize("shape", [(), (2,), (2, 3), (2, 3, 4, 5)], ids=str)
def test_how_a_tensor_lies_in_memory_arrives(shape):
    upside_down = torch.randn(shape[::-1]).permute(tuple(reversed(range(len(shape)))))
    encoder = Encoder()
    encoder.tensor(upside_down)
    (wire,) = there_and_back(*encoder.tensors).tensors
    assert torch.equal(wire.data, upside_down)
    assert (wire.strides or wire.data.stride()) == upside_down.stride()


def test_a_tensor_that_is_mentioned_twice_arrives_once():
    tensor = torch.randn(2)
    encoder = Encoder()
    body = encoder.value([tensor, tensor])
    message = read(written(Message(Value(body), encoder.tensors)))
    assert message.body.value == {"l": [{"t": 0}, {"t": 0}]}
    assert len(message.tensors) == 1


def test_tensors_that_arrive_share_no_memory():
    first, second = there_and_back(WireTensor(torch.zeros(2)), WireTensor(torch.zeros(2))).tensors
    first.data += 1
    assert torch.equal(second.data, torch.zeros(2))


def test_messages_follow_one_another(line):
    ours, theirs = line
    send(theirs, Message(Value("first"), [WireTensor(torch.zeros(3))]))
    send(theirs, Message(Value("second")))
    incoming = Incoming(ours)
    assert [receive(incoming, BOUNDS).body.value for _ in range(2)] == ["first", "second"]


def test_questions_and_replies_are_not_taken_for_each_other(line):
    ours, theirs = line
    send(theirs, Message(Attribute(1, "x")))
    send(theirs, Message(Done()))
    incoming = Incoming(ours)
    assert receive_question(incoming).body == Attribute(1, "x")
    with pytest.raises(MalformedMessage):
        receive_question(incoming)
    send(theirs, Message(Attribute(1, "x")))
    with pytest.raises(MalformedMessage):
        receive(incoming, BOUNDS)


@given(st.text(), st.lists(st.integers(0, 3), max_size=4), st.sampled_from(FLOATING + INTEGERS))
def test_any_body_and_tensor_arrive(body, shape, dtype):
    tensor = torch.ones(shape, dtype=dtype)
    message = there_and_back(WireTensor(tensor), body=body)
    assert message.body.value == body
    assert torch.equal(message.tensors[0].data, tensor)


# -- what deviates is refused -----------------------------------------------------------------------------------------

TENSOR = specification()
EIGHT = bytes(8)
MALFORMED = {
    "a wrong magic number": frame(with_tensors(), magic=b"AGRDFRM2"),
    "a header that is not JSON": frame(b"{"),
    "a header in another encoding": frame(b'{"body": {"is": "value", "value": "\xff"}, "tensors": []}'),
    "text with half a character": frame(b'{"body": {"is": "value", "value": "\\ud800"}, "tensors": []}'),
    "an empty header": frame(b""),
    "a header that is no object": frame([]),
    "a header without tensors": frame({"body": BODY}),
    "a header without a body": frame({"tensors": []}),
    "a header with more": frame({"body": BODY, "tensors": [], "more": 1}),
    "tensors that are no list": frame({"body": BODY, "tensors": {}}),
    "JSON nested without end": frame(b'{"tensors": [], "body": {"is": "value", "value": ' + b"[" * 4000),
    "JSON nested too deeply": frame(
        b'{"tensors": [], "body": {"is": "value", "value": ' + b"[" * 4000 + b"]" * 4000 + b"}}"
    ),
    "a reply that there is not": frame({"body": {"is": "verdict", "value": 1}, "tensors": []}),
    "a reply that does not say what it is": frame({"body": {"value": 1}, "tensors": []}),
    "a reply with more": frame({"body": {**BODY, "more": 1}, "tensors": []}),
    "a reply with less": frame({"body": {"is": "value"}, "tensors": []}),
    "a reply that is no object": frame({"body": 1, "tensors": []}),
    "a question": frame({"body": {"op": "reset"}, "tensors": []}),
    "a size beyond all": frame(
        {"body": {"is": "misfits", "missing": [], "unexpected": [], "misshapen": [["w", [2**40], []]]}, "tensors": []}
    ),
    "a line that no file has": frame(
        {"body": {"is": "raised", "type": "E", "builtin": "E", "text": "", "frames": [[10**8, "", ""]]}, "tensors": []}
    ),
    "too many tensors": frame(with_tensors(*[specification(shape=(0,))] * 11)),
    "a payload too short": frame(with_tensors(TENSOR), bytes(7)),
    "a payload too long": frame(with_tensors(TENSOR), bytes(9)),
    "a payload without tensors": frame(with_tensors(), bytes(1)),
    "a payload for a tensor without values": frame(with_tensors(specification(device="meta")), EIGHT),
    "a tensor that is no list": frame(with_tensors({"dtype": "float64"}), EIGHT),
    "a field too few": frame(with_tensors(TENSOR[:-1]), EIGHT),
    "a field too many": frame(with_tensors([*TENSOR, None]), EIGHT),
    "an unknown dtype": frame(with_tensors(specification("object")), EIGHT),
    "a dtype that is no text": frame(with_tensors(specification(64)), EIGHT),
    "an unknown device": frame(with_tensors(specification(device="cuda")), EIGHT),
    "a negative size": frame(with_tensors(specification(shape=[-1])), EIGHT),
    "two negative sizes": frame(with_tensors(specification(shape=[-1, -1])), EIGHT),
    "a size that is a fraction": frame(with_tensors(specification(shape=[1.0])), EIGHT),
    "a size that is a boolean": frame(with_tensors(specification(shape=[True])), EIGHT),
    "a shape that is no list": frame(with_tensors(["float64", 1, "cpu", False, True, False, None, None]), EIGHT),
    "seventeen dimensions": frame(with_tensors(specification(shape=[1] * 17)), EIGHT),
    "an enormous size": frame(with_tensors(specification(shape=[2**40])), EIGHT),
    "sizes whose product is enormous": frame(with_tensors(specification(shape=[2**39] * 16)), EIGHT),
    "an enormous tensor without values": frame(with_tensors(specification(shape=[2**39] * 16, device="meta"))),
    "an empty tensor with enormous sizes": frame(with_tensors(specification(shape=[0, 2**39, 2**39]))),
    "an empty tensor of as many rows as memory would not hold": frame(
        with_tensors(specification(shape=[2**20 + 1, 0]))
    ),
    "an empty meta tensor with enormous sizes": frame(
        with_tensors(specification(shape=[0, 2**39, 2**39], device="meta"))
    ),
    "requires_grad as a number": frame(with_tensors(specification(requires_grad=1)), EIGHT),
    "is_leaf as null": frame(with_tensors(specification(is_leaf=None)), EIGHT),
    "is_parameter as text": frame(with_tensors(specification(parameter="true")), EIGHT),
    "integers that require grad": frame(with_tensors(specification("int64", requires_grad=True)), EIGHT),
    "integers as a parameter": frame(with_tensors(specification("int64", parameter=True)), EIGHT),
    "a boolean that is 2": frame(with_tensors(specification("bool", [2])), b"\x01\x02"),
    "a gradient that is not there": frame(with_tensors(specification(grad=1)), EIGHT),
    "a gradient before the first": frame(with_tensors(specification(grad=-1)), EIGHT),
    "a gradient as a boolean": frame(with_tensors(specification(grad=False)), EIGHT),
    "a gradient as a fraction": frame(with_tensors(specification(grad=0.0)), EIGHT),
    "strides that are no list": frame(with_tensors(specification(shape=[1], strides=1)), EIGHT),
    "more strides than sizes": frame(with_tensors(specification(shape=[1], strides=[1, 1])), EIGHT),
    "a negative stride": frame(with_tensors(specification(shape=[1], strides=[-1])), EIGHT),
    "a stride that is a boolean": frame(with_tensors(specification(shape=[1], strides=[True])), EIGHT),
    "an enormous stride": frame(with_tensors(specification(shape=[1], strides=[2**40])), EIGHT),
    "values spread over all memory": frame(with_tensors(specification("int8", [2, 4], strides=[2**39, 1])), EIGHT),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_frame_is_refused(data):
    with pytest.raises(MalformedMessage):
        read(data)


def test_the_frame_that_these_deviate_from_is_read():
    message = read(frame(with_tensors(TENSOR), struct.pack("<d", 0.5)))
    assert torch.equal(message.tensors[0].data, torch.tensor(0.5, dtype=torch.float64))


@pytest.mark.parametrize("sizes", [{"header_size": 2**32 - 1}, {"header_size": 10_001}, {"payload_size": 2**64 - 1}])
def test_a_frame_that_claims_too_much_is_refused_before_it_is_read(line, sizes):
    ours, theirs = line
    theirs.sendall(frame(b"", **sizes))
    with pytest.raises(MalformedMessage, match="too large"):
        receive(Incoming(ours), BOUNDS, Patience(time.monotonic() + 60))


def test_memory_is_taken_as_bytes_arrive_not_as_they_are_claimed(line):
    ours, theirs = line
    theirs.sendall(frame(with_tensors(specification(shape=[2**25])), b"12345678", payload_size=2**28))
    theirs.shutdown(socket.SHUT_WR)
    tracemalloc.start()
    try:
        with pytest.raises(ConnectionEnded):
            receive(Incoming(ours), Bounds())
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", range(0, 60, 7))
def test_a_connection_that_ends_inside_a_frame_is_told(size):
    data = frame(with_tensors(TENSOR), EIGHT)
    assert size < len(data)
    with pytest.raises(ConnectionEnded):
        read(data[:size])


def test_nobody_listening_is_told(line):
    ours, theirs = line
    theirs.close()
    with pytest.raises(ConnectionEnded):
        send(ours, Message(Done(), [WireTensor(torch.zeros(1 << 20))]))


def test_an_answer_that_does_not_come_ends_with_the_deadline(line):
    with pytest.raises(TimeoutError):
        receive(Incoming(line[0]), BOUNDS, Patience(time.monotonic() + 0.02))


def test_an_answer_that_comes_byte_by_byte_ends_with_the_deadline(line):
    ours, theirs = line

    def dribble():
        theirs.sendall(frame(b"", header_size=10, payload_size=2**20))
        with contextlib.suppress(OSError):
            while True:
                theirs.sendall(b" ")

    feeder = threading.Thread(target=dribble)
    feeder.start()
    try:
        with pytest.raises(TimeoutError):
            receive(Incoming(ours), Bounds(), Patience(time.monotonic() + 0.1))
    finally:
        ours.close()
        feeder.join()


# -- chance and malice ------------------------------------------------------------------------------------------------

VALID = frame(
    with_tensors(specification(shape=[2]), specification("bool", [1]), body={"d": [["a", {"t": 1}]]}), bytes(17)
)

junk = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["float64", "bool", "cpu", "meta", ""])
sizes = st.integers(-1, 3) | st.sampled_from([2**20, 2**31, 2**39, 2**40 - 1, 2**40, 2**63, 2**64]) | junk
fields = st.tuples(
    st.sampled_from(["float64", "complex128", "int8", "bool", "bfloat16"]) | junk,
    st.lists(sizes, max_size=17) | junk,
    st.sampled_from(["cpu", "meta"]) | junk,
    st.booleans() | junk,
    st.booleans() | junk,
    st.booleans() | junk,
    st.none() | st.integers(-1, 3) | junk,
).map(list)


def refused_or_read(data):
    """Whether `data` is refused as it should be; it may also be a message. Any other exception goes on."""
    try:
        return isinstance(read(data), Message)
    except (MalformedMessage, ConnectionEnded):
        return True


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises((MalformedMessage, ConnectionEnded)):
        read(data)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_random_headers_and_payloads_are_refused(header, payload):
    with pytest.raises(MalformedMessage):
        decode_reply(header, bytearray(payload), BOUNDS)


@given(st.integers(0, len(VALID) - 1), st.integers(0, 255))
def test_a_changed_byte_does_no_harm(position, byte):
    assert refused_or_read(VALID[:position] + bytes([byte]) + VALID[position + 1 :])


@given(st.integers(0, len(VALID)), st.integers(0, len(VALID)), st.binary(max_size=10))
def test_a_frame_with_a_piece_replaced_does_no_harm(start, end, piece):
    assert refused_or_read(VALID[:start] + piece + VALID[end:])


@given(st.lists(fields, min_size=1, max_size=3), st.binary(max_size=64))
def test_a_tensor_with_any_fields_does_no_harm(specifications, payload):
    assert refused_or_read(frame(with_tensors(*specifications), payload))


def test_a_message_that_nobody_would_read_is_not_even_made(line):
    ours, _ = line
    too_large = torch.empty(1, dtype=torch.float64).expand(Bounds().payload // 8 + 1)
    with pytest.raises(MalformedMessage, match="too large"):
        send(ours, Message(Done(), [WireTensor(too_large)]))
