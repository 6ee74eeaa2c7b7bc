"""Values as short text: small tensors number by number, large ones by their shape and range."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from autograder.language import tr

_MOST_NUMBERS = 40
"""Of a tensor that is shown whole; of more than a dozen that are all the same, one will do."""
_MOST_ITEMS = 12
_MOST_CHARACTERS = 60
_LINE = 60
"""Characters of a tensor in one line; a longer one has a line for every row."""


def shown(value: Any) -> str:
    """A value in a line, or a tensor in as many as it has rows; empty for what is no data, as functions are."""
    try:
        return _tensor(value.detach(), _nested) if isinstance(value, Tensor) else _in_words(value)
    except Exception:  # whatever the code under test has made of it
        return type(value).__name__


def _in_words(value: Any) -> str:
    if isinstance(value, Tensor):
        return _tensor(value.detach(), _in_a_line)
    if isinstance(value, nn.Module):
        text = repr(value)
        return text if len(text) <= _MOST_CHARACTERS and "\n" not in text else f"{type(value).__name__}(...)"
    if isinstance(value, bool | torch.dtype | torch.device):
        return str(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return repr(value) if len(value) <= _MOST_CHARACTERS else f"{value[:_MOST_CHARACTERS]!r}..."
    if isinstance(value, Mapping):
        pairs = [f"{_in_words(key)}: {_in_words(item)}" for key, item in list(value.items())[:_MOST_ITEMS]]
        return "{" + ", ".join(_cut(pairs, len(value))) + "}" if all(pairs) else ""
    if isinstance(value, list | tuple | set | frozenset):
        items = [_in_words(item) for item in list(value)[:_MOST_ITEMS]]
        first, last = "[]" if isinstance(value, list) else "()" if isinstance(value, tuple) else "{}"
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return first + ", ".join(_cut(items, len(value))) + comma + last if all(items) else ""
    return "None" if value is None else ""


def holds_tensor(value: Any) -> bool:
    """Whether it is a tensor, or a list or tuple that begins with one."""
    return isinstance(value, Tensor) or (isinstance(value, list | tuple) and any(map(holds_tensor, value[:1])))


def number(value: float) -> str:
    """In four decimal places, or as many digits where these would say nothing."""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**9 else f"{float(value):.4g}"
    if value == 0 or not 1e-3 <= abs(value) < 1e6:
        return f"{value + 0.0:.4g}"  # zero has no sign here
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _tensor(tensor: Tensor, numbers: Callable[[Any], str]) -> str:
    shape = tuple(tensor.shape)
    if tensor.is_meta or not tensor.numel():
        return tr("shape {shape}", shape=shape)
    least, most = (_in_a_line(each.item()) for each in (tensor.min(), tensor.max()))
    if least == most and tensor.numel() > _MOST_ITEMS:
        return tr("shape {shape}, {value} everywhere", shape=shape, value=least)
    if tensor.numel() <= _MOST_NUMBERS:
        return numbers(tensor.tolist())
    return tr("shape {shape}, from {least} to {most}", shape=shape, least=least, most=most)


def _nested(value: Any) -> str:
    """Lists of numbers, as Python writes them, in one line or with a line for each row."""
    flat = _in_a_line(value)
    if len(flat) <= _LINE or not isinstance(value[0], list):
        return flat
    return "[" + ",\n".join(_nested(row) for row in value).replace("\n", "\n ") + "]"


def _in_a_line(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_a_line, value)) + "]"
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _cut(items: list[str], count: int) -> list[str]:
    return items if count <= len(items) else [*items, "..."]
