"""Runs the worked example of an exercise on the student's own code, and sees what that computes, line by line: what
`instrument` has it hand over, and layers that call each other, as those of `nn.Sequential` do, by a hook.
"""

from __future__ import annotations

import sys
import types
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from autograder.sandbox.host import Host
from autograder.sandbox.protocol import Done, Message
from autograder.student.checks import run_checks
from autograder.student.example import Explained, Step, Steps
from autograder.student.folder import StudentFolder
from autograder.student.instrument import WATCHER, Place, instrumented
from autograder.student.shown import holds_tensor, shown
from autograder.submissions.model import Contents

_MOST, _CALLS, _TIMES = 200, 4, 3
"""Steps that are kept of one check; calls of one function; and of one place in a call, which may be in a loop."""
_NOTHING = object()


def explained(folder: StudentFolder, contents: Contents, exercise: str, seed: int = 0) -> Explained:
    """Run the worked example on the student's code. Raises KeyboardInterrupt when Ctrl-C was pressed."""
    host = SeeingHost(exercise)
    results = run_checks(folder, contents, [exercise], seed, examples_only=True, host=lambda module: host)
    return Explained(results[exercise], contents.sources.get(exercise), host.seen)


class SeeingHost(Host):
    """A host that sees what the functions of its file compute, check by check."""

    def __init__(self, module_name: str) -> None:
        super().__init__(module_name)
        self._watcher = _Watcher(module_name, self._file)
        self.seen: list[Steps] = []
        """By check, in the order in which they were run."""

    def answer(self, question: Message) -> Message:
        with self._watcher.hooked():
            return super().answer(question)

    def compiled(self, module: types.ModuleType, text: str) -> types.CodeType:
        super().compiled(module, text)  # raises what Python says of the text itself
        tree, self._watcher.places = instrumented(text)
        module.__dict__[WATCHER] = self._watcher
        return compile(tree, self._file, "exec", dont_inherit=True)

    def _reset(self, *arguments: object) -> Done:
        self.seen.append(self._watcher.begin())
        return super()._reset(*arguments)


class _Watcher:
    """What the code hands its values over to. Constructors are left out: the values that they begin with are not those
    of the example.
    """

    def __init__(self, module: str, file: str) -> None:
        self._module, self._file = module, file
        self.places: list[Place] = []
        self.begin()

    def begin(self) -> Steps:
        """Where the next check's steps will be."""
        self._seen = Steps()
        self._calls: Counter[str] = Counter()
        self._times: Counter[int] = Counter()
        self._known: set[tuple[str, str, str]] = set()
        """What expressions came to in the latest call of each function: said once."""
        self._layers: dict[int, tuple[str, str]] = {}
        """The class of the file that a layer belongs to, and its name there."""
        self._of_a_layer: object = _NOTHING
        """What the hook saw last. Where the code's own line has the same value, that line is enough."""
        return self._seen

    # -- what the code calls ------------------------------------------------------------------------------------------

    def arguments(self, place: int, values: Mapping[str, Any]) -> None:
        """A function begins with these."""
        if self._constructs():  # a module may have no parts yet
            return
        function = self.places[place].function
        self._calls[function] += 1
        self._known = {each for each in self._known if each[0] != function}
        self._times = Counter({n: times for n, times in self._times.items() if self.places[n].function != function})
        given = [(name, value) for name, value in values.items() if name not in ("self", "cls")]
        self._keep(place, given, begins=True, ends=True)

    def part(self, place: int, value: Any) -> Any:
        """An expression within a statement."""
        if isinstance(value, float) or holds_tensor(value):
            where = self.places[place]
            known = (where.function, where.label, shown(value))
            if known not in self._known:
                self._known.add(known)
                self._keep(place, [(where.label, value)])
        return value

    def result(self, place: int, value: Any) -> Any:
        """What is returned."""
        self._keep(place, [(self.places[place].label, value)], ends=True)
        return value

    def done(self, place: int, value: Any, changed: Mapping[str, Any]) -> None:
        """What a call comes to that is a statement by itself; where that is nothing, what it may have changed."""
        self._keep(place, [(self.places[place].label, value)] if value is not None else [*changed.items()], ends=True)

    def variables(self, place: int, values: Mapping[str, Any]) -> None:
        """What a statement has set."""
        self._keep(place, [*values.items()], ends=True)

    def _keep(self, place: int, values: Sequence[tuple[str, Any]], *, begins: bool = False, ends: bool = False) -> None:
        told = [(label, text) for label, value in values if label != "_" and (text := shown(value))]
        if self._constructs() or not (told or begins):
            return
        if any(value is self._of_a_layer for _, value in values):
            self._seen.first[-1].values.pop()
        self._of_a_layer = _NOTHING
        where = self.places[place]
        self._times[place] += 1
        if self._times[place] > _TIMES or self._calls[where.function] > _CALLS:
            self._seen.left_out += len(told)
        else:
            self._add(Step(where, begins, told, ends))

    def _add(self, step: Step) -> bool:
        """Whether it is kept."""
        last = self._seen.first[-1] if self._seen.first else None
        if len(self._seen.first) >= _MOST:
            self._seen.left_out += len(step.values)
            return False
        here = step.place.function, step.place.line
        if last is None or last.ended or step.begins or (last.place.function, last.place.line) != here:
            self._seen.first.append(step)
        else:
            last.values += step.values
            last.ended = step.ended
        return True

    def _constructs(self) -> bool:
        return any(frame.f_code.co_name == "__init__" for frame in self._frames())

    def _frames(self) -> Iterator[types.FrameType]:
        """Calls of the file's functions, the innermost first."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self._file:
                yield frame
            frame = frame.f_back

    # -- what layers call ---------------------------------------------------------------------------------------------

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Inside, what the layers of the code's modules return is seen."""
        handles = (
            register_module_forward_pre_hook(self._module_begins),
            register_module_forward_hook(self._layer_called),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _module_begins(self, module: nn.Module, _: Any) -> None:
        if type(module).__module__ == self._module:
            owner = type(module).__qualname__
            self._layers |= {id(part): (owner, f"self.{path}") for path, part in module.named_modules() if path}

    def _layer_called(self, layer: nn.Module, _: Any, output: Any) -> None:
        owner, name = self._layers.get(id(layer), ("", ""))
        if not name or not isinstance(output, Tensor) or self._constructs():
            return
        frame = next(self._frames(), None)
        if frame is not None:
            above = [place for place in self.places if place.line <= frame.f_lineno]
            where = max(above, key=lambda place: place.line)
        else:  # the class has no forward of its own
            where = next((place for place in self.places if place.function == owner), Place(owner, 1, False))
        kept = self._add(Step(where, False, [(f"{name}(...)", shown(output))], False))
        self._of_a_layer = output if kept else _NOTHING
