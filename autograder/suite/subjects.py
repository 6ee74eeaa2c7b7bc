"""What suites hold of the code under test: its functions and objects, as if they were here.

Tensors go in and come out as ordinary tensors, autograd goes through, and what a call does to its arguments shows on
the caller's tensors. The same classes serve the student's code in a worker and our solution in this process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from autograder.language import tr
from autograder.sandbox.protocol import (
    Around,
    Attribute,
    Call,
    Described,
    Entry,
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
    World,
)
from autograder.sandbox.session import Session, SubjectError, SubjectMissing, SuiteError, misunderstood
from autograder.sandbox.values import Kept, MalformedMessage, dtype_from_name, tree_map
from autograder.suite.gradients import linked, mirror
from autograder.suite.random import Random
from autograder.suite.weights import (
    Drawn,
    ModuleInfo,
    ParameterInfo,
    grad_of,
    numbers_for,
    problems_of,
    value_of,
)
from autograder.suite.wire import New, Questions, Remote, Replies, refuse_earlier, shown_arguments


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
        made = place._call({"n": name}, args, kwargs, f"{name.rpartition('.')[2]}({shown_arguments((), kwargs)})")
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
        encoder = Questions(session)
        trees = encoder.value(tuple(args)), encoder.value(dict(kwargs))
        library = encoder.library or "n" in function
        question = Call(function, *trees, session.draw(), torch.is_grad_enabled(), self._device, library)
        reply, wires = session.ask(question, Returned, encoder.tensors)
        decoder = Replies(wires, encoder.originals)
        result = decoder.read(reply.result)
        if len(reply.effects) > len(encoder.originals):
            raise misunderstood("it tells more effects than there are arguments")
        for effect in reply.effects:
            mirror(effect, encoder.originals, decoder)
        tensors = linked(session, reply.call, decoder.outputs, encoder.originals)
        return self._present(result, tensors, label)

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


class Function(Remote):
    """A class or function on the other side, to call or to pass as an argument."""

    def __init__(
        self, namespace: Namespace, name: str, tree: Tree, options: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.namespace, self.session = namespace, namespace._session
        self._name, self.tree, self._options = name, tree, options
        self.asked = f"{name}({shown_arguments((), options)})" if options else name
        """Its name, for messages, and the keyword arguments that it is called with."""

    def bind(self, **options: Any) -> Function:
        """The same function, called with these keyword arguments besides: `student.conv2d.bind(stride=2)`."""
        return Function(self.namespace, self._name, self.tree, {**self._options, **options})

    def passed(self) -> Tree:
        if self._options:
            raise SuiteError(f"{self!r} cannot be passed with its keyword arguments; pass the function alone")
        self._refuse_missing()
        return self.tree

    def _refuse_missing(self) -> None:
        """Raises SubjectMissing where the student's file does not define the name."""
        if "s" in self.tree and self.session.kind(self._name) == "missing":
            file = self.session.source.file
            told = tr("`{file}` does not define `{name}`; the name is part of the exercise", file=file, name=self._name)
            raise SubjectMissing("NameError", told)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name, kwargs = self._name, {**self._options, **kwargs}
        self._refuse_missing()
        return self.namespace._call(self.tree, args, kwargs, f"{name}({shown_arguments(args, kwargs)})")

    def __repr__(self) -> str:
        return self.asked


class ObjectProxy(Remote):
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
        refuse_earlier(self.asked, session, test)
        return number

    @property
    def tree(self) -> Tree:
        return {"o": self._number}

    def passed(self) -> Tree:
        return self.tree

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.namespace._call(self.tree, args, kwargs, self.asked)

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method and return its result."""
        label = f"{self.asked}.{name}({shown_arguments(args, kwargs)})"
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
        read = Replies(wires).read(reply.value)
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
        self.session.do(Step(self._number, method, Questions(self.session).value(args)))
        return self

    def requires_grad_(self, wanted: bool = True) -> ModuleProxy:
        """Have every parameter require a gradient, or none; returns self."""
        return self._do("requires_grad_", bool(wanted))

    def grads(self) -> dict[str, Tensor | None]:
        """Gradients accumulated so far, by parameter name."""
        rows, decoder = self._rows(values=False)
        return {row.name: grad_of(row, decoder) for row in rows if row.is_parameter}

    def state_dict(self) -> dict[str, Tensor]:
        """Copies of parameters and persistent buffers by name."""
        rows, decoder = self._rows(grads=False)
        values = {row.name: value_of(row, decoder) for row in rows if row.persistent}
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
            problems = tr("; ").join(problems_of(misfits))
            error = SubjectError("StateDictError", f"{self.asked}: {problems}")
            error.difference = problems
            raise error

    def mismatch(self, values: Mapping[str, Tensor] | Drawn) -> list[str]:
        """As `load_state_dict`, but says what does not fit instead of raising."""
        return problems_of(self._load(values))

    def mismatch_of_layout(self, entries: list[Entry]) -> list[str]:
        """What does not fit of another module's names and shapes; nothing is copied."""
        question = LoadState(self._number, entries=entries, draw=None)
        return problems_of(self.session.ask(question, Misfits)[0])

    def _load(self, values: Mapping[str, Tensor] | Drawn) -> Misfits:
        if isinstance(values, Drawn):
            question = LoadState(self._number, entries=values.entries, draw=values.draw)
            return self.session.ask(question, Misfits)[0]
        encoder = Questions(self.session)
        question = LoadState(self._number, {name: encoder.tensor(value.detach()) for name, value in values.items()})
        return self.session.ask(question, Misfits, encoder.tensors)[0]

    def drawn(self, rng: Random) -> Drawn:
        """Random float64 numbers for the state dict, to be loaded into this module and into others like it."""
        rows, _ = self._rows(values=False, grads=False)
        return Drawn(numbers_for(rows), rng.integer(0, 2**40))

    def parameters_by_name(self, values: bool = True) -> dict[str, ParameterInfo]:
        """Every parameter; without `values`, only its description."""
        rows, decoder = self._rows(values=values, grads=values)
        return {
            row.name: ParameterInfo(
                tuple(row.shape),
                dtype_from_name(row.dtype),
                row.device,
                row.requires_grad,
                value_of(row, decoder),
                grad_of(row, decoder),
            )
            for row in rows
            if row.is_parameter
        }

    def buffers_by_name(self) -> dict[str, Tensor]:
        """Every buffer's value."""
        rows, decoder = self._rows(grads=False)
        values = {row.name: value_of(row, decoder) for row in rows if not row.is_parameter}
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

    def _rows(self, *, values: bool = True, grads: bool = True) -> tuple[list[Row], Replies]:
        """Every parameter and buffer, in the order of the module."""
        reply, wires = self.session.ask(State(self._number, values, grads), Described)
        for row in reply.rows:
            try:
                dtype_from_name(row.dtype)
            except MalformedMessage as error:
                raise misunderstood(error) from None
        return reply.rows, Replies(wires)
