"""Answers questions about one file: runs its functions, its modules' forward and backward, and describes their state.

A host runs inside a worker for a student's file, and inside the grader for our own solutions and for suites that are
run without a grader. It knows nothing of tests, points or expected values.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import linecache
import operator
import os
import random
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from autograder.sandbox import modules
from autograder.sandbox.exceptions import lines_passed, type_of, words_of
from autograder.sandbox.guard import Guard
from autograder.sandbox.protocol import (
    MAX_FRAMES,
    MAX_NAMES,
    MAX_TEXT,
    Around,
    Attribute,
    Backward,
    Call,
    Described,
    Done,
    Effect,
    Load,
    Loaded,
    LoadState,
    Message,
    Misfits,
    Modules,
    Parts,
    Question,
    Raised,
    Reply,
    Reset,
    Returned,
    State,
    Step,
    Tree,
    Value,
    WireTensor,
    World,
)
from autograder.sandbox.surroundings import ByItself, importing, settle_torch
from autograder.sandbox.values import (
    MAX_COSTLY_KEYS_OF_REPLIES,
    MAX_DEPTH_OF_REPLIES,
    Decoder,
    Encoder,
    dtype_name,
    encodable,
    index,
    laid_out,
    list_of,
    same,
    text_of,
)
from autograder.sandbox.vision import import_torchvision

_LIBRARIES = ("torch.", "torchvision.", "collections.")


@dataclass
class _Argument:
    """A tensor argument as the code got it, with what is needed to see whether it was changed."""

    index: int
    wire: WireTensor
    tensor: Tensor
    root: Tensor | None
    """The leaf in which its gradient arrives; None where it carries none."""
    before: Tensor | None = None
    """Its values as a call got them."""
    version: int = 0
    grad: Tensor | None = None

    def is_itself(self) -> bool:
        """Whether the caller's tensor, once it is written to likewise, is what `tensor` is now.

        A result of operations that was changed in place is not: its history is only here.
        """
        return self.tensor.is_leaf or not self.tensor.requires_grad or self.tensor._version == self.version


@dataclass
class _Call:
    """What a call must remember until its backward: argument roots and outputs, which may carry gradients."""

    roots: list[Tensor | None]
    outputs: list[Tensor]


class _Names:
    """Numbers for objects that stay here, and what is found by name."""

    def __init__(self) -> None:
        self._objects: list[object] = []
        self._numbers: dict[int, int] = {}

    def number(self, value: object) -> int:
        """The number of an object; the same object has the same number."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)  # alive, so that no other object gets its id
        return number

    def object(self, number: int) -> Any:
        if number >= len(self._objects):
            raise LookupError("there is no such object any more")
        return self._objects[number]


class _Questions(Decoder):
    """Decodes what only a host understands: what stayed here, what the file defines, what is to be built."""

    def __init__(self, host: Host, arguments: list[_Argument]) -> None:
        super().__init__([argument.tensor for argument in arguments])
        self._host = host

    def special(self, kind: str, content: Any, depth: int) -> Any:
        if kind == "o":
            return self._host.names.object(index(content))
        if kind == "s":
            return self._host.defined(text_of(content))
        if kind == "e":
            return self._host.beside(text_of(content))
        if kind == "n":
            return _library(text_of(content))
        if kind == "m":
            target, name = list_of(content)
            return getattr(self.value(target, depth), text_of(name))
        if kind == "c":
            name, args, kwargs = list_of(content)
            return _library(text_of(name))(*self.value(args, depth), **self.value(kwargs, depth))
        if kind == "g":
            return (item for item in [self.value(item, depth) for item in list_of(content)])
        return super().special(kind, content, depth)


class _Replies(Encoder):
    """Encodes what the code returned: what is no data stays here, an argument that comes back is named as that."""

    max_depth, max_costly_keys = MAX_DEPTH_OF_REPLIES, MAX_COSTLY_KEYS_OF_REPLIES

    def __init__(self, names: _Names, arguments: list[_Argument]) -> None:
        super().__init__()
        self._names = names
        self._arguments = {id(argument.tensor): argument for argument in arguments}
        self._outputs: dict[int, Tensor] = {}

    @property
    def outputs(self) -> list[Tensor]:
        """Tensors that came back and are no arguments, in order, each once."""
        return list(self._outputs.values())

    def tensor_tree(self, tensor: Tensor) -> Tree:
        argument = self._arguments.get(id(tensor))
        if argument is not None and argument.is_itself():
            return {"a": argument.index}
        tree = super().tensor_tree(tensor)
        self._outputs.setdefault(tree["t"], tensor)
        return tree

    def other(self, value: object, depth: int) -> Tree:
        kept = [self._names.number(value), type(value).__name__[:80]]
        return {"k": [*kept, True] if isinstance(value, nn.Module) else kept}


class Host:
    """Runs one file's code on request. `answer` never raises for anything that the file does."""

    def __init__(self, module_name: str = "exercise") -> None:
        self._file = f"{module_name}.py"
        """By which its lines are found in tracebacks."""
        self._module: types.ModuleType | None = None
        self._beside: types.ModuleType | None = None
        self._guard: Guard | None = None
        self.names = _Names()
        self._calls: list[_Call] = []
        self._grad_enabled = True
        """The grad mode as the last call left it."""
        self._next_numbers: set[tuple[str, float]] = set()
        """What the generators of random numbers would have drawn next, at each look of this test."""
        self._operations: dict[type[Question], Callable[..., Reply]] = {
            Load: self._load,
            Reset: self._reset,
            Call: self._call,
            Backward: self._backward,
            State: self._state,
            LoadState: self._load_state,
            Modules: self._modules,
            Attribute: self._attribute,
            World: self._world,
        }

    def answer(self, question: Message) -> Message:
        """The reply; `Raised` when the file's code raised."""
        try:
            arguments = _received(question.tensors)
            encoder = _Replies(self.names, arguments)
            if question.body.first:
                self._do(question.body.first)
            reply = self._operations[type(question.body)](question.body, arguments, encoder)
            return Message(reply, encoder.tensors)
        except BaseException as error:  # a student's code may raise anything, SystemExit and KeyboardInterrupt too
            return self.raised(error)

    def defined(self, name: str) -> Any:
        """What the file defines under a name. Raises NameError."""
        found = getattr(self._module, name, None)
        if found is None:
            raise NameError(f"name '{name}' is not defined")
        return found

    def beside(self, name: str) -> Any:
        """What beside.py defines under a name. Raises AttributeError."""
        return getattr(self._beside, name)

    def compiled(self, module: types.ModuleType, text: str) -> types.CodeType:
        """The file's code; `module` is the one that it will be run in. Raises SyntaxError."""
        return _compiled(module, text)

    def _seen(self) -> list[tuple[str, int]]:
        return [] if self._guard is None else list(self._guard.seen)

    def _students_code(self) -> contextlib.AbstractContextManager[None]:
        """To be entered around whatever runs code of the file."""
        alone = ByItself(self._file)
        return alone if self._guard is None or self._guard.take_away else self._watched(alone)

    @contextlib.contextmanager
    def _watched(self, alone: ByItself) -> Iterator[None]:
        assert self._guard is not None
        with alone, self._guard.watching():
            yield

    # -- the file -----------------------------------------------------------------------------------------------------

    def _load(self, asked: Load, *_: object) -> Loaded:
        # Not the exercise's plain name: sources of several sessions in one process would mix up in linecache.
        self._file = f"{asked.module}.py"  # a worker is forked before it is known which file it will run
        _seed(asked.draw)
        if "torchvision" in asked.text or "torchvision" in (asked.beside or ""):
            import_torchvision()
        if asked.beside is not None:  # first: what it imports is what the library has there
            self._beside = _module(f"{asked.module}_beside", asked.beside)
            exec(_compiled(self._beside, asked.beside), self._beside.__dict__)
            _seed(asked.draw)
        module = _module(asked.module, asked.text)
        if asked.forbidden:
            self._guard = Guard(asked.forbidden, self._file, take_away=asked.take_away)
        code = self.compiled(module, asked.text)
        with importing(), self._students_code():
            exec(code, module.__dict__)
        self._module = module
        public = [name for name in module.__dict__ if isinstance(name, str) and not name.startswith("_")]
        return Loaded(names={name: _kind(module.__dict__[name]) for name in public[:MAX_NAMES]}, seen=self._seen())

    def _reset(self, *_: object) -> Done:
        self.names = _Names()  # the same questions get the same numbers
        self._calls.clear()
        self._next_numbers.clear()
        self._grad_enabled = True
        _seed(0)  # what a test before this one has left would tell what code in this one may draw again
        settle_torch()
        return Done()

    # -- running ------------------------------------------------------------------------------------------------------

    def _call(self, asked: Call, arguments: list[_Argument], encoder: _Replies) -> Returned:
        decoder = _Questions(self, arguments)
        function = decoder.value(asked.function)
        _seed(asked.draw)
        if asked.library:
            settle_torch()
        device = contextlib.nullcontext() if asked.device is None else torch.device(asked.device)
        with torch.set_grad_enabled(asked.gradients), device:
            args, kwargs = decoder.value(asked.args), decoder.value(asked.kwargs)
            for argument in arguments:
                argument.before = argument.tensor.detach().clone()
            with self._students_code():
                before = torch.default_generator.get_state()
                result = function(*args, **kwargs)
                drew = not torch.equal(torch.default_generator.get_state(), before)
                self._grad_enabled = torch.is_grad_enabled()
        tree = encoder.value(result)
        effects = [effect for argument in arguments if (effect := _effect_on(argument, encoder)) is not None]
        number = self._remember([argument.root for argument in arguments], encoder.outputs)
        return Returned(call=number, result=tree, effects=effects, drew=drew, seen=self._seen())

    def _do(self, steps: Sequence[Step]) -> None:
        decoder = _Questions(self, [])
        for step in steps:
            args = decoder.value(step.args)
            with self._students_code():
                getattr(self.names.object(step.target), step.method)(*args)

    def _backward(self, asked: Backward, arguments: list[_Argument], encoder: Encoder) -> Returned:
        if asked.call >= len(self._calls):
            raise LookupError("there is no such call any more")
        call = self._calls[asked.call]
        grads = _Questions(self, arguments).value(asked.grads)
        pairs = [
            (output, grad)
            for output, grad in zip(call.outputs, grads, strict=True)
            if grad is not None and output.requires_grad
        ]
        roots = [root for root in call.roots if root is not None]
        for root in roots:
            root.grad = None
        # The graph is kept: gradcheck and unrolled loops go through a call more than once.
        with self._students_code():
            torch.autograd.backward(
                [output for output, _ in pairs],
                [grad for _, grad in pairs],
                retain_graph=True,
                create_graph=asked.create_graph,
            )
        found = [None if root is None else root.grad for root in call.roots]
        for root in roots:
            root.grad = None
        number = 0
        if asked.create_graph:
            outputs = [grad for grad in found if grad is not None]
            number = self._remember([*call.roots, *(argument.root for argument in arguments)], outputs)
        return Returned(call=number, result=encoder.value(found), effects=[], seen=self._seen())

    def _remember(self, roots: list[Tensor | None], outputs: list[Tensor]) -> int:
        """The number of a call, by which a backward will be asked of it."""
        self._calls.append(_Call(roots, outputs) if any(output.requires_grad for output in outputs) else _Call([], []))
        return len(self._calls) - 1

    # -- objects ------------------------------------------------------------------------------------------------------

    def _state(self, asked: State, _: object, encoder: Encoder) -> Described:
        return modules.described(self.names.object(asked.target), encoder, values=asked.values, grads=asked.grads)

    def _load_state(self, asked: LoadState, arguments: list[_Argument], _: Encoder) -> Misfits:
        values = {name: arguments[place].tensor for name, place in asked.values.items()}
        return modules.load(self.names.object(asked.target), values, asked.entries, asked.draw)

    def _modules(self, asked: Modules, *_: object) -> Parts:
        return modules.parts(self.names.object(asked.target))

    def _attribute(self, asked: Attribute, _: object, encoder: _Replies) -> Value:
        with self._students_code():
            found = operator.attrgetter(asked.name)(self.names.object(asked.target))
        return Value(encoder.other(found, 0) if asked.keep else encoder.value(found))

    def _world(self, *_: object) -> Around:
        """Not the random numbers themselves: how many of them code draws is a matter of style. Each call starts with a
        seed of its own, so a generator that would draw the same as after an earlier call has been set by the code.
        """
        numbers = {
            ("torch", float(torch.rand((), dtype=torch.float64))),
            ("random", random.random()),
            ("numpy", float(numpy.random.random())),
        }
        reset = sorted(generator for generator, _ in numbers & self._next_numbers)
        self._next_numbers |= numbers
        dtype = dtype_name(torch.get_default_dtype())
        return Around(reset=reset, default_dtype=dtype, grad_enabled=self._grad_enabled)

    # -- errors -------------------------------------------------------------------------------------------------------

    def raised(self, error: BaseException) -> Message:
        """An exception as data: type, nearest built-in type, text, and the lines of the student's file it passed."""
        bases = (base for base in type(error).__mro__ if getattr(builtins, base.__name__, None) is base)
        reply = Raised(
            type=type_of(error, self._file)[:80],
            builtin=next(bases, BaseException).__name__,
            text=encodable(words_of(error)[:MAX_TEXT]),
            frames=[
                (line, encodable(name[:80]), encodable(code[:200]))
                for line, name, code in lines_passed(error, self._file)[-MAX_FRAMES:]
            ],
            seen=self._seen(),
        )
        return Message(reply)


def _received(tensors: list[WireTensor]) -> list[_Argument]:
    """Live tensors from a message: leaves stay leaves, the rest become results of an operation, gradients are set."""
    arguments = []
    for place, wire in enumerate(tensors):
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
        arguments.append(_Argument(place, wire, data, root))
    for argument in arguments:
        if argument.wire.grad is not None and argument.tensor.is_leaf:
            argument.tensor.grad = argument.grad = arguments[argument.wire.grad].tensor
        argument.version = argument.tensor._version
    return arguments


def _effect_on(argument: _Argument, encoder: Encoder) -> Effect | None:
    """What a call did to one of its arguments, or None where it left it alone."""
    tensor = argument.tensor
    bumped = tensor._version != argument.version
    after = tensor.detach()
    value = encoder.tensor(after) if bumped or not same(after, argument.before) else None
    rebound, grad, requires_grad = False, None, None
    if tensor.is_leaf:
        rebound = tensor.grad is not argument.grad
        grad = encoder.tensor(tensor.grad) if rebound and tensor.grad is not None else None
        requires_grad = tensor.requires_grad if tensor.requires_grad != argument.wire.requires_grad else None
    hooked = bool(tensor._backward_hooks) or bool(getattr(tensor, "_post_accumulate_grad_hooks", None))
    if value is None and not rebound and requires_grad is None and not hooked:
        return None
    return Effect(argument.index, value, bumped, rebound, grad, requires_grad, hooked)


def _module(name: str, text: str) -> types.ModuleType:
    """An empty module of that name; tracebacks, inspect.getsource and torch.jit.script read `text` as its file."""
    module = types.ModuleType(name)
    module.__file__, module.__package__ = os.path.abspath(f"{name}.py"), ""
    for file in (f"{name}.py", module.__file__):
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    sys.modules[name] = module
    return module


def _compiled(module: types.ModuleType, text: str) -> types.CodeType:
    return compile(text, f"{module.__name__}.py", "exec", dont_inherit=True)


def _seed(draw: int) -> None:
    """Student's and reference's code draw the same numbers: dropout and default initialisation can be compared."""
    # torch.manual_seed also looks for devices that are not there, which takes longer than most questions.
    torch.default_generator.manual_seed(draw)
    random.seed(draw)
    numpy.random.seed(draw % 2**32)


def _library(name: str) -> Any:
    """The class or function called `name` in torch, torchvision or collections."""
    if not name.startswith(_LIBRARIES):
        raise ValueError(f"{name} is outside the libraries that suites may use")
    module_name, _, attribute = name.rpartition(".")
    if module_name.startswith("torchvision"):
        import_torchvision()
    return getattr(importlib.import_module(module_name), attribute)


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "module" if issubclass(value, nn.Module) else "class"
    return "function" if callable(value) else "value"
