"""Answers questions about one file: runs its functions, its modules' forward and backward, and tells their state.

A host runs inside a worker for a student's file, and inside the grader for our own solutions and for suites that are
run without a grader. It knows nothing of tests, points or expected values.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import importlib
import linecache
import os
import random
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from autograder.sandbox.exceptions import lines_passed, type_of, words_of
from autograder.sandbox.guard import Guard
from autograder.sandbox.surroundings import by_itself, importing, settle_torch
from autograder.sandbox.values import Decoder, Encoder, Message, WireTensor, dtype_name, laid_out
from autograder.sandbox.vision import import_torchvision

MAX_TEXT = 2_000
"""Longest exception text that travels, in characters."""
MAX_NAMES = 5_000
"""How many of a file's public names are told. `import *` from torch, torch.nn and numpy makes 1,500, its own last."""
_RANDOM_FILLS = frozenset({"normal_", "uniform_", "bernoulli_", "exponential_", "cauchy_", "log_normal_", "geometric_"})
_TELLING = frozenset({"load", "call", "make", "backward"})
"""Questions whose replies tell what was seen of forbidden names: those that run code and are waited for."""
_LIBRARIES = ("torch.", "torchvision.", "collections.")


@dataclass
class _Call:
    """What a call must remember until its backward: argument roots and outputs that carry gradients."""

    roots: list[Tensor | None]
    outputs: list[Tensor]


@dataclass
class _Argument:
    """A tensor argument as the student's code got it, with what is needed to see whether it was changed."""

    index: int
    tensor: Tensor
    root: Tensor | None
    version: int
    before: Tensor
    grad: Tensor | None
    grad_version: int
    grad_before: Tensor | None


@dataclass
class _Inbox:
    """The tensors of one question, made into live tensors."""

    arguments: list[_Argument] = field(default_factory=list)

    def tensors(self) -> list[Tensor]:
        return [argument.tensor for argument in self.arguments]


class _WithoutInitialisation(TorchFunctionMode):
    """Leaves out random initialisation, for modules without memory.

    It would do nothing there, but torch computes it in Python, and for that imports its compiler: a second and more.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        fills = getattr(func, "__name__", "") in _RANDOM_FILLS or getattr(func, "__module__", "") == "torch.nn.init"
        target = args[0] if args else kwargs.get("tensor")
        if fills and isinstance(target, Tensor) and target.is_meta:
            return target
        return func(*args, **kwargs)


class _Builder(Decoder):
    """Decodes questions: may name library classes and have library objects built."""

    def special(self, kind: str, content: Any, depth: int) -> Any:
        if kind == "n":
            return _library(content)
        if kind == "c":
            name, args, kwargs = content
            return _library(name)(*self.value(args, depth), **self.value(kwargs, depth))
        return super().special(kind, content, depth)


class _Asked(Mapping[str, Any]):
    """The fields of a question, decoded when they are looked at: what they build is built where it is wanted."""

    def __init__(self, body: dict[str, Any], decoder: Decoder) -> None:
        self._body, self._decoder = body, decoder

    def __getitem__(self, name: str) -> Any:
        return self._decoder.value(self._body[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._body)

    def __len__(self) -> int:
        return len(self._body)


class Host:
    """Runs one file's code on request. `answer` never raises for anything that the file does."""

    def __init__(self, module_name: str) -> None:
        self._name(module_name)
        self._module: types.ModuleType | None = None
        self._objects: dict[int, nn.Module] = {}
        self._numbers: dict[int, int] = {}
        self._calls: dict[int, _Call] = {}
        self._next = 0
        self._guard: Guard | None = None
        self._grad_enabled = True
        """The grad mode as the last call left it."""
        self._next_numbers: set[tuple[str, float]] = set()
        """What the generators of random numbers would have drawn next, at each look of this test."""
        self._operations: dict[str, Callable[[_Asked, _Inbox], Any]] = {
            "load": self._load,
            "reset": self._reset,
            "call": self._call,
            "make": self._make,
            "backward": self._backward,
            "train": self._train,
            "cast": self._cast,
            "zero_grad": self._zero_grad,
            "requires_grad": self._requires_grad,
            "state": self._state,
            "grads": self._grads,
            "load_state": self._load_state,
            "modules": self._modules,
            "attribute": self._attribute,
            "submodule": self._submodule,
            "world": self._world,
        }

    def answer(self, question: Message) -> Message:
        """The reply: {"ok": value} or {"error": {...}} when the file's code raised.

        With them goes "seen", the uses of forbidden names so far, where there are any and somebody waits for the reply.
        """
        encoder = Encoder(self._identify)
        try:
            inbox = _receive(question.tensors)
            asked = _Asked(question.body, _Builder(inbox.tensors(), self._objects.__getitem__))
            result = self._operations[asked["op"]](asked, inbox)
            return Message(encoder.value({"ok": result, **self._seen(question)}), encoder.tensors)
        except BaseException as error:  # a student's code may raise anything, SystemExit and KeyboardInterrupt too
            return Message(Encoder().value({"error": self._describe(error), **self._seen(question)}))

    def _seen(self, question: Message) -> dict[str, Any]:
        if self._guard is None or not self._guard.seen or question.body["op"] not in _TELLING:
            return {}
        return {"seen": [list(use) for use in self._guard.seen]}

    @contextlib.contextmanager
    def _students_code(self) -> Iterator[None]:
        """To be entered around whatever runs code of the file."""
        with by_itself(self._file), contextlib.nullcontext() if self._guard is None else self._guard.watching():
            yield

    def _name(self, module_name: str) -> None:
        """Say under which name the file is imported, and by which it is found in tracebacks."""
        self._module_name = module_name
        # Not the exercise's plain name: sources of several sessions in one process would mix up in linecache.
        self._file = f"{module_name}.py"

    # -- the file -----------------------------------------------------------------------------------------------------

    def _load(self, asked: _Asked, _: _Inbox) -> Any:
        text: str = asked["text"]
        if "module" in asked:  # a worker is forked before it is known which file it will run
            self._name(asked["module"])
        module = types.ModuleType(self._module_name)
        module.__file__, module.__package__ = os.path.abspath(self._file), ""
        # Tracebacks, inspect.getsource and torch.jit.script read the text from here: there is no file on disk.
        for file in (self._file, module.__file__):
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        sys.modules[self._module_name] = module
        self._seed(asked["draw"])
        if "torchvision" in text:
            import_torchvision()
        if asked.get("forbidden"):
            self._guard = Guard(asked["forbidden"], self._file, take_away=asked["take_away"])
        code = compile(text, self._file, "exec", dont_inherit=True)
        with importing(), self._students_code():
            exec(code, module.__dict__)
        self._module = module
        public = [name for name in module.__dict__ if isinstance(name, str) and not name.startswith("_")]
        return {name: _kind(module.__dict__[name]) for name in public[:MAX_NAMES]}

    def _reset(self, asked: _Asked, _: _Inbox) -> None:
        """Forget objects and calls of the last test."""
        self._objects.clear()
        self._numbers.clear()
        self._calls.clear()
        self._next_numbers.clear()
        self._grad_enabled = True
        settle_torch()
        self._next = 0  # the same questions get the same numbers

    # -- running ------------------------------------------------------------------------------------------------------

    def _call(self, asked: _Asked, inbox: _Inbox) -> Any:
        if "target" in asked:
            target = asked["target"]
        else:
            target = getattr(self._module, asked["name"], None)
            if target is None:
                raise NameError(f"name '{asked['name']}' is not defined")
        self._seed(asked["draw"])
        args, kwargs = asked["args"], asked["kwargs"]
        with torch.set_grad_enabled(asked.get("grad", True)), self._students_code():
            result = target(*args, **kwargs)
            self._grad_enabled = torch.is_grad_enabled()
        return self._finish(result, inbox)

    def _make(self, asked: _Asked, inbox: _Inbox) -> Any:
        self._seed(asked["draw"])
        settle_torch()
        device = asked["device"]
        with contextlib.ExitStack() as stack:
            if device is not None:
                stack.enter_context(torch.device(device))
            if device == "meta":
                stack.enter_context(_WithoutInitialisation())
            made = asked["build"]
        # Outside of `device`: where most of a network stays without memory, its parts can be given some.
        for name, part in asked.get("parts", {}).items():
            made.set_submodule(name, part)
        if asked["dtype"] is not None:
            made = made.to(asked["dtype"])
        return self._finish(made, inbox)

    def _finish(self, result: Any, inbox: _Inbox) -> Any:
        """Keep what backward needs, and report the result with the effects on the arguments."""
        outputs: list[Tensor] = []
        _collect(result, outputs)
        self._next += 1
        if any(output.requires_grad for output in outputs):
            self._calls[self._next] = _Call([argument.root for argument in inbox.arguments], outputs)
        effects = [effect for effect in map(_effect, inbox.arguments) if effect is not None]
        return {"call": self._next, "result": result, "effects": effects}

    def _seed(self, draw: int) -> None:
        """Student's and reference's code draw the same numbers: dropout and default initialisation can be compared."""
        # torch.manual_seed also looks for devices that are not there, which takes longer than most questions.
        torch.default_generator.manual_seed(draw)
        random.seed(draw)
        numpy.random.seed(draw % 2**32)

    def _backward(self, asked: _Asked, _: _Inbox) -> Any:
        call = self._calls[asked["call"]]
        pairs = [
            (output, grad)
            for output, grad in zip(call.outputs, asked["grads"], strict=True)
            if grad is not None and output.requires_grad
        ]
        for root in call.roots:
            if root is not None:
                root.grad = None
        # The graph is kept: gradcheck and unrolled loops go through a call more than once.
        with self._students_code():
            torch.autograd.backward([output for output, _ in pairs], [grad for _, grad in pairs], retain_graph=True)
        grads = [None if root is None else root.grad for root in call.roots]
        for root in call.roots:
            if root is not None:
                root.grad = None
        return grads

    # -- state --------------------------------------------------------------------------------------------------------

    def _train(self, asked: _Asked, _: _Inbox) -> None:
        asked["target"].train(asked["mode"])

    def _cast(self, asked: _Asked, _: _Inbox) -> None:
        asked["target"].to(asked["dtype"])

    def _zero_grad(self, asked: _Asked, _: _Inbox) -> None:
        nn.Module.zero_grad(asked["target"], set_to_none=True)

    def _requires_grad(self, asked: _Asked, _: _Inbox) -> None:
        nn.Module.requires_grad_(asked["target"], asked["wanted"])

    def _state(self, asked: _Asked, _: _Inbox) -> Any:
        """Parameters and buffers: their description as JSON text (a big model has hundreds), their values if wanted."""
        module: nn.Module = asked["target"]
        persistent = module.state_dict(keep_vars=True)
        parameters = _shortest_names(module.named_parameters(remove_duplicate=False))
        buffers = _shortest_names(module.named_buffers(remove_duplicate=False))
        entries = [(name, tensor, True) for name, tensor in parameters]
        entries += [(name, tensor, False) for name, tensor in buffers]
        described = [
            [
                name,
                list(tensor.shape),
                dtype_name(tensor.dtype),
                str(tensor.device),
                tensor.requires_grad,
                is_parameter,
                name in persistent,
            ]
            for name, tensor, is_parameter in entries
        ]
        wanted = bool(asked["values"])
        return {
            "described": msgspec.json.encode(described).decode(),
            "values": [tensor.detach() if wanted and not tensor.is_meta else None for _, tensor, _ in entries],
            "grads": [tensor.grad if wanted and tensor.is_leaf else None for _, tensor, _ in entries],
        }

    def _grads(self, asked: _Asked, _: _Inbox) -> Any:
        parameters = _shortest_names(asked["target"].named_parameters(remove_duplicate=False))
        return {name: parameter.grad for name, parameter in parameters}

    def _load_state(self, asked: _Asked, _: _Inbox) -> Any:
        """Copy values by name; returns what does not fit. Nothing is loaded then, unless it is only a bias too many."""
        module: nn.Module = asked["target"]
        values: dict[str, Tensor] = asked["values"]
        own: dict[str, Tensor] = dict(module.state_dict(keep_vars=True))
        missing = [name for name in values if name not in own and not name.endswith("num_batches_tracked")]
        # The same layer under a second name (self.fc1, and again in a Sequential) is nothing unexpected.
        known = {id(tensor) for name, tensor in own.items() if name in values}
        unexpected = [
            name
            for name, tensor in own.items()
            if name not in values and id(tensor) not in known and not name.endswith("num_batches_tracked")
        ]
        misshapen = [
            [name, tuple(values[name].shape), tuple(tensor.shape)]
            for name, tensor in own.items()
            if name in values and not _interchangeable(values[name].shape, tensor.shape)
        ]
        # A bias too many is one slip: it is set to zero, so that everything else can still be compared.
        surplus = [own[name] for name in unexpected]
        loaded = not missing and not misshapen and all(name.endswith(".bias") for name in unexpected)
        if loaded:
            with torch.no_grad():
                for name, tensor in own.items():
                    if name in values:
                        tensor.copy_(values[name].reshape(tensor.shape))
                for tensor in surplus:
                    tensor.zero_()
        return {"missing": missing, "unexpected": unexpected, "misshapen": misshapen, "loaded": loaded}

    def _modules(self, asked: _Asked, _: _Inbox) -> Any:
        return {
            name: {"type": type(module).__name__, "training": bool(module.training)}
            for name, module in asked["target"].named_modules()
        }

    def _attribute(self, asked: _Asked, _: _Inbox) -> Any:
        return getattr(asked["target"], asked["name"])

    def _submodule(self, asked: _Asked, _: _Inbox) -> Any:
        return asked["target"].get_submodule(asked["name"])

    # -- the world around ---------------------------------------------------------------------------------------------

    def _world(self, asked: _Asked, _: _Inbox) -> Any:
        """What the last call left to whoever comes next.

        Not the random numbers themselves: how many of them code draws is a matter of style. Each call starts with a
        seed of its own, so a generator that would draw the same as after an earlier call has been set by the code.
        """
        numbers = {
            ("torch", float(torch.rand((), dtype=torch.float64))),
            ("random", random.random()),
            ("numpy", float(numpy.random.random())),
        }
        reset = sorted(generator for generator, _ in numbers & self._next_numbers)
        self._next_numbers |= numbers
        return {"reset": reset, "default_dtype": torch.get_default_dtype(), "grad_enabled": self._grad_enabled}

    # -- objects and errors -------------------------------------------------------------------------------------------

    def _register(self, module: nn.Module) -> int:
        number = self._numbers.get(id(module))
        if number is None:
            self._next += 1
            number = self._numbers[id(module)] = self._next
            self._objects[number] = module
        return number

    def _identify(self, value: object) -> int | None:
        return self._register(value) if isinstance(value, nn.Module) else None

    def _describe(self, error: BaseException) -> dict[str, Any]:
        """An exception as data: type, nearest built-in type, text, and the lines of the student's file it passed."""
        bases = (base for base in type(error).__mro__ if getattr(builtins, base.__name__, None) is base)
        return {
            "type": type_of(error, self._file)[:80],
            "builtin": next(bases, BaseException).__name__,
            "text": words_of(error)[:MAX_TEXT],
            "frames": [[line, name[:80], code[:200]] for line, name, code in lines_passed(error, self._file)[-20:]],
        }


def _library(name: str) -> Any:
    """The class or function called `name` in torch, torchvision or collections."""
    if not name.startswith(_LIBRARIES):
        raise ValueError(f"{name} is outside the libraries that suites may use")
    module_name, _, attribute = name.rpartition(".")
    if module_name.startswith("torchvision"):
        import_torchvision()
    return getattr(importlib.import_module(module_name), attribute)


def _receive(tensors: list[WireTensor]) -> _Inbox:
    """Live tensors from a message: leaves stay leaves, the rest become results of an operation, gradients are set."""
    inbox = _Inbox()
    for index, wire in enumerate(tensors):
        data, root = wire.data, None
        if wire.is_leaf and wire.strides is not None:
            data = laid_out(data, wire.strides)
        if wire.is_parameter:
            data = nn.Parameter(data, requires_grad=wire.requires_grad)
        elif wire.requires_grad:
            data.requires_grad_()
        if wire.requires_grad:
            root = data
            data = root if wire.is_leaf else laid_out(root, wire.strides)
        inbox.arguments.append(_Argument(index, data, root, 0, data.detach(), None, 0, None))
    for wire, argument in zip(tensors, inbox.arguments, strict=True):
        if wire.grad is not None and argument.tensor.is_leaf:
            argument.tensor.grad = argument.grad = inbox.arguments[wire.grad].tensor
            argument.grad_version = argument.grad._version
            argument.grad_before = argument.grad.detach().clone()
        argument.version = argument.tensor._version
        argument.before = argument.tensor.detach().clone()
    return inbox


def _effect(argument: _Argument) -> dict[str, Any] | None:
    """What the call did to one of its arguments, or None: a changed value, a bumped version, another gradient."""
    effect: dict[str, Any] = {}
    bumped = argument.tensor._version - argument.version
    after = argument.tensor.detach()
    if bumped or not _same_bytes(after, argument.before):
        effect.update(bumped=bumped, value=after)
    if not argument.tensor.is_leaf:
        return {"index": argument.index, **effect} if effect else None
    grad = argument.tensor.grad
    if grad is not argument.grad:
        effect.update(grad="cleared" if grad is None else "rebound", grad_value=grad)
    return {"index": argument.index, **effect} if effect else None


def _same_bytes(left: Tensor, right: Tensor) -> bool:
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    return left.is_meta or torch.equal(left, right) or torch.allclose(left, right, rtol=0, atol=0, equal_nan=True)


def _collect(result: Any, into: list[Tensor]) -> None:
    """The tensors in `result` in the order in which the encoder meets them, each once."""
    if isinstance(result, Tensor):
        if all(result is not known for known in into):
            into.append(result)
    elif isinstance(result, (list, tuple)):
        for item in result:
            _collect(item, into)
    elif isinstance(result, collections.abc.Mapping):
        for item in result.values():
            _collect(item, into)


def _shortest_names(named: Iterable[tuple[str, Tensor]]) -> list[tuple[str, Tensor]]:
    """Each tensor once; of several names for it (self.fc1, and again in a Sequential) the one with the fewest dots."""
    best: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in named:
        known = best.get(id(tensor))
        if known is None or name.count(".") < known[0].count("."):
            best[id(tensor)] = (name, tensor)
    return list(best.values())


def _interchangeable(given: torch.Size, own: torch.Size) -> bool:
    """(out, in) and (out, in, 1, 1) are the same weight: a linear layer and a 1 x 1 convolution."""
    if given == own:
        return True
    short, long = sorted((tuple(given), tuple(own)), key=len)
    return len(short) == 2 and long == (*short, 1, 1)


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "module" if issubclass(value, nn.Module) else "class"
    return "function" if callable(value) else "value"
