"""What suites hold of the code under test: its functions and objects, as if they were here.

Tensors go in and come out as ordinary tensors, autograd goes through, and what a call does to its arguments shows on
the caller's tensors. The same classes serve the student's code in a worker and our solution in this process.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any

import torch
from msgspec import structs
from torch import Tensor
from torch.nn import Parameter

from autograder.language import tr, tr_n
from autograder.sandbox.modules import drawn
from autograder.sandbox.protocol import (
    Around,
    Attribute,
    Backward,
    Call,
    Described,
    Effect,
    Entry,
    Kind,
    LoadState,
    Misfits,
    Modules,
    Parts,
    Returned,
    Row,
    State,
    Step,
    Tree,
    Value,
    WireTensor,
    World,
)
from autograder.sandbox.session import Session, SubjectError, SubjectMissing, SuiteError, misunderstood
from autograder.sandbox.values import (
    CannotTravelError,
    Encoder,
    Kept,
    MalformedMessage,
    ReplyDecoder,
    dtype_from_name,
    dtype_name,
    tree_map,
)
from autograder.suite.random import Random

__all__ = ["ModuleInfo", "ModuleProxy", "Namespace", "ObjectProxy", "ParameterInfo", "new"]


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
class ModuleInfo:
    """A sub-module: the name of its class, and whether it is in training mode."""

    type: str
    training: bool


class _Through(torch.autograd.Function):
    """Carries gradients over the boundary: backward is asked of the host that ran the forward, and is itself a call
    that can be differentiated.
    """

    @staticmethod
    def forward(
        ctx: Any, session: Session, call: int, outputs: list[Tensor], flags: list[bool], _: Tensor, *inputs: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.session, ctx.test, ctx.call = session, session.test, call
        ctx.like = [(tensor.shape, tensor.dtype, tensor.device) for tensor in inputs]
        ctx.save_for_backward(*inputs)
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*[tensor for tensor, flag in zip(outputs, flags, strict=True) if not flag])
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        again = torch.is_grad_enabled()
        _refuse_earlier("a result", ctx.session, ctx.test)
        encoder = _Questions(ctx.session)
        question = Backward(ctx.call, encoder.value(list(grads)), create_graph=again)
        try:
            reply, wires = ctx.session.ask(question, Returned, encoder.tensors)
        except SubjectError as error:
            error.asked = error.asked or tr("In the backward pass")
            raise
        decoder = _Replies(wires)
        found = decoder.read(reply.result)
        if not isinstance(found, list):
            raise misunderstood("backward did not return a list")
        # Of the tensors that the host counts as arguments, ours are the first, in the same order.
        arrived: list[Tensor | None] = [None] * len(ctx.like)
        for position, like in enumerate(ctx.like):
            grad = found[position] if position < len(found) else None
            if grad is not None:
                if not isinstance(grad, Tensor) or (grad.shape, grad.dtype, grad.device) != like:
                    raise misunderstood("a gradient has another shape than its tensor")
                arrived[position] = grad
        if again:
            inputs = [*ctx.saved_tensors, *encoder.originals]
            linked = _linked(ctx.session, reply.call, decoder.outputs, inputs)
            arrived = [None if grad is None else linked[id(grad)] for grad in arrived]
        wanted = ctx.needs_input_grad[5:]
        result = [grad if want else None for grad, want in zip(arrived, wanted, strict=True)]
        return (None, None, None, None, None, *result)


def _linked(session: Session, call: int, outputs: list[Tensor], inputs: Sequence[Tensor]) -> dict[int, Tensor]:
    """The outputs of a call with autograd attached, by the identity of what arrived."""
    flags = [output.requires_grad for output in outputs]
    plain = tuple(output.detach() for output in outputs)
    if any(flags) and torch.is_grad_enabled():
        # Only parameters may require gradients: the anchor makes autograd record the call all the same.
        anchor = torch.zeros((), requires_grad=True)
        plain = _Through.apply(session, call, list(plain), flags, anchor, *inputs)  # type: ignore[no-untyped-call]
    return {id(output): tensor for output, tensor in zip(outputs, plain, strict=True)}


def _refuse_earlier(what: str, session: Session, test: int) -> None:
    if test != session.test:
        raise SuiteError(f"{what} was made in an earlier test, and is gone; make it anew in each")


_MOST_ITEMS = 10_000


class _Questions(Encoder):
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
        if isinstance(value, (ObjectProxy, Function)):
            if value.session is not self._session:
                raise SuiteError(
                    f"{value!r} belongs to the code of {value.session.owner}; it cannot be passed to that of "
                    f"{self._session.owner}"
                )
            if isinstance(value, Function) and value.is_bound:
                raise SuiteError(f"{value!r} cannot be passed with its keyword arguments; pass the function alone")
            if isinstance(value, Function):
                value.refuse_missing()
            return value.tree
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


class _Replies(ReplyDecoder):
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


class Namespace:
    """The names of one exercise's file: classes and functions to call, and library objects to put beside them."""

    def __init__(self, session: Session, rng: Random) -> None:
        self._session = session
        self.rng = rng
        """Random numbers for upstream gradients and random weights."""
        self._device: str | None = None
        self._home = self
        """Where objects belong, wherever they were made."""
        self._proxies: dict[int, ObjectProxy] = {}

    @property
    def beside(self) -> Beside:
        """The functions of the exercise's beside.py, which runs where this code runs."""
        return Beside(self)

    def on(self, device: str) -> Namespace:
        """The same names; what they make without saying where is made on `device`, for example "meta"."""
        other = Namespace(self._session, self.rng)
        other._device, other._home = device, self._home
        return other

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        self._session.names.add(name)
        return Function(self, name, {"s": name})

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
        place = self if device is None else self.on(device)
        made = place._call({"n": name}, args, kwargs, f"{name.rpartition('.')[2]}({_arguments((), kwargs)})")
        for path, part in (parts or {}).items():
            made.method("set_submodule", path, part)
        return made if dtype is None else made.to(dtype)

    def sequential(self, *, device: str | None = None, dtype: torch.dtype | None = None, **children: Any) -> Any:
        """`nn.Sequential` with named children, each a `new(...)`."""
        named = New("collections.OrderedDict", (list(children.items()),), {})
        return self.make("torch.nn.Sequential", named, device=device, dtype=dtype)

    def world(self) -> Around:
        """What the last call left to the code that runs next: random numbers, default dtype, grad mode."""
        return self._session.ask(World(), Around)[0]

    def _call(self, function: Tree, args: Sequence[Any], kwargs: Mapping[str, Any], label: str) -> Any:
        """Call something over there, mirror what it did to its arguments, and return its result with autograd attached.

        `label` says how the result was made, for messages.
        """
        session = self._session
        if torch.is_inference_mode_enabled() or torch.is_autocast_enabled("cpu"):
            raise SuiteError("inference_mode and autocast do not reach the other side; use no_grad, or beside.py")
        encoder = _Questions(session)
        trees = encoder.value(tuple(args)), encoder.value(dict(kwargs))
        library = encoder.library or "n" in function
        question = Call(function, *trees, session.draw(), torch.is_grad_enabled(), self._device, library)
        reply, wires = session.ask(question, Returned, encoder.tensors)
        decoder = _Replies(wires, encoder.originals)
        result = decoder.read(reply.result)
        if len(reply.effects) > len(encoder.originals):
            raise misunderstood("it tells more effects than there are arguments")
        for effect in reply.effects:
            _mirror(effect, encoder.originals, decoder)
        linked = _linked(session, reply.call, decoder.outputs, encoder.originals)
        return self._present(result, linked, label)

    def _present(self, value: Any, tensors: Mapping[int, Tensor], label: str) -> Any:
        """A decoded value with proxies for objects, and tensors that autograd knows."""

        def presented(leaf: Any) -> Any:
            return self._proxy(leaf, label) if isinstance(leaf, Kept) else tensors.get(id(leaf), leaf)

        return tree_map(presented, value)

    def _proxy(self, kept: Kept, label: str) -> ObjectProxy:
        proxies = self._home._proxies
        known = proxies.get(kept.number)
        if known is None:
            kind = ModuleProxy if kept.is_module else ObjectProxy
            known = proxies[kept.number] = kind(self._home, kept.number, label, kept.type_name)
        return known


class Beside:
    """What an exercise's beside.py defines, as attributes."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(self._namespace, name, {"e": name})


class Function:
    """A class or function on the other side, to call or to pass as an argument."""

    def __init__(
        self, namespace: Namespace, name: str, tree: Tree, options: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.namespace, self.session = namespace, namespace._session
        self._name, self.tree, self._options = name, tree, options
        self.asked = f"{name}({_arguments((), options)})" if options else name
        """Its name, for messages, and the keyword arguments that it is called with."""
        self.is_bound = bool(options)

    def bind(self, **options: Any) -> Function:
        """The same function, called with these keyword arguments besides: `student.conv2d.bind(stride=2)`."""
        return Function(self.namespace, self._name, self.tree, {**self._options, **options})

    def refuse_missing(self) -> None:
        """Raises SubjectMissing where the student's file does not define the name."""
        if "s" in self.tree and self.session.kind(self._name) == "missing":
            file = self.session.source.file
            told = tr("`{file}` does not define `{name}`; the name is part of the exercise", file=file, name=self._name)
            raise SubjectMissing("NameError", told)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name, kwargs = self._name, {**self._options, **kwargs}
        self.refuse_missing()
        return self.namespace._call(self.tree, args, kwargs, f"{name}({_arguments(args, kwargs)})")

    def __repr__(self) -> str:
        return self.asked


class ObjectProxy:
    """An object that stayed on the other side, until the test ends. Two proxies of one object are equal."""

    # Nothing else can be set: it would be set here alone, and not on the object.
    __slots__ = ("_identity", "asked", "namespace", "session", "type_name")

    def __init__(self, namespace: Namespace, number: int, asked: str, type_name: str) -> None:
        self.namespace, self.session = namespace, namespace._session
        self._identity = self.session, self.session.test, number
        self.asked = asked
        """How it was made, for messages: "ResidualBlock(in_channels=5, out_channels=7)"."""
        self.type_name = type_name

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ObjectProxy):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __repr__(self) -> str:
        return self.asked

    @property
    def _number(self) -> int:
        session, test, number = self._identity
        _refuse_earlier(self.asked, session, test)
        return number

    @property
    def tree(self) -> Tree:
        return {"o": self._number}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.namespace._call(self.tree, args, kwargs, self.asked)

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method and return its result."""
        label = f"{self.asked}.{name}({_arguments(args, kwargs)})"
        return self.namespace._call({"m": [self.tree, name]}, args, kwargs, label)

    def attribute(self, name: str) -> Any:
        """The attribute at a dotted path, for example `num_classes` or `fc.weight`; objects come as proxies."""
        return self._attribute(name, keep=False)

    def handle(self, name: str) -> ObjectProxy:
        """A proxy of the attribute at a dotted path, whatever it is: of a Parameter or a list, to ask whether it is
        still the same object.
        """
        found = self._attribute(name, keep=True)
        if not isinstance(found, ObjectProxy):
            raise misunderstood("a handle is no object")
        return found

    def _attribute(self, name: str, keep: bool) -> Any:
        reply, wires = self.session.ask(Attribute(self._number, name, keep), Value)
        read = _Replies(wires).read(reply.value)
        found = tree_map(lambda leaf: leaf.detach() if isinstance(leaf, Tensor) else leaf, read)
        return self.namespace._present(found, {}, tr("`{name}` of {asked}", name=name, asked=self.asked))


class ModuleProxy(ObjectProxy):
    """A module on the other side. Calling it runs its forward there."""

    __slots__ = ("_training",)

    @property
    def training(self) -> bool:
        """The mode that it was last put in."""
        return getattr(self, "_training", True)

    def train(self, mode: bool = True) -> ModuleProxy:
        """Set training mode there; returns self."""
        self._training = bool(mode)
        return self._do("train", self._training)

    def eval(self) -> ModuleProxy:
        """Set evaluation mode there; returns self."""
        return self.train(False)

    def to(self, dtype: torch.dtype) -> ModuleProxy:
        """Cast parameters and buffers there; returns self."""
        return self._do("to", dtype)

    def double(self) -> ModuleProxy:
        """Cast to float64; returns self."""
        return self.to(torch.float64)

    def float(self) -> ModuleProxy:
        """Cast to float32; returns self."""
        return self.to(torch.float32)

    def zero_grad(self) -> ModuleProxy:
        """Set every parameter's gradient to None; returns self."""
        return self._do("zero_grad")

    def _do(self, method: str, *args: Any) -> ModuleProxy:
        self.session.do(Step(self._number, method, _Questions(self.session).value(args)))
        return self

    def requires_grad_(self, wanted: bool = True) -> ModuleProxy:
        """Have every parameter require a gradient, or none; returns self."""
        return self._do("requires_grad_", bool(wanted))

    def grads(self) -> dict[str, Tensor | None]:
        """Gradients accumulated so far, by parameter name."""
        rows, decoder = self._rows(values=False)
        return {row.name: _grad(row, decoder) for row in rows if row.is_parameter}

    def state_dict(self) -> dict[str, Tensor]:
        """Copies of parameters and persistent buffers by name."""
        rows, decoder = self._rows(grads=False)
        values = {row.name: _value(row, decoder) for row in rows if row.persistent}
        return {name: value for name, value in values.items() if value is not None}

    def layout(self) -> tuple[list[Entry], list[str]]:
        """Names and shapes of the state dict, and the names of the parameters that require a gradient."""
        rows, _ = self._rows(values=False, grads=False)
        entries = [Entry(row.name, row.shape, "kept") for row in rows if row.persistent]
        return entries, [row.name for row in rows if row.is_parameter and row.requires_grad]

    def load_state_dict(self, values: Mapping[str, Tensor] | Drawn) -> None:
        """Copy `values` into the module by name. Raises SubjectError that lists what does not fit.

        A surplus bias is set to zero instead: it is a matter of `assert_parameters`, and must not spoil every check.
        """
        misfits = self._load(values)
        if not misfits.loaded:
            problems = tr("; ").join(_problems(misfits))
            error = SubjectError("StateDictError", f"{self.asked}: {problems}")
            error.difference = problems
            raise error

    def mismatch(self, values: Mapping[str, Tensor] | Drawn) -> list[str]:
        """As `load_state_dict`, but says what does not fit instead of raising."""
        return _problems(self._load(values))

    def mismatch_of_layout(self, entries: list[Entry]) -> list[str]:
        """What does not fit of another module's names and shapes; nothing is copied."""
        question = LoadState(self._number, entries=entries, draw=None)
        return _problems(self.session.ask(question, Misfits)[0])

    def _load(self, values: Mapping[str, Tensor] | Drawn) -> Misfits:
        if isinstance(values, Drawn):
            question = LoadState(self._number, entries=values.entries, draw=values.draw)
            return self.session.ask(question, Misfits)[0]
        encoder = _Questions(self.session)
        question = LoadState(self._number, {name: encoder.tensor(value.detach()) for name, value in values.items()})
        return self.session.ask(question, Misfits, encoder.tensors)[0]

    def drawn(self, rng: Random) -> Drawn:
        """Random float64 numbers for the state dict, to be loaded into this module and into others like it."""
        rows, _ = self._rows(values=False, grads=False)
        if sum(math.prod(row.shape) for row in rows) > _MOST_DRAWN:  # a row costs nothing, its numbers do
            raise misunderstood("a module has more parameters than numbers are drawn for")
        entries = [Entry(row.name, row.shape, _kind(row)) for row in rows if row.persistent]
        return Drawn(entries, rng.integer(0, 2**40))

    def parameters_by_name(self, values: bool = True) -> dict[str, ParameterInfo]:
        """Every parameter; without `values`, only its description."""
        rows, decoder = self._rows(values=values, grads=values)
        return {
            row.name: ParameterInfo(
                tuple(row.shape),
                dtype_from_name(row.dtype),
                row.device,
                row.requires_grad,
                _value(row, decoder),
                _grad(row, decoder),
            )
            for row in rows
            if row.is_parameter
        }

    def buffers_by_name(self) -> dict[str, Tensor]:
        """Every buffer's value."""
        rows, decoder = self._rows(grads=False)
        values = {row.name: _value(row, decoder) for row in rows if not row.is_parameter}
        return {name: value for name, value in values.items() if value is not None}

    def modules_by_name(self) -> dict[str, ModuleInfo]:
        """Every sub-module; "" is the module itself."""
        reply, _ = self.session.ask(Modules(self._number), Parts)
        return {name: ModuleInfo(kind, training) for name, kind, training in reply.modules}

    def inside(self, name: str) -> ModuleProxy:
        """The sub-module at the dotted `name`, for example "classifier.1", to be called by itself."""
        found = self.attribute(name)
        if not isinstance(found, ModuleProxy):
            raise SubjectError("TypeError", tr("`{name}` of {asked} is not a module", name=name, asked=self.asked))
        return found

    def _rows(self, *, values: bool = True, grads: bool = True) -> tuple[list[Row], _Replies]:
        """Every parameter and buffer, in the order of the module."""
        reply, wires = self.session.ask(State(self._number, values, grads), Described)
        for row in reply.rows:
            try:
                dtype_from_name(row.dtype)
            except MalformedMessage as error:
                raise misunderstood(error) from None
        return reply.rows, _Replies(wires)


@dataclass(frozen=True)
class Drawn:
    """A state dict of random numbers, which are drawn where they are loaded."""

    entries: list[Entry]
    draw: int
    """Their seed."""

    def values(self) -> dict[str, Tensor]:
        """The numbers, drawn here and taken from nobody's answer; what is not of floating point has none."""
        return drawn(self.entries, self.draw)

    def in_two_steps(self) -> list[Drawn]:
        """First one half of the numbers, while the others stay as they are, then the other half."""
        half = len(self.entries) // 2
        first, second = self.entries[:half], self.entries[half:]
        return [Drawn([*first, *map(_kept, second)], self.draw), Drawn([*map(_kept, first), *second], self.draw)]


def _kept(entry: Entry) -> Entry:
    return structs.replace(entry, kind="kept")


_MOST_DRAWN = 1 << 23
"""Numbers for one module."""


def _kind(row: Row) -> Kind:
    """Which random numbers a parameter or buffer is given. Statistics are far from their defaults, 0 and 1."""
    leaf = row.name.rpartition(".")[2]
    if not dtype_from_name(row.dtype).is_floating_point:
        return "kept"
    if leaf == "running_var":
        return "variance"
    if len(row.shape) >= 2:
        return "matrix"
    return "scale" if leaf == "weight" and row.is_parameter else "other"


def _value(row: Row, decoder: _Replies) -> Tensor | None:
    """A row's value, which must be of the shape and dtype that the row says."""
    value = decoder.bare(row.value)
    if value is not None and not (_fits(value, row) and dtype_name(value.dtype) == row.dtype):
        raise misunderstood("a parameter's value is of another kind than its description")
    return None if value is None else value.clone()  # suites write into it; what was answered stays as it was


def _grad(row: Row, decoder: _Replies) -> Tensor | None:
    """A row's gradient, which must be of the shape that the row says."""
    grad = decoder.bare(row.grad)
    if grad is not None and not _fits(grad, row):
        raise misunderstood("a parameter's gradient is of another shape than its description")
    return grad


def _fits(tensor: Tensor, row: Row) -> bool:
    return not tensor.is_meta and list(tensor.shape) == row.shape


def _problems(misfits: Misfits) -> list[str]:
    """What of a state dict does not fit, in words."""
    problems = []
    if misfits.missing:
        problems.append(tr("no parameter or buffer is called {names}", names=_names(misfits.missing)))
    if misfits.unexpected:
        names, count = _names(misfits.unexpected), len(misfits.unexpected)
        problems.append(tr_n("{names} is not asked for", "{names} are not asked for", count, names=names))
    problems += [
        tr("`{name}` has shape {got}, expected {expected}", name=name[:200], got=tuple(own), expected=tuple(expected))
        for name, expected, own in misfits.misshapen[:_MAX_NAMED]
    ]
    if len(misfits.misshapen) > _MAX_NAMED:
        problems.append(tr("{count} more have another shape than expected", count=len(misfits.misshapen) - _MAX_NAMED))
    return problems


_MAX_NAMED = 6


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:200]}`" for name in names[:_MAX_NAMED])
    rest = len(names) - _MAX_NAMED
    return tr("{first} and {rest} more", first=shown, rest=rest) if rest > 0 else shown


def _mirror(effect: Effect, originals: Sequence[Tensor], decoder: _Replies) -> None:
    """Repeat on the caller's tensor what the call did to its copy."""
    if effect.tensor >= len(originals):
        raise misunderstood("an effect is on no argument")
    target, value, grad = originals[effect.tensor], decoder.bare(effect.value), decoder.bare(effect.grad)
    if value is not None:
        if value.shape != target.shape or value.dtype != target.dtype:
            raise SubjectError("RuntimeError", tr("an argument's shape or dtype was changed in place"))
        if value.device != target.device:
            raise misunderstood("an effect is on another device")
        with torch.no_grad():
            # An in-place operation bumps _version; writing through .data does not: the caller sees the same.
            (target if effect.bumped else target.data).copy_(value)
    if effect.grad_rebound and target.is_leaf:
        if grad is not None and (grad.shape, grad.dtype, grad.device) != (target.shape, target.dtype, target.device):
            raise misunderstood("a gradient has another shape than its tensor")
        target.grad = grad
    if effect.requires_grad is not None and target.is_leaf and target.is_floating_point():
        target.requires_grad_(effect.requires_grad)
    if effect.hooked and target.requires_grad:
        target.register_hook(_leave)  # type: ignore[no-untyped-call]


def _leave(grad: Tensor) -> None:
    """The hook that stands for one on the other side, which acts there."""


def _arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
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
        if isinstance(value, (ObjectProxy, Function, int, float, str, bool, type(None), torch.dtype))
        else type(value).__name__
    )
