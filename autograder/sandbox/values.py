"""Turns arguments and results into plain data and back: a JSON tree that refers to a table of tensors.

The tree holds None, booleans, integers, strings and one-key objects; every other value is spelled as one of those:

    {"f": hex}  float            {"i": str}  large integer       {"y": name}  torch.dtype      {"b": base64}  bytes
    {"l": [..]} list             {"u": [..]} tuple               {"d": [[key, value], ..]} dict, dataclass
    {"t": n}    n-th tensor of the message

Only in questions, where they say what is on the other side, or is to be built there:

    {"o": n}    object that stayed there              {"s": name}  name that the student's file defines
    {"e": name} name that beside.py defines           {"n": "torch.nn.ReLU"}  the library's class or function
    {"m": [tree, name]}  method of an object          {"c": [name, args, kwargs]}  library object to be built
    {"g": [..]} generator over the items

Only in replies:

    {"k": [n, type]}  object that stays there; a third entry, true, marks an nn.Module
    {"a": n}    the very tensor that was n-th in the question

Whatever cannot be spelled raises `CannotTravelError`; decoding accepts exactly this and raises `MalformedMessage` for
anything else. Nothing is left out in silence.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from autograder.sandbox.protocol import Tree, WireTensor

MAX_DEPTH = 12
"""How deep a value may be nested. Honest values stay below six."""
MAX_DEPTH_OF_REPLIES = 8
"""Less, and fewer keys: what the code returned, a suite can pass on among other values."""

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
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_BIG = 2**53
_MAX_COSTLY_KEYS = 4_000
MAX_COSTLY_KEYS_OF_REPLIES = 1_000
_TOO_MANY_KEYS = "there are too many keys that are neither text nor small integers"


class MalformedMessage(Exception):
    """What came from the other side is not a message of the protocol."""


class CannotTravelError(TypeError):
    """A value is no data, and nothing on the other side either."""


def dtype_from_name(name: object) -> torch.dtype:
    """The dtype that travels under `name`, for example "float64"."""
    if not isinstance(name, str):  # not in the message: to spell out a deeply nested value is an error of its own
        raise MalformedMessage("a dtype is named by text")
    dtype = _DTYPES.get(name)
    if dtype is None:
        raise MalformedMessage(f"unknown dtype {name[:40]!r}")
    return dtype


def dtype_name(dtype: torch.dtype) -> str:
    """The name under which `dtype` travels; raises CannotTravelError for dtypes that cannot."""
    name = _NAMES.get(dtype)
    if name is None:
        raise CannotTravelError(f"tensors of dtype {str(dtype).removeprefix('torch.')} cannot be sent")
    return name


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


def tree_map(function: Callable[[Any], Any], value: Any) -> Any:
    """The same lists, tuples and dictionaries with `function` of whatever else is in them.

    torch.utils._pytree does that for more types, in 17 µs where this takes 2, several times per question.
    """
    if isinstance(value, (list, tuple)):
        items = [tree_map(function, item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)  # a named tuple has fields
    if isinstance(value, dict):
        return {key: tree_map(function, item) for key, item in value.items()}
    return function(value)


def tree_leaves(value: Any) -> list[Any]:
    """What is in lists, tuples and dictionaries, in order."""
    found: list[Any] = []
    tree_map(found.append, value)
    return found


def same(one: Tensor | None, other: Tensor | None) -> bool:
    """Whether both hold the same numbers, to the last bit; NaN is the same as NaN."""
    if one is None or other is None:
        return one is other
    if (one.shape, one.dtype, one.device) != (other.shape, other.dtype, other.device):
        return False
    return one.is_meta or torch.equal(one, other) or torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)


def extent(shape: Sequence[int], strides: Sequence[int]) -> int:
    """How many elements lie between the first and the last of a tensor, both included."""
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True) if size > 0)


class Encoder:
    """Writes values into one message. The same tensor object, met twice, is sent once."""

    max_depth, max_costly_keys = MAX_DEPTH, _MAX_COSTLY_KEYS

    def __init__(self) -> None:
        self.tensors: list[WireTensor] = []
        self.originals: list[Tensor] = []
        self._index: dict[int, int] = {}
        self._costly_keys = 0

    def tensor(self, tensor: Tensor) -> int:
        """Put `tensor` into the table (data copied) and return its index."""
        known = self._index.get(id(tensor))
        if known is not None:
            return known
        # A subclass's own __torch_function__ must not run here: only plain data leaves.
        known_type = type(tensor) in (Tensor, nn.Parameter)
        plain = tensor if known_type else torch.Tensor.as_subclass(tensor, Tensor)
        if plain.is_nested:
            raise CannotTravelError("nested tensors cannot be sent")
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
            is_parameter=type(tensor) is not Tensor and isinstance(tensor, nn.Parameter),
            strides=strides_of(data),
        )
        self.tensors.append(wire)
        self.originals.append(tensor)
        self._index[id(tensor)] = index
        if plain.is_leaf and plain.grad is not None:
            wire.grad = self.tensor(plain.grad)
        return index

    def value(self, value: object, depth: int = 0) -> Tree:
        """The JSON tree of `value`; tensors go into the table. Raises CannotTravelError."""
        if depth >= self.max_depth:
            raise CannotTravelError(f"a value is nested more than {self.max_depth} deep")
        down = depth + 1
        # By far the most values are exactly of these types; asked for in this order, they are found fastest.
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str and value.isascii():  # type: ignore[attr-defined]
            return value
        if kind is dict:
            return self._pairs(value, down)  # type: ignore[arg-type]
        if isinstance(value, (list, tuple)) and not isinstance(value, nn.Module):
            items = [self.value(item, down) for item in value]
            return {"l": items} if isinstance(value, list) else {"u": items}
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            text = encodable(value)
            if text != value:
                raise CannotTravelError("a text holds half a character (a lone surrogate)")
            return text
        if isinstance(value, int):
            return int(value) if -_BIG < value < _BIG else _large(int(value))
        if isinstance(value, float):
            return {"f": float(value).hex()}
        if isinstance(value, Tensor):
            return self.tensor_tree(value)
        if isinstance(value, nn.Module):  # also one that is a list or a mapping besides
            return self.other(value, down)
        if isinstance(value, torch.dtype):
            return {"y": dtype_name(value)}
        if isinstance(value, Mapping):
            return self._pairs(value, down)
        if isinstance(value, (bytes, bytearray)):
            return {"b": base64.b64encode(value).decode("ascii")}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._pairs({each.name: getattr(value, each.name) for each in dataclasses.fields(value)}, down)
        return self.other(value, down)

    def tensor_tree(self, tensor: Tensor) -> Tree:
        """The tree of a tensor among the values."""
        return {"t": self.tensor(tensor)}

    def other(self, value: object, depth: int) -> Tree:
        """The tree of what is no data."""
        raise CannotTravelError(f"a value of type {_type_name(value)} cannot be passed to the other side")

    def _pairs(self, value: Mapping[Any, Any], depth: int) -> Tree:
        for key in value:
            if type(key) is not str:
                if not _is_key(key):
                    raise CannotTravelError(f"a key of type {_type_name(key)} cannot be passed to the other side")
                self._costly_keys += _is_costly(key)
        if self._costly_keys > self.max_costly_keys:
            raise CannotTravelError(_TOO_MANY_KEYS)
        return {"d": [[self.value(key, depth), self.value(item, depth)] for key, item in value.items()]}


class Decoder:
    """Reads values from one message; strict: whatever is not in the table above raises `MalformedMessage`.

    Messages may come from code that wants to be slow to read, so work is bounded by the size of the message.
    """

    max_depth, max_costly_keys = MAX_DEPTH, _MAX_COSTLY_KEYS

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = tensors
        self._costly_keys = 0

    def value(self, tree: Tree, depth: int = 0) -> Any:
        """The value that `tree` spells."""
        # JSON gives exactly these types.
        type_ = type(tree)
        if tree is None or type_ is str or type_ is bool:
            return tree
        if type_ is int:
            if not -_BIG < tree < _BIG:
                raise MalformedMessage("a large integer is not spelled as one")
            return tree
        if depth > self.max_depth:
            raise MalformedMessage("a value is nested too deeply")
        if type_ is not dict or len(tree) != 1:
            raise MalformedMessage("a value is not spelled as the protocol asks")
        ((kind, content),) = tree.items()
        down = depth + 1
        if kind == "d":
            return self._dict(content, down)
        if kind == "t":
            return self.tensor(index(content, len(self._tensors)))
        if kind in ("l", "u"):
            items = [self.value(item, down) for item in list_of(content)]
            return items if kind == "l" else tuple(items)
        if kind == "f":
            return _float(content)
        if kind == "i":
            return _integer(content)
        if kind == "y":
            return dtype_from_name(content)
        if kind == "b":
            return _bytes(content)
        return self.special(kind, content, down)

    def tensor(self, place: int) -> Tensor:
        """The tensor at a place of the table."""
        return self._tensors[place]

    def special(self, kind: str, content: Any, depth: int) -> Any:
        """Values that only one side understands; none here."""
        raise MalformedMessage(f"unknown kind of value {str(kind)[:20]!r}")

    def _dict(self, content: Any, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in list_of(content):
            if not isinstance(pair, list) or len(pair) != 2:
                raise MalformedMessage("a dictionary's entry is not a pair")
            key = pair[0] if type(pair[0]) is str else self._key(pair[0], depth)
            if key in result:
                raise MalformedMessage("a dictionary has the same key twice")
            result[key] = self.value(pair[1], depth)
        return result

    def _key(self, tree: Tree, depth: int) -> Any:
        key = self.value(tree, depth)
        if not _is_key(key):
            raise MalformedMessage("a dictionary's key is not data")
        self._costly_keys += _is_costly(key)
        if self._costly_keys > self.max_costly_keys:
            raise MalformedMessage(_TOO_MANY_KEYS)
        return key


@dataclasses.dataclass(frozen=True)
class Kept:
    """An object that stayed on the other side."""

    number: int
    type_name: str
    is_module: bool


class ReplyDecoder(Decoder):
    """Reads values from a reply. `arguments` stand for the tensors of the question, in order: one may come back."""

    max_depth, max_costly_keys = MAX_DEPTH_OF_REPLIES, MAX_COSTLY_KEYS_OF_REPLIES

    def __init__(self, tensors: Sequence[Tensor], arguments: Sequence[Any]) -> None:
        super().__init__(tensors)
        self._arguments = arguments

    def special(self, kind: str, content: Any, depth: int) -> Any:
        if kind == "a":
            return self._arguments[index(content, len(self._arguments))]
        if kind == "k":
            match list_of(content):
                case [number, type_name]:
                    return Kept(index(number), text_of(type_name)[:80], False)
                case [number, type_name, True]:
                    return Kept(index(number), text_of(type_name)[:80], True)
            raise MalformedMessage("an object is misspelled")
        return super().special(kind, content, depth)


_MAX_DIGITS = 400


def _large(number: int) -> Tree:
    # Python itself writes numbers of more than some thousand digits only when it is told to.
    if number.bit_length() > 4 * _MAX_DIGITS or len(str(abs(number))) > _MAX_DIGITS - 1:
        raise CannotTravelError(f"an integer has {_MAX_DIGITS} digits or more")
    return {"i": str(number)}


def _is_key(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_key, value))
    return value is None or isinstance(value, (str, int, float, bytes))


def _is_costly(key: object) -> bool:
    """Tuples and large numbers can be made to have one hash, so that a dictionary of them takes quadratic time."""
    return isinstance(key, (tuple, float, bytes)) or (isinstance(key, int) and not -_BIG < key < _BIG)


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def encodable(text: str) -> str:
    """`text` without lone surrogates, which UTF-8, and so JSON, cannot hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def text_of(content: Any) -> str:
    """`content`, if it is text. Raises MalformedMessage."""
    if not isinstance(content, str):
        raise MalformedMessage("text expected")
    return content


def list_of(content: Any) -> list[Any]:
    """`content`, if it is a list. Raises MalformedMessage."""
    if not isinstance(content, list):
        raise MalformedMessage("a list expected")
    return content


def index(content: Any, below: int = _BIG) -> int:
    """`content`, if it is an integer from 0 on and below `below`. Raises MalformedMessage."""
    if isinstance(content, bool) or not isinstance(content, int) or not 0 <= content < below:
        raise MalformedMessage("an index is out of range")
    return content


def _float(content: Any) -> float:
    try:
        return float.fromhex(text_of(content)[:64])
    except (ValueError, OverflowError) as error:
        raise MalformedMessage("a float is misspelled") from error


def _integer(content: Any) -> int:
    text = text_of(content)
    if len(text) > _MAX_DIGITS or not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise MalformedMessage("an integer is misspelled")
    return int(text)


def _bytes(content: Any) -> bytes:
    try:
        return base64.b64decode(text_of(content), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedMessage("bytes are misspelled") from error
