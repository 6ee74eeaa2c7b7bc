"""What suites hold of the code under test: its functions and modules, as if they were here.

A `ModuleProxy` takes and returns ordinary tensors, autograd goes through it, and what a call does to its arguments
shows on the caller's tensors. The same classes serve the student's code in a worker and our solution in this process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from autograder.sandbox.session import Remote, Session, SubjectDied, SubjectError, SubjectMissing
from autograder.sandbox.state import Row, read_rows
from autograder.sandbox.values import Encoder, Handle, MalformedMessage, Named, New, Opaque
from autograder.suite.random import Random

__all__ = ["ModuleInfo", "ModuleProxy", "Namespace", "ParameterInfo", "World", "new"]


def new(name: str, *args: Any, as_is: bool = False, **kwargs: Any) -> New | Named:
    """A library object for the other side to build, `name(*args, **kwargs)`; with `as_is`, the class or function
    itself.

    >>> new("torch.nn.Conv2d", 3, 8, kernel_size=3)
    >>> new("torchvision.models.resnet.BasicBlock", as_is=True)
    """
    return Named(name) if as_is else New(name, args, kwargs)


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter as it is on the other side. `value` and `grad` are None on the meta device."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    requires_grad: bool
    value: Tensor | None
    grad: Tensor | None


@dataclass(frozen=True)
class World:
    """What the last call left to the code that runs next."""

    reset: tuple[str, ...]
    """Generators of random numbers ("torch", "random", "numpy") that stand where they stood at an earlier look in this
    test. Every call starts from other numbers, so the code must have set them: `torch.manual_seed(0)`.
    """
    default_dtype: torch.dtype
    grad_enabled: bool


@dataclass(frozen=True)
class ModuleInfo:
    """A sub-module: the name of its class, and whether it is in training mode."""

    type: str
    training: bool


class _Through(torch.autograd.Function):
    """Carries gradients over the boundary: backward is asked of the host that ran the forward."""

    @staticmethod
    def forward(
        ctx: Any, session: Session, call: int, outputs: list[Tensor], flags: list[bool], _: Tensor, *inputs: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.session, ctx.call = session, call
        ctx.like = [(tensor.shape, tensor.dtype, tensor.device) for tensor in inputs]
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*[tensor for tensor, flag in zip(outputs, flags, strict=True) if not flag])
        return tuple(outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        answer = ctx.session.ask({"op": "backward", "call": ctx.call, "grads": list(grads)})
        if not isinstance(answer, list):
            raise SubjectDied("ProtocolError", "backward did not return a list")
        # The host numbers every tensor of the question, ours are the first of them in the same order.
        received = [grad if isinstance(grad, Tensor) else None for grad in answer]
        result: list[Tensor | None] = []
        for position, (wanted, like) in enumerate(zip(ctx.needs_input_grad[5:], ctx.like, strict=True)):
            grad = received[position] if position < len(received) else None
            if grad is not None and (grad.shape, grad.dtype, grad.device) != like:
                raise SubjectDied("ProtocolError", "a gradient has another shape than its tensor")
            result.append(grad if wanted else None)
        return (None, None, None, None, None, *result)


class Namespace:
    """The names of one exercise's file: classes and functions to call, and library objects to put beside them."""

    def __init__(self, session: Session, rng: Random) -> None:
        self._session, self._rng = session, rng
        self._proxies: dict[int, ModuleProxy] = {}

    @property
    def rng(self) -> Random:
        """Random numbers for upstream gradients and random weights."""
        return self._rng

    def __getattr__(self, name: str) -> _Callable:
        if name.startswith("_"):
            raise AttributeError(name)
        return _Callable(self, name)

    def make(
        self,
        name: str,
        *args: Any,
        device: str | None = None,
        dtype: torch.dtype | None = None,
        parts: Mapping[str, New] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Build the library object `name(*args, **kwargs)` where the file's code runs, on `device`, cast to `dtype`.

        `parts` take the place of sub-modules, by dotted name, and are built on the CPU: a large network, built on the
        device "meta", becomes a small one that can be run.
        """
        fields = {"op": "make", "build": New(name, args, kwargs), "device": device, "dtype": dtype}
        if parts:
            fields["parts"] = parts
        return self._run(fields, f"{name.rpartition('.')[2]}({_arguments((), kwargs)})", Encoder(_identify))

    def sequential(self, *, device: str | None = None, dtype: torch.dtype | None = None, **children: Any) -> Any:
        """`nn.Sequential` with named children, each a `new(...)`."""
        named = New("collections.OrderedDict", (list(children.items()),))
        return self.make("torch.nn.Sequential", named, device=device, dtype=dtype)

    def world(self) -> World:
        """What the last call left to the code that runs next: random numbers, default dtype, grad mode."""
        match self._session.ask({"op": "world"}):
            case {"reset": list(names), "default_dtype": torch.dtype() as dtype, "grad_enabled": bool(grad_enabled)}:
                reset = {name for name in names if isinstance(name, str)}
                return World(tuple(name for name in _GENERATORS if name in reset), dtype, grad_enabled)
        raise SubjectDied("ProtocolError", "what a call left is malformed")

    def _run(self, fields: Mapping[str, Any], label: str, encoder: Encoder) -> Any:
        """Ask for a call, mirror its effects, and return its result with autograd attached."""
        answer = self._session.ask({**fields, "draw": self._session.draw()}, encoder)
        match answer:
            case {"call": int(call), "result": result, "effects": list(effects)}:
                pass
            case _:
                raise SubjectDied("ProtocolError", "a call's answer is incomplete")
        if len(effects) > len(encoder.originals):
            raise SubjectDied("ProtocolError", "a call's answer tells more effects than it has arguments")
        for effect in effects:
            _mirror(effect, encoder.originals)
        return self._attach(call, result, encoder.originals, label)

    def _attach(self, call: int, result: Any, inputs: list[Tensor], label: str) -> Any:
        found: dict[int, Tensor] = {}
        _collect(result, found)
        outputs = list(found.values())
        flags = [output.requires_grad for output in outputs]
        plain = tuple(output.detach() for output in outputs)
        if any(flags) and torch.is_grad_enabled():
            # Only parameters may require gradients: the anchor makes autograd record the call all the same.
            anchor = torch.zeros((), requires_grad=True)
            plain = _Through.apply(self._session, call, list(plain), flags, anchor, *inputs)  # type: ignore[no-untyped-call]
        replacement = {id(output): tensor for output, tensor in zip(outputs, plain, strict=True)}
        return self._present(result, replacement, label)

    def _present(self, result: Any, tensors: dict[int, Tensor], label: str) -> Any:
        if isinstance(result, Tensor):
            return tensors[id(result)]
        if isinstance(result, Remote):
            return self._proxies.setdefault(result.number, ModuleProxy(self, result.number, label))
        if isinstance(result, list):
            return [self._present(item, tensors, label) for item in result]
        if isinstance(result, tuple):
            return tuple(self._present(item, tensors, label) for item in result)
        if isinstance(result, dict):
            return {key: self._present(item, tensors, label) for key, item in result.items()}
        return result


_GENERATORS = ("torch", "random", "numpy")


class _Callable:
    """A class or function of the file under test."""

    def __init__(self, namespace: Namespace, name: str) -> None:
        self._namespace, self._name = namespace, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        namespace, name = self._namespace, self._name
        if namespace._session.kind(name) == "missing":
            file = namespace._session.source.file
            raise SubjectMissing("NameError", f"`{file}` does not define `{name}`; the name is part of the exercise")
        encoder = Encoder(_identify)
        fields = {"op": "call", "name": name, "args": args, "kwargs": kwargs, "grad": torch.is_grad_enabled()}
        return namespace._run(fields, f"{name}({_arguments(args, kwargs)})", encoder)


class ModuleProxy:
    """A module on the other side. Calling it runs its forward there."""

    def __init__(self, namespace: Namespace, number: int, asked: str) -> None:
        self._namespace, self._number = namespace, number
        self.asked = asked
        """How it was made, for messages: "ResidualBlock(in_channels=5, out_channels=7)"."""
        self.training = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        encoder = Encoder(_identify)
        fields = {"op": "call", "target": self, "args": args, "kwargs": kwargs, "grad": torch.is_grad_enabled()}
        return self._namespace._run(fields, self.asked, encoder)

    def __repr__(self) -> str:
        return self.asked

    @property
    def namespace(self) -> Namespace:
        """The namespace that this module came from."""
        return self._namespace

    def train(self, mode: bool = True) -> ModuleProxy:
        """Set training mode there; returns self."""
        self._ask("train", mode=bool(mode))
        self.training = bool(mode)
        return self

    def eval(self) -> ModuleProxy:
        """Set evaluation mode there; returns self."""
        return self.train(False)

    def to(self, dtype: torch.dtype) -> ModuleProxy:
        """Cast parameters and buffers there; returns self."""
        self._ask("cast", dtype=dtype)
        return self

    def double(self) -> ModuleProxy:
        """Cast to float64; returns self."""
        return self.to(torch.float64)

    def float(self) -> ModuleProxy:
        """Cast to float32; returns self."""
        return self.to(torch.float32)

    def zero_grad(self) -> ModuleProxy:
        """Set every parameter's gradient to None; returns self."""
        self._ask("zero_grad")
        return self

    def requires_grad_(self, wanted: bool = True) -> ModuleProxy:
        """Have every parameter require a gradient, or none; returns self."""
        self._ask("requires_grad", wanted=bool(wanted))
        return self

    def grads(self) -> dict[str, Tensor | None]:
        """Gradients accumulated so far, by parameter name."""
        return _tensors_by_name(self._ask("grads"))

    def state_dict(self) -> dict[str, Tensor]:
        """Copies of parameters and persistent buffers by name."""
        return {row.name: row.value for row in self._state() if row.persistent and row.value is not None}

    def load_state_dict(self, values: Mapping[str, Tensor]) -> None:
        """Copy `values` into the module by name. Raises SubjectError that lists what does not fit.

        A surplus bias is set to zero instead: it is a matter of `assert_parameters`, and must not spoil every check.
        """
        report = self._load(values)
        if not report.get("loaded"):
            told = "; ".join(_problems(report))
            error = SubjectError("StateDictError", f"{self.asked}: {told}")
            error.difference = told
            raise error

    def mismatch(self, values: Mapping[str, Tensor]) -> list[str]:
        """Copy `values` into the module by name as far as `load_state_dict` does, and say what does not fit."""
        return _problems(self._load(values))

    def _load(self, values: Mapping[str, Tensor]) -> dict[str, Any]:
        report = self._ask("load_state", values={name: value.detach() for name, value in values.items()})
        if not isinstance(report, dict):
            raise SubjectDied("ProtocolError", "a report on a state dict is malformed")
        return report

    def parameters_by_name(self, values: bool = True) -> dict[str, ParameterInfo]:
        """Every parameter; without `values`, only its description."""
        return {
            row.name: ParameterInfo(row.shape, row.dtype, row.device, row.requires_grad, row.value, row.grad)
            for row in self._state(values)
            if row.is_parameter
        }

    def buffers_by_name(self) -> dict[str, Tensor]:
        """Every buffer's value."""
        return {row.name: row.value for row in self._state() if not row.is_parameter and row.value is not None}

    def modules_by_name(self) -> dict[str, ModuleInfo]:
        """Every sub-module; "" is the module itself."""
        answer = self._ask("modules")
        if not isinstance(answer, dict):
            raise SubjectDied("ProtocolError", "a module's description is malformed")
        modules = {}
        for name, fields in answer.items():
            match name, fields:
                case str(), {"type": str(kind), "training": bool(training)}:
                    modules[name] = ModuleInfo(kind, training)
                case _:
                    raise SubjectDied("ProtocolError", "a module's description is malformed")
        return modules

    def attribute(self, name: str) -> Any:
        """A plain attribute, for example `num_classes`."""
        return self._ask("attribute", name=name)

    def inside(self, name: str) -> ModuleProxy:
        """The sub-module at the dotted `name`, for example "classifier.1", to be called by itself."""
        found = self._ask("submodule", name=name)
        if not isinstance(found, Remote):
            raise SubjectDied("ProtocolError", "a sub-module is no module")
        return ModuleProxy(self._namespace, found.number, f"`{name}` of {self.asked}")

    def _state(self, values: bool = True) -> list[Row]:
        """Every parameter and buffer, in the order of the module."""
        try:
            return read_rows(self._ask("state", values=bool(values)))
        except MalformedMessage as error:
            raise SubjectDied("ProtocolError", str(error)) from None

    def _ask(self, operation: str, **fields: Any) -> Any:
        return self._namespace._session.ask({"op": operation, "target": Handle(self._number), **fields})


def _problems(report: Any) -> list[str]:
    """The host's report on a state dict that does not fit, in words."""
    match report:
        case {"missing": list(missing), "unexpected": list(unexpected), "misshapen": list(misshapen)}:
            pass
        case _:
            raise SubjectDied("ProtocolError", "a report on a state dict is malformed")
    problems = []
    if missing:
        problems.append(f"no parameter or buffer is called {_names(missing)}")
    if unexpected:
        problems.append(f"{_names(unexpected)} {'is' if len(unexpected) == 1 else 'are'} not asked for")
    problems += map(_misfit, misshapen[:_MAX_TOLD])
    if len(misshapen) > _MAX_TOLD:
        problems.append(f"{len(misshapen) - _MAX_TOLD} more have another shape than expected")
    return problems


_MAX_TOLD = 6


def _misfit(entry: Any) -> str:
    match entry:
        case [str(name), tuple(expected), tuple(got)] if len(expected) <= 16 and len(got) <= 16:
            if all(isinstance(size, int) for size in (*expected, *got)):
                return f"`{name[:200]}` has shape {got}, expected {expected}"
    raise SubjectDied("ProtocolError", "a report on a state dict is malformed")


def _names(names: Sequence[Any]) -> str:
    first = names[:_MAX_TOLD]
    if not all(isinstance(name, str) for name in first):
        raise SubjectDied("ProtocolError", "a report on a state dict is malformed")
    shown = [f"`{name[:200]}`" for name in first]
    return ", ".join(shown) + (f" and {len(names) - _MAX_TOLD} more" if len(names) > _MAX_TOLD else "")


def _identify(value: object) -> int | None:
    return value._number if isinstance(value, ModuleProxy) else None


def _tensors_by_name(answer: Any) -> dict[str, Tensor | None]:
    if not isinstance(answer, dict):
        raise SubjectDied("ProtocolError", "gradients are malformed")
    grads: dict[str, Tensor | None] = {}
    for name, grad in answer.items():
        if not isinstance(name, str) or not (grad is None or isinstance(grad, Tensor)):
            raise SubjectDied("ProtocolError", "gradients are malformed")
        grads[name] = _bare(grad)
    return grads


def _bare(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach()


def _mirror(effect: Any, originals: list[Tensor]) -> None:
    """Repeat on the caller's tensor what the call did to its copy."""
    match effect:
        case {"index": int(index)} if 0 <= index < len(originals):
            target = originals[index]
        case _:
            raise SubjectDied("ProtocolError", "an effect is malformed")
    value, grad = effect.get("value"), effect.get("grad_value")
    if isinstance(value, Tensor):
        if value.shape != target.shape or value.dtype != target.dtype:
            raise SubjectError("RuntimeError", "an argument's shape or dtype was changed in place")
        if value.device != target.device:
            raise SubjectDied("ProtocolError", "an effect is malformed")
        with torch.no_grad():
            # An in-place operation bumps _version; writing through .data does not: the caller sees the same.
            bumped = effect.get("bumped")
            (target if isinstance(bumped, int) and bumped else target.data).copy_(value.detach())
    if effect.get("grad") in ("cleared", "rebound") and target.is_leaf:
        if not (grad is None or (isinstance(grad, Tensor) and _may_be_gradient(grad, target))):
            raise SubjectDied("ProtocolError", "an effect is malformed")
        target.grad = _bare(grad)


def _may_be_gradient(grad: Tensor, of: Tensor) -> bool:
    return (grad.shape, grad.dtype, grad.device) == (of.shape, of.dtype, of.device)


def _collect(result: Any, into: dict[int, Tensor]) -> None:
    """The tensors in `result` by identity, in the order in which they are met."""
    if isinstance(result, Tensor):
        into.setdefault(id(result), result)
    elif isinstance(result, (list, tuple)):
        for item in result:
            _collect(item, into)
    elif isinstance(result, dict):
        for item in result.values():
            _collect(item, into)


def _arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    parts = [_short(arg) for arg in args] + [f"{name}={_short(value)}" for name, value in kwargs.items()]
    return ", ".join(parts)


def _short(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"tensor{tuple(value.shape)}"
    if isinstance(value, (list, tuple)):
        return f"[{len(value)} values]" if len(value) > 4 else "[" + ", ".join(map(_short, value)) + "]"
    if isinstance(value, (New, Named)):
        return value.name.rpartition(".")[2]
    if isinstance(value, Opaque):
        return value.type_name
    if isinstance(value, Iterator):
        return "generator"
    return (
        repr(value)
        if isinstance(value, (ModuleProxy, int, float, str, bool, type(None), torch.dtype))
        else type(value).__name__
    )
