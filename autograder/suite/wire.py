"""What a suite passes and what comes back, as the protocol carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from autograder.language import tr
from autograder.sandbox.protocol import Tree, WireTensor
from autograder.sandbox.session import Session, SuiteError, misunderstood
from autograder.sandbox.values import CannotTravelError, Encoder, MalformedMessage, ReplyDecoder


class Remote:
    """Something on the other side of one session, which can be passed to that alone."""

    __slots__ = ()
    session: Session

    def passed(self) -> Tree:
        """How it goes as an argument. Raises SuiteError where it cannot."""
        raise NotImplementedError


class Library:
    """The library's class or function of that name, passed as itself."""

    def __init__(self, name: str) -> None:
        self.name = name


class New(Library):
    """A library object that the other side builds: `name(*args, **kwargs)`."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        super().__init__(name)
        self.args, self.kwargs = args, kwargs


def new(name: str, *args: Any, as_is: bool = False, **kwargs: Any) -> New | Library:
    """A library object for the other side to build, `name(*args, **kwargs)`; with `as_is`, the class or function
    itself.

    >>> new("torch.nn.Conv2d", 3, 8, kernel_size=3)
    >>> new("torchvision.models.resnet.BasicBlock", as_is=True)
    """
    return Library(name) if as_is else New(name, args, kwargs)


def refuse_earlier(what: str, session: Session, test: int) -> None:
    if test != session.test:
        raise SuiteError(f"{what} was made in an earlier test, and is gone; make it anew in each")


_MOST_ITEMS = 10_000


class Questions(Encoder):
    """Encodes arguments for one session. Raises SuiteError for what cannot travel, or belongs to another session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.library = False
        """Whether there is something of the library's among the values."""

    def value(self, value: object, depth: int = 0) -> Tree:
        try:
            return super().value(value, depth)
        except CannotTravelError as error:
            raise SuiteError(str(error)) from None

    def tensor(self, tensor: Tensor) -> int:
        plain = type(tensor) in (Tensor, Parameter) and tensor.layout is torch.strided
        if not plain or torch._C._functorch.is_functorch_wrapped_tensor(tensor):
            raise SuiteError(
                f"{type(tensor).__name__} of layout {str(tensor.layout).removeprefix('torch.')}: a subclass, a sparse "
                "tensor or one inside torch.func's transforms cannot be passed; make it in beside.py"
            )
        try:
            return super().tensor(tensor)
        except CannotTravelError as error:
            raise SuiteError(str(error)) from None

    def other(self, value: object, depth: int) -> Tree:
        if isinstance(value, Remote):
            if value.session is not self._session:
                raise SuiteError(
                    f"{value!r} belongs to the code of {value.session.owner}; it cannot be passed to that of "
                    f"{self._session.owner}"
                )
            return value.passed()
        self.library = self.library or isinstance(value, Library)
        if isinstance(value, New):
            return {"c": [value.name, self.value(value.args, depth), self.value(dict(value.kwargs), depth)]}
        if isinstance(value, Library):
            return {"n": value.name}
        if isinstance(value, Iterator):
            items = list(islice(value, _MOST_ITEMS + 1))
            if len(items) > _MOST_ITEMS:
                raise SuiteError(f"an iterator has more than {_MOST_ITEMS} items, or does not end")
            return {"g": [self.value(item, depth) for item in items]}
        return super().other(value, depth)


class Replies(ReplyDecoder):
    """Decodes what a call returned, and notes which tensors are its outputs."""

    def __init__(self, wires: Sequence[WireTensor], arguments: Sequence[Tensor] = ()) -> None:
        try:
            super().__init__([_live(wire) for wire in wires], arguments)
        except MalformedMessage as error:
            raise misunderstood(error) from None
        self._outputs: dict[int, Tensor] = {}

    def read(self, tree: Tree) -> Any:
        """The value. Raises SubjectDied where there is none."""
        try:
            return self.value(tree)
        except MalformedMessage as error:
            raise misunderstood(error) from None

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors among the values, in order, each once."""
        return list(self._outputs.values())

    def tensor(self, place: int) -> Tensor:
        return self._outputs.setdefault(place, super().tensor(place))

    def bare(self, place: int | None) -> Tensor | None:
        """A tensor that is no output, without its history. Raises SubjectDied."""
        if place is None:
            return None
        if place >= len(self._tensors):
            raise misunderstood("an index is out of range")
        return self._tensors[place].detach()


def _live(wire: WireTensor) -> Tensor:
    """The tensor of an answer; it requires grad when gradients can flow into it on the other side."""
    if wire.requires_grad and not (wire.data.is_floating_point() or wire.data.is_complex()):
        raise MalformedMessage("a tensor of integers cannot carry gradients")
    return wire.data.requires_grad_(wire.requires_grad)


def shown_arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """As in a call, cut short."""
    parts = [_short(arg) for arg in args] + [f"{name}={_short(value)}" for name, value in kwargs.items()]
    return ", ".join(parts)


_LONG_FLOAT = 8
"""Characters of a number that was drawn rather than chosen."""


def _short(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"tensor{tuple(value.shape)}"
    if isinstance(value, (list, tuple)):
        return tr("[{count} values]", count=len(value)) if len(value) > 4 else "[" + ", ".join(map(_short, value)) + "]"
    if isinstance(value, Library):
        return value.name.rpartition(".")[2]
    if isinstance(value, float) and len(repr(value)) > _LONG_FLOAT:
        return f"{value:.4g}"
    if isinstance(value, Iterator):
        return "generator"
    return (
        repr(value)
        if isinstance(value, (Remote, int, float, str, bool, type(None), torch.dtype))
        else type(value).__name__
    )
