"""Messages as bytes on a socket: a fixed prefix, a JSON header, then the raw bytes of the tensors.

    8 bytes  magic b"AGRDFRM1"
    4 bytes  length of the header, little endian
    8 bytes  length of the payload, little endian
    header   {"body": question or reply, "tensors": [[dtype, shape, device, requires_grad, is_leaf, is_parameter,
             grad or null, strides or null], ..]}
    payload  the tensors' values one after another, C order, nothing in between; none for the meta device

Reading is strict and bounded: whatever deviates raises `MalformedMessage` before any tensor is made.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
import torch
from msgspec import Struct
from torch import Tensor

from autograder.sandbox.protocol import MAX_META, AnyQuestion, AnyReply, Message, Shape, TensorIndex, WireTensor
from autograder.sandbox.values import MalformedMessage, dtype_from_name, dtype_name, extent

_MAGIC = b"AGRDFRM1"
_PREFIX = struct.Struct("<8sIQ")
_MAX_EMPTY = 2**20
"""Bound on the elements of a tensor that has none at all: taken apart along a dimension, it gives as many tensors."""


@dataclass(frozen=True)
class Bounds:
    """How large a frame may be, in bytes and tensors."""

    header: int = 4 << 20
    payload: int = 256 << 20
    tensors: int = 20_000


ANSWER = Bounds(header=1 << 20, tensors=10_000)
"""Of what comes from a worker. Only questions hold whole files; read, a header takes up to 30 times its size."""

_ROOM_OF_HEADER = 16
"""Bytes that a byte of a header takes when it has been read: trees of lists and objects are larger than their text."""


@dataclass
class Budget:
    """How many bytes all messages of one exercise may still take up, as long as they are kept."""

    left: int

    def spend(self, header: int, payload: int) -> None:
        """Raises MalformedMessage when there is not so much left."""
        size = _ROOM_OF_HEADER * header + payload
        if size > self.left:
            raise MalformedMessage("all answers together are too large")
        self.left -= size


class _Specification(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What is said of a tensor."""

    dtype: str
    shape: Shape
    device: Literal["cpu", "meta"]
    requires_grad: bool
    is_leaf: bool
    is_parameter: bool
    grad: TensorIndex | None
    strides: Shape | None


class _Question(Struct, frozen=True, forbid_unknown_fields=True):
    body: AnyQuestion
    tensors: list[_Specification]


class _Reply(Struct, frozen=True, forbid_unknown_fields=True):
    body: AnyReply
    tensors: list[_Specification]


_QUESTION, _REPLY = msgspec.json.Decoder(_Question), msgspec.json.Decoder(_Reply)

LOOK_SECONDS = 0.25


class ConnectionEnded(Exception):
    """The other side closed the connection, or ended."""


Frame = tuple[bytes | bytearray, bytes | bytearray]
"""Header and payload of a message."""


def send(connection: socket.socket, message: Message) -> None:
    """Send `message`. Raises ConnectionEnded when nobody listens, TimeoutError when the socket's time is up,
    MalformedMessage when nobody would read so much.
    """
    send_bytes(connection, encode(message))


def send_bytes(connection: socket.socket, data: bytes, patience: Patience | None = None) -> None:
    """Send messages that are encoded already. Raises as `send` does, TimeoutError when `patience` has run out."""
    unsent = memoryview(data)
    while unsent:
        if patience is not None:
            connection.settimeout(patience.rest())
        try:
            unsent = unsent[connection.send(unsent) :]
        except TimeoutError:
            if patience is None:
                raise
        except (BrokenPipeError, ConnectionResetError):
            raise ConnectionEnded from None


def encode(message: Message) -> bytes:
    """The bytes of `message`. Raises MalformedMessage when nobody would read so much."""
    header, payload = frame_of(message)
    return b"".join((_PREFIX.pack(_MAGIC, len(header), len(payload)), header, payload))


def frame_of(message: Message) -> Frame:
    """Header and payload of `message`. Raises MalformedMessage for one that nobody would read."""
    sizes = (wire.data.numel() * wire.data.dtype.itemsize for wire in message.tensors if not wire.data.is_meta)
    if sum(sizes) > Bounds.payload:
        raise MalformedMessage("a message is too large")
    payload = b"".join([b"" if wire.data.is_meta else _to_bytes(wire.data) for wire in message.tensors])
    try:
        tensors = [_specification(wire) for wire in message.tensors]
        header = msgspec.json.encode({"body": message.body, "tensors": tensors})
    except UnicodeEncodeError:
        raise MalformedMessage("a message holds text that no encoding knows") from None
    if len(header) > Bounds.header or len(tensors) > Bounds.tensors:
        raise MalformedMessage("a message is too large")
    return header, payload


class Patience:
    """How long a message is waited for, and what is looked after meanwhile."""

    def __init__(
        self, deadline: float, look: Callable[[], None] = lambda: None, late: Callable[[], float] = lambda: 0.0
    ) -> None:
        """`deadline` is on the clock of `time.monotonic`, and moves by the seconds that `late` says when it is reached.

        What `look` raises ends the waiting.
        """
        self._deadline, self._look, self._late = deadline, look, late
        self._next = time.monotonic() + LOOK_SECONDS

    def rest(self) -> float:
        """Seconds to wait before asking again. Raises TimeoutError when the deadline has passed."""
        now, deadline = time.monotonic(), self._deadline
        if now >= deadline:
            deadline += self._late()
            if now >= deadline:
                raise TimeoutError
        if now >= self._next:
            self._look()
            self._next = now + LOOK_SECONDS
        return max(0.001, min(deadline, self._next) - now)


class Incoming:
    """The receiving end of a connection, read in large pieces: whatever has arrived, up to what a message needs."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._data, self._at = bytearray(), 0

    def take(self, size: int, patience: Patience | None) -> bytearray:
        """The next `size` bytes. Raises as `receive_frame` does."""
        if len(self._data) - self._at < size:
            self._data, self._at = self._data[self._at :], 0
            # Grown as bytes arrive, not as lengths are claimed.
            while (missing := size - len(self._data)) > 0:
                self._data += self._receive(min(max(missing, _PIECE), 1 << 20), patience)
        if size == len(self._data):  # nothing is kept that was taken: it may be large
            taken, self._data = self._data, bytearray()
            return taken
        taken = self._data[self._at : self._at + size]
        self._at += size
        return taken

    def _receive(self, most: int, patience: Patience | None) -> bytes:
        while True:
            if patience is not None:
                self._connection.settimeout(patience.rest())
            try:
                piece = self._connection.recv(most)
            except TimeoutError:
                if patience is None:
                    raise
                continue
            except ConnectionResetError:
                raise ConnectionEnded from None
            if not piece:
                raise ConnectionEnded
            return piece


_PIECE = 1 << 16


def receive_question(incoming: Incoming) -> Message:
    """The next question. Raises as `receive_frame` does, and MalformedMessage for anything that is no question."""
    return _decode(_QUESTION, *receive_frame(incoming, Bounds()), Bounds())


def receive_frame(
    incoming: Incoming, bounds: Bounds, patience: Patience | None = None, budget: Budget | None = None
) -> Frame:
    """The next message, unread, which is paid for from `budget`.

    TimeoutError is raised when `patience` has run out, however the bytes dribble.
    Raises ConnectionEnded when the other side is gone, MalformedMessage for what is not within bounds.
    """
    magic, header_size, payload_size = _PREFIX.unpack(incoming.take(_PREFIX.size, patience))
    if magic != _MAGIC:
        raise MalformedMessage("the magic number is wrong")
    if header_size > bounds.header or payload_size > bounds.payload:
        raise MalformedMessage("a message is too large")
    if budget is not None:
        budget.spend(header_size, payload_size)
    return incoming.take(header_size, patience), incoming.take(payload_size, patience)


def decode_reply(header: bytes | bytearray, payload: bytes | bytearray, bounds: Bounds) -> Message:
    """The reply that a header and a payload spell. Raises MalformedMessage."""
    return _decode(_REPLY, header, payload, bounds)


def _decode(
    decoder: msgspec.json.Decoder[_Question] | msgspec.json.Decoder[_Reply],
    header: bytes | bytearray,
    payload: bytes | bytearray,
    bounds: Bounds,
) -> Message:
    try:
        read = decoder.decode(header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedMessage("the header is not one of the protocol") from error
    if len(read.tensors) > bounds.tensors:
        raise MalformedMessage("there are too many tensors")
    tensors: list[WireTensor] = []
    offset = 0
    for specification in read.tensors:
        wire, size = _tensor(specification, payload, offset, len(read.tensors), bounds)
        tensors.append(wire)
        offset += size
    if offset != len(payload):
        raise MalformedMessage("the payload is longer than its tensors")
    return Message(read.body, tensors)


def _specification(wire: WireTensor) -> _Specification:
    data = wire.data
    device: Literal["cpu", "meta"] = "meta" if data.is_meta else "cpu"
    flags = wire.requires_grad, wire.is_leaf, wire.is_parameter
    strides = None if wire.strides is None else list(wire.strides)
    return _Specification(dtype_name(data.dtype), list(data.shape), device, *flags, wire.grad, strides)


def _tensor(
    specification: _Specification, payload: bytes | bytearray, offset: int, tensors: int, bounds: Bounds
) -> tuple[WireTensor, int]:
    shape, grad = specification.shape, specification.grad
    if grad is not None and grad >= tensors:
        raise MalformedMessage("a gradient's index is out of range")
    dtype = dtype_from_name(specification.dtype)
    if (specification.requires_grad or specification.is_parameter) and not (
        dtype.is_floating_point or dtype.is_complex
    ):
        raise MalformedMessage("a tensor of integers cannot carry gradients")
    # Sizes beside a 0 count, too: torch cannot compute the strides of (0, 2**39, 2**39), and a sum over an empty
    # dimension takes up what the other dimensions say.
    count = math.prod(max(size, 1) for size in shape)
    if specification.device == "meta":
        if count >= MAX_META:
            raise MalformedMessage("a tensor is too large")
        data, size = torch.empty(shape, dtype=dtype, device="meta"), 0
    else:
        size = math.prod(shape) * dtype.itemsize
        if count * dtype.itemsize > bounds.payload or (size == 0 and count > _MAX_EMPTY):
            raise MalformedMessage("a tensor is too large")
        if offset + size > len(payload):
            raise MalformedMessage("the payload is shorter than its tensors")
        data = _from_bytes(payload, offset, size, dtype, shape)
    flags = specification.requires_grad, specification.is_leaf, specification.is_parameter
    return WireTensor(data, *flags, grad, _strides(specification, dtype, bounds)), size


def _strides(specification: _Specification, dtype: torch.dtype, bounds: Bounds) -> tuple[int, ...] | None:
    shape, strides = specification.shape, specification.strides
    if strides is None:
        return None
    if len(strides) != len(shape):
        raise MalformedMessage("a tensor's strides are malformed")
    if extent(shape, strides) * dtype.itemsize > bounds.payload:
        raise MalformedMessage("a tensor is spread over too much memory")
    return tuple(strides)


def _to_bytes(data: Tensor) -> bytes:
    plain = data.detach()
    if plain.dtype is torch.bfloat16:  # numpy has none
        plain = plain.view(torch.int16)
    return plain.numpy().tobytes()


def _from_bytes(payload: bytes | bytearray, offset: int, size: int, dtype: torch.dtype, shape: list[int]) -> Tensor:
    if size == 0:
        return torch.empty(shape, dtype=dtype)
    # Cloned: each tensor owns its memory, aligned for its dtype.
    if offset % dtype.itemsize == 0 and dtype is not torch.bool:
        return (
            torch.frombuffer(payload, dtype=dtype, count=size // dtype.itemsize, offset=offset).reshape(shape).clone()
        )
    raw = torch.frombuffer(payload, dtype=torch.uint8, count=size, offset=offset).clone()
    if dtype is torch.bool and int(raw.max()) > 1:
        raise MalformedMessage("a boolean is neither 0 nor 1")
    return raw.view(dtype).reshape(shape)
