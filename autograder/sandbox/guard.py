"""Names that an exercise does not allow, taken away inside a worker, or only watched, and the uses that were seen.

The syntax tree shows what is written down. What a program puts together while it runs (`exec`, `getattr` by parts, a
cell found among the garbage collector's objects) is met here: functions and layers get other code, so it does not
matter by which name they are reached, operators are guarded in torch's dispatcher, where every way to them ends
(`torch._VF`, `torch.ops`, TorchScript, another thread), and whoever opens a forbidden module's source is seen.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib.abc
import itertools
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from autograder.patterns import NamePatterns
from autograder.sandbox.protocol import MAX_USES
from autograder.sandbox.quick_torch import import_put_off
from autograder.sandbox.vision import import_torchvision

_OPERATORS = "torch.ops."
_KERNELS = ("CPU", "CompositeImplicitAutograd")
"""What operators compute with on a CPU, and what they are composed of, which can be asked for by itself."""
_LIBRARIES = ("torch", "torchvision")
_DECOMPOSITIONS = "torch._decomp.decompositions"
_NEEDED_BY_TORCH = frozenset({_DECOMPOSITIONS})
"""Modules of which torch itself calls a part: only what a forbidden operator comes to is guarded in them."""
_INIT = "torch.nn.init"
"""What torch's own layers call while they are made: that is nobody's use."""
_CONSTRUCTORS = ("__init__", "reset_parameters", "_reset_parameters")
_HOST = "autograder.sandbox.host"
_STANDARD_LIBRARY = os.path.dirname(os.__file__)


class NotAllowedError(RuntimeError):
    """The exercise does not allow what the code just reached for."""


class Guard:
    """Watches over the forbidden names of one exercise in this process, which runs nothing else and ends with it."""

    def __init__(self, patterns: Sequence[str], file: str, *, take_away: bool) -> None:
        """`patterns` are dotted names, `*` standing for any characters; `file` is what the code is compiled as.

        With `take_away`, a use raises NotAllowedError. Without, it is noted and goes on.
        """
        self.seen: list[tuple[str, int]] = []
        """Name and line of the uses so far; 0 where no line of the file led there."""
        self._file, self.take_away = file, take_away
        self._patterns = NamePatterns(patterns)
        self._is_forbidden = functools.cache(self._patterns.match)
        self._classes: dict[type, str] = {}
        """Forbidden classes, with the name by which they are."""
        self._originals: dict[str, types.ModuleType] = {}
        """Modules that a decoy stands for; the forbidden functions in them have lost their code."""
        self._sources: dict[str, str] | None = None
        """Files of forbidden modules and folders above them, with the names of the modules; found when needed."""
        self._guarded: set[types.FunctionType] = set()
        watches_init = any(pattern.startswith(f"{_INIT}.") for pattern in patterns)
        self._constructors = _codes_of_constructors() if watches_init else frozenset()
        """What may call `torch.nn.init`, found before any code could put something of its own there."""
        if any(pattern.startswith("torchvision.") for pattern in patterns):
            import_torchvision()  # or its own imports would look like the student's
        # There is nothing to guard in what only stands in for a module.
        import_put_off(lambda name: self._is_forbidden(f"{name}.any") or any(f"{name}." in each for each in patterns))
        sys.meta_path.insert(0, _Finder(self._is_forbidden, self._note_import))
        self._guard_modules(patterns)
        self._guard_classes()
        self._guard_decompositions(patterns)
        if self._originals:
            sys.addaudithook(self._watch)  # which nothing in Python removes
        if take_away:
            for library in self._guard_operators(patterns):
                # For as long as the process lives, and where nothing that code can walk through leads to it.
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))

    def watching(self) -> contextlib.AbstractContextManager[object]:
        """To be entered around the student's code, where names are not taken away."""
        return _Watching(self._is_forbidden, self._note)

    def _note(self, name: str) -> None:
        """Remember a use. Raises NotAllowedError when names are taken away."""
        if self._constructors and name.startswith(f"{_INIT}.") and self._is_a_layer_made():
            return
        use = (name, self._line())
        if use not in self.seen and len(self.seen) < MAX_USES:
            self.seen.append(use)
        if self.take_away:
            raise NotAllowedError(f"{name} is not allowed in this exercise")

    def _is_a_layer_made(self) -> bool:
        """Whether what was reached in `torch.nn.init` was called by a constructor of torch's own layers."""
        passed = (globals(), vars(torch.overrides), vars(self._originals.get(_INIT) or sys.modules[_INIT]))
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and any(frame.f_globals is each for each in passed):
            frame = frame.f_back
        return frame is not None and frame.f_code in self._constructors and self._is_library(frame)

    def _note_import(self, name: str) -> None:
        # A module of torch's own may import another for reasons of its own.
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and (_is_import_machinery(frame) or frame.f_globals is globals()):
            frame = frame.f_back
        if frame is not None and not self._is_library(frame):
            self._note(name)

    def _is_library(self, frame: types.FrameType) -> bool:
        """Whether a frame is torch's or torchvision's own; what it says that it is called counts for nothing."""
        name = str(frame.f_globals.get("__name__", ""))
        module = self._originals.get(name) or sys.modules.get(name)
        return name.partition(".")[0] in _LIBRARIES and getattr(module, "__dict__", None) is frame.f_globals

    def _watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Notes who makes an object one of a forbidden class, and who opens a forbidden module's source, to execute it
        again under another name."""
        if event == "object.__setattr__" and arguments[1] == "__class__" and (name := self._class_name(arguments[2])):
            self._note(name)
        if event != "open" or not isinstance(arguments[0], (str, bytes)):
            return
        if self._sources is None:
            self._sources = _sources_of(self._originals)
        name = self._sources.get(os.path.realpath(os.fsdecode(arguments[0])), "")
        if not name:
            return
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and _is_of_python(frame):
            frame = frame.f_back
        # To quote a line in a traceback is no use; nor is what a library imports.
        if frame is not None and not self._is_library(frame) and frame.f_globals.get("__name__") != _HOST:
            self._note(name)

    def _line(self) -> int:
        frame: types.FrameType | None = sys._getframe(2)
        while frame is not None:
            if frame.f_code.co_filename == self._file:
                return frame.f_lineno
            frame = frame.f_back
        return 0

    # -- modules, classes, functions ----------------------------------------------------------------------------------

    def _guard_modules(self, patterns: Sequence[str]) -> None:
        # Whatever is touched here is copied, as the zygote's memory is shared: no attributes where a decoy will do.
        beginnings = self._patterns.literal_beginnings
        near = tuple(start.rstrip(".") for start in beginnings)
        for name in _loaded_modules(near):
            if self._is_forbidden(f"{name}.any"):
                self._guard_module(name, sys.modules[name])
                self._put_decoy(name)
        for name in sorted({place for start in beginnings for place in (start, start.rpartition(".")[0])}):
            module = sys.modules.get(name)
            if module is not None and not isinstance(module, _Decoy):
                self._guard_attributes(module, name)

    def _guard_module(self, name: str, module: types.ModuleType) -> None:
        """Guard the functions and classes that a forbidden module defines."""
        if name in _NEEDED_BY_TORCH:
            return
        # Not `__getattr__` and the like, which Python itself calls.
        own = [
            (attribute, value)
            for attribute, value in list(vars(module).items())
            if not attribute.startswith("__") and getattr(value, "__module__", None) == name
        ]
        # Where there are layers, the functions come to their constructors.
        layers = [each for each in own if isinstance(each[1], type) and issubclass(each[1], nn.Module)]
        for attribute, value in layers or own:
            self._guard_code(value, f"{name}.{attribute}")

    def _put_decoy(self, name: str) -> None:
        self._originals[name] = sys.modules[name]
        decoy = sys.modules[name] = self._decoy(sys.modules[name], name)
        parent, _, attribute = name.rpartition(".")
        if not isinstance(sys.modules.get(parent), _Decoy | None):
            setattr(sys.modules[parent], attribute, decoy)

    def _guard_attributes(self, module: types.ModuleType, name: str) -> None:
        for attribute in list(vars(module)):
            if attribute.startswith("__") or not self._patterns.match(dotted := f"{name}.{attribute}"):
                continue
            value = vars(module)[attribute]
            if isinstance(value, type | types.FunctionType):
                self._guard_code(value, dotted)
            elif isinstance(value, types.ModuleType):
                if not isinstance(value, _Decoy):
                    setattr(module, attribute, self._decoy(value, dotted))
            elif callable(value):
                setattr(module, attribute, self._guarded_function(value, dotted))

    def _guard_code(self, value: object, name: str) -> None:
        """Put other code into a function, or into the forward of a layer: it is met by whatever way it is reached."""
        if isinstance(value, type):
            if value not in self._classes:
                self._classes[value] = name
                # A layer is met when it is made; by its forward, what has not been made as one.
                forward = vars(value).get("forward") if issubclass(value, nn.Module) else None
                if forward is not None:
                    self._guard_code(forward, name)
            return
        while isinstance(value, types.FunctionType) and value not in self._guarded:
            self._guarded.add(value)
            wrapped = getattr(value, "__wrapped__", None)
            copy = types.FunctionType(
                value.__code__, value.__globals__, value.__name__, value.__defaults__, value.__closure__
            )
            copy.__kwdefaults__ = value.__kwdefaults__
            value.__code__ = _code_that_calls(self._guarded_function(copy, name), value.__code__.co_freevars)
            value = wrapped

    def _guard_decompositions(self, patterns: Sequence[str]) -> None:
        """What operators are in Python, for torch's compiler."""
        module = self._originals.get(_DECOMPOSITIONS) or sys.modules.get(_DECOMPOSITIONS)
        wanted = [pattern.split(".", 3)[3] for pattern in patterns if pattern.startswith(f"{_OPERATORS}aten.")]
        match = NamePatterns(wanted).match
        for name, value in list(vars(module).items()) if module is not None and wanted else ():
            if isinstance(value, types.FunctionType) and value.__module__ == _DECOMPOSITIONS and match(name):
                self._guard_code(value, f"{_DECOMPOSITIONS}.{name}")

    def _decoy(self, original: types.ModuleType, name: str) -> types.ModuleType:
        """A module to stand where a forbidden one was. Torch itself still finds the one behind it."""

        def look_up(attribute: str, frame: types.FrameType) -> Any:
            if self._is_library(frame):
                return getattr(original, attribute)
            # Python's own tools look into every module, and look for `__file__` and the like.
            asker = str(frame.f_globals.get("__name__", "")).partition(".")[0]
            if not attribute.startswith("__") and asker not in sys.stdlib_module_names:
                self._note(f"{name}.{attribute}")
                return getattr(original, attribute)  # only noted
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")

        return _Decoy(name, look_up)

    def _guard_classes(self) -> None:
        """Every module's constructor ends in that of nn.Module, by whatever way its class was found."""
        constructor: Any = nn.Module
        original = constructor.__init__

        @functools.wraps(original)
        def guarded(module: nn.Module, *args: Any, **kwargs: Any) -> None:
            if name := self._class_name(type(module)):  # not remembered in here, where code could write to it
                self._note(name)
            original(module, *args, **kwargs)

        del guarded.__wrapped__
        constructor.__init__ = guarded

    def _class_name(self, kind: type) -> str:
        """The forbidden name of a class, or of one that it is derived from; empty when there is none."""
        for base in kind.__mro__:
            if base is nn.Module:
                break
            if base in self._classes:
                return self._classes[base]
            if self._is_forbidden(dotted := f"{base.__module__}.{base.__qualname__}"):
                return dotted
        return ""

    def _guarded_function(self, original: Callable[..., Any], name: str) -> Callable[..., Any]:
        note = self._note
        if self.take_away and not name.startswith(f"{_INIT}."):
            return self._refusal(name)

        @functools.wraps(original)
        def noted(*args: Any, **kwargs: Any) -> Any:
            note(name)
            return original(*args, **kwargs)

        return noted

    def _refusal(self, name: str) -> Callable[..., None]:
        """In the place of what is taken away. That is not kept: nobody finds it in here."""
        note = self._note
        return lambda *args, **kwargs: note(name)

    # -- operators ----------------------------------------------------------------------------------------------------

    def _guard_operators(self, patterns: Sequence[str]) -> Iterator[object]:
        """Put a kernel that refuses in the place of every forbidden operator's; yields what must be kept alive."""
        for namespace in sorted({pattern.split(".")[2] for pattern in patterns if pattern.startswith(_OPERATORS)}):
            prefix = f"{_OPERATORS}{namespace}."
            wanted = [pattern.removeprefix(prefix) for pattern in patterns if pattern.startswith(prefix)]
            pieces = [max(pattern.split("*"), key=len) for pattern in wanted]
            match = NamePatterns(wanted).match
            library = torch._C._dispatch_library("IMPL", namespace, "", __file__, 0)
            # The pieces spare most of the matching, which is slow.
            for operator in _lines_with(_operators().get(namespace, ""), pieces):
                if match(operator) or match(operator.partition(".")[0]):
                    refusal = self._refusal(f"{prefix}{operator}")
                    for key in _KERNELS:
                        with contextlib.suppress(RuntimeError), warnings.catch_warnings():
                            warnings.simplefilter("ignore")
                            library.impl(operator, key, refusal)
            yield library


class _Decoy(types.ModuleType):
    """Stands where a forbidden module was."""

    def __init__(self, name: str, look_up: Callable[[str, types.FrameType], Any]) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__dict__["_look_up"] = look_up

    def __getattr__(self, attribute: str) -> Any:
        return self.__dict__["_look_up"](attribute, sys._getframe(1))


class _Finder(importlib.abc.MetaPathFinder):
    """Sees imports of forbidden modules that are not loaded yet."""

    def __init__(self, is_forbidden: Callable[[str], object], note: Callable[[str], None]) -> None:
        self._is_forbidden, self._note = is_forbidden, note

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if self._is_forbidden(fullname):
            self._note(fullname)


class _Watching(TorchFunctionMode):
    """Notes calls of forbidden functions and operators, and lets them go on."""

    def __init__(self, is_forbidden: Callable[[str], object], note: Callable[[str], None]) -> None:
        super().__init__()
        self._is_forbidden, self._note = is_forbidden, note

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        for name in _names(func):
            if self._is_forbidden(name):
                self._note(name)
                break
        return func(*args, **(kwargs or {}))


@functools.lru_cache(maxsize=4096)
def _names(func: Any) -> tuple[str, ...]:
    """The dotted names by which a function of torch may be forbidden."""
    if isinstance(func, torch._ops.OpOverload | torch._ops.OpOverloadPacket):
        return (f"torch.ops.{func}",)
    name, module = getattr(func, "__name__", ""), getattr(func, "__module__", None) or "torch"
    return tuple(dict.fromkeys((f"{module}.{name}", f"torch.{name}")))


def prepare() -> None:
    """Note what all guards look through: where this has been called, a process forked from there need not."""
    _operators()
    _modules_so_far()


@functools.cache
def _operators() -> dict[str, str]:
    """All operators of torch by namespace, one per line: `lstm_cell`, `lstm.input`.

    One text, as thousands of names of their own lie on as many places in memory: to look at them all copies it there.
    """
    found: dict[str, list[str]] = {}
    for name in torch._C._dispatch_get_all_op_names():
        namespace, _, operator = name.partition("::")
        found.setdefault(namespace, []).append(operator)
    return {namespace: "\n".join(operators) for namespace, operators in found.items()}


@functools.cache
def _modules_so_far() -> tuple[int, str]:
    """How many modules there were when this was asked first, and their names, one per line."""
    return len(sys.modules), "\n".join(sys.modules)


def _loaded_modules(starts: Sequence[str]) -> list[str]:
    """The names of loaded modules that start with one of `starts`."""
    count, names = _modules_so_far()
    found = [name for name in _lines_with(names, starts) if name in sys.modules]
    # Those that came since are the last.
    since = itertools.islice(reversed(sys.modules), max(0, len(sys.modules) - count))
    found += [name for name in since if name not in found]
    return [name for name in found if name.startswith(tuple(starts))]


def _lines_with(text: str, pieces: Iterable[str]) -> list[str]:
    """The lines of `text` that hold one of `pieces`, each once."""
    found: dict[str, None] = {}
    for piece in pieces:
        at = text.find(piece)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            found[text[text.rfind("\n", 0, at) + 1 : end]] = None
            at = text.find(piece, end + 1)
    return list(found)


def _sources_of(modules: Mapping[str, types.ModuleType]) -> dict[str, str]:
    """The files of modules, and the folders above them, from which they could be opened, with the modules' names."""
    found: dict[str, str] = {}
    for name, module in modules.items():
        for file in filter(None, (getattr(module, "__file__", None), getattr(module, "__cached__", None))):
            path = Path(file).resolve()
            found.update((str(place), name) for place in (path, *path.parents))
    return found


def _code_that_calls(function: Callable[..., Any], free: tuple[str, ...]) -> types.CodeType:
    """Code for a function with these free variables that passes everything on to another."""
    template = _passes_on.__code__
    constants = tuple(function if constant == _PLACE else constant for constant in template.co_consts)
    return template.replace(co_consts=constants, co_freevars=free)


_PLACE = "the function"


def _passes_on(*args: Any, **kwargs: Any) -> Any:
    call: Any = "the function"
    return call(*args, **kwargs)


def _codes_of_constructors() -> frozenset[types.CodeType]:
    """The code of whatever makes a layer of torch."""
    modules = [module for name, module in sys.modules.items() if name.startswith("torch.nn.modules.")]
    kinds = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    methods = (vars(kind).get(name) for kind in kinds if issubclass(kind, nn.Module) for name in _CONSTRUCTORS)
    return frozenset(method.__code__ for method in methods if isinstance(method, types.FunctionType))


def _is_of_python(frame: types.FrameType) -> bool:
    """Whether a frame is of the standard library, or of Python's own machinery."""
    file = frame.f_code.co_filename
    return file.startswith(("<frozen ", _STANDARD_LIBRARY)) and "site-packages" not in file


def _is_import_machinery(frame: types.FrameType) -> bool:
    return frame.f_code.co_filename.startswith("<frozen importlib")
