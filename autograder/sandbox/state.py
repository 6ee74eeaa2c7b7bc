"""What a host answers when it is asked for a module's state: a line for each parameter and buffer, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import torch
from torch import Tensor

from autograder.sandbox.values import MalformedMessage, dtype_from_name

_Size = Annotated[int, msgspec.Meta(ge=0, lt=2**40)]
_Row = tuple[str, Annotated[list[_Size], msgspec.Meta(max_length=16)], str, str, bool, bool, bool]


@dataclass(frozen=True)
class Row:
    """A parameter or buffer. On the meta device, or where values were not asked for, `value` and `grad` are None."""

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    requires_grad: bool
    is_parameter: bool
    persistent: bool
    value: Tensor | None
    grad: Tensor | None


def read_rows(answer: object) -> list[Row]:
    """The state that a decoded answer tells, in the order of the module. Raises MalformedMessage.

    Values are of the shape and dtype that their line says, and gradients of that shape.
    """
    match answer:
        case {"described": str(text), "values": list(values), "grads": list(grads)}:
            pass
        case _:
            raise MalformedMessage("a module's state is malformed")
    try:
        described = msgspec.json.decode(text, type=list[_Row])
    except msgspec.DecodeError:
        raise MalformedMessage("a module's state is malformed") from None
    if not len(described) == len(values) == len(grads):
        raise MalformedMessage("a module's state tells more values than parameters, or fewer")
    rows = []
    for line, value, grad in zip(described, values, grads, strict=True):
        name, shape, dtype, device, requires_grad, is_parameter, persistent = line
        flags = requires_grad, is_parameter, persistent
        row = Row(name, tuple(shape), dtype_from_name(dtype), device, *flags, _bare(value), _bare(grad))
        if not (_fits(value, row) and _fits(grad, row)) or (value is not None and value.dtype != row.dtype):
            raise MalformedMessage("a parameter's value is of another kind than its description")
        rows.append(row)
    return rows


def _fits(tensor: object, row: Row) -> bool:
    return tensor is None or (isinstance(tensor, Tensor) and not tensor.is_meta and tensor.shape == row.shape)


def _bare(value: Any) -> Tensor | None:
    """A tensor without its history; what is no tensor is refused afterwards."""
    return value.detach() if isinstance(value, Tensor) else value
