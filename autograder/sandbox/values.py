"""Turns arguments and results into plain data and back: a JSON tree that refers to a table of tensors.

The tree holds None, booleans, integers, strings and one-key objects; every other value is spelled as one of those:

    {"f": hex}  float            {"i": str}  large integer       {"y": name}  torch.dtype
    {"l": [..]} list             {"u": [..]} tuple               {"d": [[key, value], ..]} dict
    {"t": n}    n-th tensor      {"o": n}    n-th object kept by the other side
    {"g": [..]} generator over the items                          {"n": "torch.nn.ReLU"} the class or function of that
    name {"c": [name, args, kwargs]}  an object to be built there      {"x": type name} something that cannot travel

Decoding accepts exactly this and raises `MalformedMessage` for anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

MAX_DEPTH = 12
"""How deep a value may be nested. Honest values stay below six."""

_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64,
        torch.float32,
        torch.float16,
        torch.bfloat16,
        torch.complex64,
        torch.complex128,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
    )
}
_BIG = 2**53
_MAX_COSTLY_KEYS = 1_000


class MalformedMessage(Exception):
    """What came from the other side is not a message of the protocol."""


@dataclass(frozen=True)
class Handle:
    """An object that stays on the other side; `number` names it there."""

    number: int


@dataclass(frozen=True)
class Opaque:
    """A result that is no data: only the name of its type travels."""

    type_name: str


@dataclass(frozen=True)
class Named:
    """A library class or function, passed as itself, for example `torchvision.models.resnet.BasicBlock`."""

    name: str


@dataclass(frozen=True)
class New:
    """A library object that the other side builds: `name(*args, **kwargs)`."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class WireTensor:
    """A tensor in a message: its data (detached) and what autograd needs to treat it alike on the other side."""

    data: Tensor
    requires_grad: bool = False
    is_leaf: bool = True
    is_parameter: bool = False
    grad: int | None = None
    """Index of the tensor that holds its gradient."""
    strides: tuple[int, ...] | None = None
    """How it lies in memory, in elements, as `Tensor.stride()` tells; None where it is contiguous. `data` always is."""


def strides_of(tensor: Tensor) -> tuple[int, ...] | None:
    """How `tensor` lies in memory; None where that is contiguous, or where there is no memory."""
    return None if tensor.is_meta or tensor.is_contiguous() else tensor.stride()


def laid_out(data: Tensor, strides: Sequence[int] | None) -> Tensor:
    """A copy of `data` with these strides, as in the memory of whoever passed it: transposed, channels last, a crop of
    something larger. Gradients reach `data`.
    """
    if strides is None or data.is_meta:
        return data.clone()
    size = extent(data.shape, strides)
    places = torch.arange(size).as_strided(data.shape, strides).flatten()
    memory = torch.zeros(size, dtype=data.dtype).index_put((places,), data.flatten())
    return memory.as_strided(data.shape, strides)


def extent(shape: Sequence[int], strides: Sequence[int]) -> int:
    """How many elements lie between the first and the last of a tensor, both included."""
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True) if size > 0)


@dataclass
class Message:
    """One question or answer: a JSON tree and the tensors it refers to."""

    body: Any
    tensors: list[WireTensor] = field(default_factory=list)


def dtype_from_name(name: object) -> torch.dtype:
    """The dtype that travels under `name`, for example "float64"."""
    if not isinstance(name, str):  # not told in the message: to spell out a deeply nested value is an error of its own
        raise MalformedMessage("a dtype is named by text")
    dtype = _DTYPES.get(name)
    if dtype is None:
        raise MalformedMessage(f"unknown dtype {name[:40]!r}")
    return dtype


def dtype_name(dtype: torch.dtype) -> str:
    """The name under which `dtype` travels; raises `MalformedMessage` for dtypes that cannot."""
    name = str(dtype).removeprefix("torch.")
    if name not in _DTYPES:
        raise MalformedMessage(f"tensors of dtype {name} cannot be sent")
    return name


class Encoder:
    """Writes values into one message. The same tensor object, met twice, is sent once.

    `identify` names objects that stay on this side (it returns None for those that have no name).
    """

    def __init__(self, identify: Callable[[object], int | None] = lambda _: None) -> None:
        self.tensors: list[WireTensor] = []
        self.originals: list[Tensor] = []
        self._index: dict[int, int] = {}
        self._identify = identify

    def tensor(self, tensor: Tensor) -> int:
        """Put `tensor` into the table (data copied) and return its index."""
        known = self._index.get(id(tensor))
        if known is not None:
            return known
        # A subclass's own __torch_function__ must not run here: only plain data leaves.
        known_type = type(tensor) in (Tensor, torch.nn.Parameter)
        plain = tensor if known_type else torch.Tensor.as_subclass(tensor, Tensor)
        dtype_name(plain.dtype)
        data = plain.detach()
        if data.layout is not torch.strided:
            data = data.to_dense()
        index = len(self.tensors)
        wire = WireTensor(
            data=data
            if data.is_meta
            else data.resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format),
            requires_grad=bool(plain.requires_grad),
            is_leaf=bool(plain.is_leaf),
            # The check of nn.Parameter is slow, and plain tensors are none.
            is_parameter=type(tensor) is not Tensor and isinstance(tensor, torch.nn.Parameter),
            strides=strides_of(data),
        )
        self.tensors.append(wire)
        self.originals.append(tensor)
        self._index[id(tensor)] = index
        if plain.is_leaf and plain.grad is not None:
            wire.grad = self.tensor(plain.grad)
        return index

    def value(self, value: object, depth: int = 0) -> Any:
        """The JSON tree of `value`; tensors go into the table."""
        if depth >= MAX_DEPTH:  # what stands in its place must itself be within the depth
            return {"x": "a value nested too deeply"}
        down = depth + 1
        # By far the most values are exactly of these types; asked for in this order, they are told fastest.
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str and value.isascii():  # type: ignore[attr-defined]
            return value
        if kind is dict:
            return self._pairs(value, down)  # type: ignore[arg-type]
        if kind is list:
            return {"l": [self.value(item, down) for item in value]}  # type: ignore[attr-defined]
        if kind is tuple:
            return {"u": [self.value(item, down) for item in value]}  # type: ignore[attr-defined]
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _encodable(value)
        if isinstance(value, int):
            return int(value) if -_BIG < value < _BIG else {"i": str(int(value))}
        if isinstance(value, float):
            return {"f": float(value).hex()}
        if isinstance(value, Tensor):
            return {"t": self.tensor(value)}
        if isinstance(value, Handle):
            return {"o": value.number}
        if isinstance(value, Named):
            return {"n": value.name}
        if isinstance(value, New):
            parts = [value.name, self.value(tuple(value.args), down), self.value(dict(value.kwargs), down)]
            return {"c": parts}
        if isinstance(value, torch.dtype):
            return {"y": dtype_name(value)}
        number = self._identify(value)
        if number is not None:
            return {"o": number}
        if isinstance(value, list):
            return {"l": [self.value(item, down) for item in value]}
        if isinstance(value, tuple):
            return {"u": [self.value(item, down) for item in value]}
        if isinstance(value, Mapping):
            return self._pairs(value, down)
        if isinstance(value, Iterator):
            return {"g": [self.value(item, down) for item in value]}
        return {"x": type(value).__name__[:80]}

    def _pairs(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        return {"d": [[self.value(key, depth), self.value(item, depth)] for key, item in value.items()]}


class Decoder:
    """Reads values from one message; strict: whatever is not in the table above raises `MalformedMessage`.

    `objects` maps the number of an {"o"} to what it stands for, `tensors` the index of a {"t"}. {"n"} and {"c"} are
    refused: answers have no business building anything (the host's decoder, for questions, overrides `special`).
    """

    def __init__(self, tensors: list[Tensor], objects: Callable[[int], Any]) -> None:
        self._tensors = tensors
        self._objects = objects
        self._costly_keys = 0

    def value(self, tree: Any, depth: int = 0) -> Any:
        """The value that `tree` spells."""
        # JSON gives exactly these types.
        type_ = type(tree)
        if tree is None or type_ is str or type_ is bool:
            return tree
        if type_ is int:
            if not -_BIG < tree < _BIG:
                raise MalformedMessage("a large integer is not spelled as one")
            return tree
        if depth > MAX_DEPTH:
            raise MalformedMessage("a value is nested too deeply")
        if type_ is not dict or len(tree) != 1:
            raise MalformedMessage("a value is not spelled as the protocol asks")
        ((kind, content),) = tree.items()
        down = depth + 1
        if kind == "d":
            return self._dict(content, down)
        if kind == "t":
            return self._tensors[_index(content, len(self._tensors))]
        if kind in ("l", "u", "g"):
            items = [self.value(item, down) for item in _list(content)]
            return items if kind == "l" else tuple(items) if kind == "u" else (item for item in items)
        if kind == "f":
            return _float(content)
        if kind == "i":
            return _integer(content)
        if kind == "y":
            return dtype_from_name(content)
        if kind == "o":
            return self._objects(_index(content, _BIG))
        if kind == "x":
            return Opaque(_text(content)[:80])
        return self.special(kind, content, down)

    def special(self, kind: str, content: Any, depth: int) -> Any:
        """Values that only one side understands; none here."""
        raise MalformedMessage(f"unknown kind of value {str(kind)[:20]!r}")

    def _dict(self, content: Any, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in _list(content):
            if not isinstance(pair, list) or len(pair) != 2:
                raise MalformedMessage("a dictionary's entry is not a pair")
            key = pair[0] if type(pair[0]) is str else self._key(pair[0], depth)
            if key in result:
                raise MalformedMessage("a dictionary has the same key twice")
            result[key] = self.value(pair[1], depth)
        return result

    def _key(self, tree: Any, depth: int) -> Any:
        key = self.value(tree, depth)
        if not _is_key(key):
            raise MalformedMessage("a dictionary's key is not data")
        # Tuples and large integers can be made to have one hash, so that a dictionary of them takes quadratic time.
        self._costly_keys += isinstance(key, tuple) or (isinstance(key, int) and not -_BIG < key < _BIG)
        if self._costly_keys > _MAX_COSTLY_KEYS:
            raise MalformedMessage("there are too many keys that are neither text nor small integers")
        return key


def _is_key(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_key, value))
    return value is None or isinstance(value, (str, int))


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which UTF-8, and so JSON, cannot hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _text(content: Any) -> str:
    if not isinstance(content, str):
        raise MalformedMessage("text expected")
    return content


def _list(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise MalformedMessage("a list expected")
    return content


def _index(content: Any, below: int) -> int:
    if isinstance(content, bool) or not isinstance(content, int) or not 0 <= content < below:
        raise MalformedMessage("an index is out of range")
    return content


def _float(content: Any) -> float:
    try:
        return float.fromhex(_text(content)[:64])
    except (ValueError, OverflowError) as error:
        raise MalformedMessage("a float is misspelled") from error


def _integer(content: Any) -> int:
    text = _text(content)
    if len(text) > 400 or not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise MalformedMessage("an integer is misspelled")
    return int(text)
