"""What is asked of every module, whatever it computes: an exercise gives the cases, and says what each check is worth.

The model is torch's own `ModuleInfo`: constructor arguments and inputs are data, and one set of checks runs over them.

    blocks = ModuleChecks("ResidualBlock", {"identity": Case(same_width, images), "stride": Case(strided, images)})

    test_parameters = blocks.parameters(points=1, hint="Names are in the stub.")
    test_outputs = blocks.outputs("eval", points=2, one_by_one=True)

Each method makes one check. `points` and `again` are those of `@pytest.mark.points`; `title` is what students see;
`of` names the cases, all without it; `one_by_one` makes a check of its own of each case, which share the points.
`also` is a function of student, reference and rng that asks more at the end of the same check. What is peculiar to an
exercise is written by hand, with `twins` and `alike` for what both kinds need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
import torch
from torch import Tensor

from autograder.language import mark
from autograder.language import tr_kept as tr
from autograder.suite import compare, state
from autograder.suite.failures import check
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace

Arguments = Mapping[str, Any] | Sequence[Any]
"""Constructor arguments: by name, or a tuple by position."""


class Inputs(Protocol):
    """Draws what forward takes, for a module that was made with the given constructor arguments."""

    def __call__(self, rng: Random, arguments: Any) -> Tensor | list[Any]: ...


@dataclass(frozen=True)
class Case:
    """One way to make a module, and what to put into it."""

    arguments: Callable[[Random], Arguments] | Arguments
    """Draws the constructor's arguments, or is them."""
    inputs: Inputs
    """Draws what forward takes: a float64 tensor (N, ...), or a list of such tensors and whatever else."""

    def draw(self, rng: Random) -> tuple[Arguments, list[Any]]:
        """Arguments and inputs."""
        arguments = self.arguments(rng) if callable(self.arguments) else self.arguments
        return arguments, _listed(self.inputs(rng, arguments))


Test = Callable[..., None]

Size = tuple[Arguments, Any] | tuple[Arguments, Any, Sequence[str]]
"""Constructor arguments, inputs, and the modes to ask in, "eval" without them."""


@dataclass(frozen=True)
class ModuleChecks:
    """Makes the checks of the module `name` from its cases."""

    name: str
    cases: Mapping[str, Case]
    names: Sequence[str] = ("x",)
    """What to call the tensors of the inputs in messages, in order; a case may have fewer."""

    # -- one case ------------------------------------------------------------------------------------------------------

    def twins(
        self, student: Namespace, reference: Namespace, rng: Random, case: str
    ) -> tuple[ModuleProxy, ModuleProxy, list[Any]]:
        """The student's module and ours with the same random weights and statistics, and inputs for them."""
        arguments, inputs = self.cases[case].draw(rng)
        return *self.alike(student, reference, rng, arguments), inputs

    def alike(
        self, student: Namespace, reference: Namespace, rng: Random, arguments: Arguments
    ) -> tuple[ModuleProxy, ModuleProxy]:
        """The student's module and ours with the same random weights and statistics, for arguments of no case."""
        mine, theirs = self.pair(student, reference, arguments)
        compare.share_weights(mine, theirs, rng)
        return mine, theirs

    def pair(self, student: Namespace, reference: Namespace, arguments: Arguments) -> tuple[ModuleProxy, ModuleProxy]:
        """The student's module and ours, as they are made."""
        return self.make(student, arguments), self.make(reference, arguments)

    def make(self, code: Namespace, arguments: Arguments) -> ModuleProxy:
        """A new module of the student's or of ours."""
        make = getattr(code, self.name)
        made: ModuleProxy = make(**arguments) if isinstance(arguments, Mapping) else make(*arguments)
        return made

    # -- checks --------------------------------------------------------------------------------------------------------

    def parameters(self, title: str = mark("Names and shapes of parameters and buffers"), **worth: Any) -> Test:
        """Names, shapes, `requires_grad`; nothing shared by two modules that are made alike."""

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            arguments, _ = self.cases[case].draw(rng)
            mine, theirs = self.pair(student, reference, arguments)
            compare.assert_parameters(mine, theirs, hint=hint)
            made = [self.make(student, arguments), mine]
            state.assert_nothing_shared(made.pop)

        return self._check(ask, title, form=True, **worth)

    def shapes_on_meta(self, title: str = mark("The output's shape, also for large sizes"), **worth: Any) -> Test:
        """Structure, shape and dtype of the outputs on the device "meta", which computes nothing."""

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            arguments, inputs = self.cases[case].draw(rng)
            mine, theirs = self.pair(student.on("meta"), reference.on("meta"), arguments)
            inputs = [_on_meta(value) for value in inputs]
            compare.assert_same_outputs(mine.float(), theirs.float(), inputs, hint=hint)

        return self._check(ask, title, form=True, **worth)

    def outputs(self, mode: str, title: str = "", **worth: Any) -> Test:
        """Values of the outputs in `mode`, "eval" or "train"."""

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            mine, theirs, inputs = self.twins(student, reference, rng, case)
            compare.assert_same_outputs(mine, theirs, inputs, mode, hint=hint)

        return self._check(ask, title or tr("Outputs in {mode} mode", mode=tr(_MODES[mode])), **worth)

    def sizes(
        self,
        draw: Callable[[Random], Iterable[Size]],
        title: str = mark("Sizes of one, and large ones: nothing is a special case"),
        **worth: Any,
    ) -> Test:
        """Parameters and outputs for many sizes, which `draw` yields one after another: arguments and inputs. Of those
        with the same arguments in a row one module is asked.
        """

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            made: Arguments | None = None
            asked = trained = False
            for arguments, given, *modes in draw(rng):
                inputs = _listed(given)
                if arguments != made:
                    mine, theirs = self.pair(student, reference, arguments)
                    compare.assert_weights_fit(mine, theirs, rng, hint=hint)
                    made, weights, trained = arguments, theirs.state_dict(), False
                elif trained:  # statistics that a training forward has renewed are another check's question
                    compare.load_weights(weights, mine, theirs)
                    trained = False
                shapes = tr(" and ").join(str(tuple(value.shape)) for value in inputs if isinstance(value, Tensor))
                told = mark("The input is of shape {shapes} here.")
                if asked:
                    told = mark(
                        "The input is of shape {shapes} here. Other sizes, asked before, gave the right output."
                    )
                for mode in modes[0] if modes else ("eval",):
                    compare.assert_same_outputs(mine, theirs, inputs, mode, hint=tr(told, shapes=shapes))
                    asked, trained = True, trained or mode == "train"

        return self._check(ask, title, of=list(self.cases)[:1], **worth)

    def gradients(
        self,
        mode: str,
        title: str = "",
        wanted: Sequence[str] = ("inputs", "parameters"),
        frozen: bool = False,
        **worth: Any,
    ) -> Test:
        """Gradients of all inputs and parameters for random upstream gradients in `mode`, or in "both"; where `frozen`
        asks for it, of the parameters also for inputs that need none, and of the inputs with all parameters frozen.
        """
        modes = tuple(reversed(_MODES)) if mode == "both" else (mode,)

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            mine, theirs, inputs = self.twins(student, reference, rng, case)
            names = self._names([value for value in compare.tensors_of(inputs) if value.is_floating_point()], inputs)
            weights = theirs.state_dict() if len(modes) > 1 else {}
            for each in modes:
                if each != modes[0]:  # statistics that a training forward has renewed are another check's question
                    compare.load_weights(weights, mine, theirs)
                compare.assert_same_gradients(mine, theirs, inputs, each, wanted, names=names, hint=hint)
            if frozen:
                for module in (mine, theirs):
                    module.requires_grad_(False)
                still = tr("All parameters are frozen here. The layers before may still learn.")
                compare.assert_same_gradients(mine, theirs, inputs, each, of=("inputs",), names=names, hint=still)
                for module in (mine, theirs):
                    module.requires_grad_()
                # Last, since it renews the running statistics.
                data = tr(
                    "x needs no gradient here, as in the first layer of a network. The parameters still do. Does "
                    "anything ask whether x needs one?"
                )
                compare.assert_same_gradients(mine, theirs, inputs, "train", of=("parameters",), hint=data)

        when = tr(" and in ").join(tr(_MODES[each]) for each in modes)
        told = title or tr("Gradients of the input and of all weights in {mode} mode", mode=when)
        return self._check(ask, told, **worth)

    def statistics(
        self,
        title: str = mark("Running statistics: renewed once by a training batch, and left alone in evaluation"),
        **worth: Any,
    ) -> Test:
        """Buffers after one training forward, under no_grad, too, and after one in evaluation mode."""

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            arguments, inputs = self.cases[case].draw(rng)
            mine, theirs = self.pair(student, reference, arguments)
            weights = compare.randomise(theirs, rng)
            mine.double()
            for gradients in (True, False):
                compare.load_weights(weights, mine, theirs)
                why = hint
                if not gradients:
                    why = tr("With gradients they were right. Does anything ask whether gradients are computed?")
                with torch.set_grad_enabled(gradients):
                    compare.assert_same_buffers(mine, theirs, inputs, hint=why)
            before = mine.state_dict()
            mine.eval()(*inputs)
            changed = [name for name, value in mine.state_dict().items() if not torch.equal(value, before[name])]
            told = ", ".join(f"`{name}`" for name in changed)
            check(
                not changed,
                tr(
                    "{asked} in evaluation mode: forward changes the running statistics {names}.",
                    asked=mine.asked,
                    names=told,
                ),
            )

        # They are right also where what is computed is never returned.
        return self._check(ask, title, form=True, **worth)

    def inputs_untouched(
        self,
        title: str = mark("The caller's input comes back as it was: training, evaluating, and under no_grad"),
        **worth: Any,
    ) -> Test:
        """Values, version counters and flags of the caller's tensors, and gradients that parameters have already."""

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            arguments, inputs = self.cases[case].draw(rng)
            mine = self.make(student, arguments)
            compare.randomise(mine, rng)  # of its own: what its parameters are called is another question
            names = self._names(compare.tensors_of(inputs), inputs)
            for mode in _MODES:
                for gradients in (True, False):
                    with torch.set_grad_enabled(gradients):
                        compare.assert_inputs_untouched(mine, inputs, mode, names=names, hint=hint)

        return self._check(ask, title, form=True, **worth)

    def layouts(
        self,
        title: str = mark("It does not matter how the input lies in memory, nor in which dtype it comes"),
        **worth: Any,
    ) -> Test:
        """Tensors that lie in memory otherwise, images in channels_last format, too; float32, and bfloat16."""

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            mine, theirs, inputs = self.twins(student, reference, rng, case)
            others = [compare.layouts(x) if isinstance(x, Tensor) and x.dim() >= 2 else {} for x in inputs]
            for what in max(others, key=len):
                laid_out = [other.get(what, x) for x, other in zip(inputs, others, strict=True)]
                told = hint or tr("{names}: {what} here.", names=tr(" and ").join(self.names[: len(inputs)]), what=what)
                compare.assert_same_outputs(mine, theirs, laid_out, hint=told)
            compare.assert_same_in_float32(mine, theirs, inputs, hint=hint)
            compare.assert_half_precision(mine, theirs, inputs, hint=hint)

        return self._check(ask, title, **worth)

    def separate(
        self,
        title: str = mark(
            "Two have nothing in common, calls do not remember one another, and the world stays as it is"
        ),
        **worth: Any,
    ) -> Test:
        """Nothing shared between two modules, a deep copy among them, or kept between calls, which may be of other
        sizes; weights to start from; no seed set, no global setting changed.
        """

        def ask(student: Namespace, reference: Namespace, rng: Random, case: str, hint: str | None) -> None:
            arguments, inputs = self.cases[case].draw(rng)

            made = [self.make(student, arguments)]
            mine = made[0]

            def make() -> None:
                made.append(self.make(student, arguments))

            state.assert_world_untouched(student, make, tr("Making {asked}", asked=mine.asked), hint=hint)
            state.assert_initialised(mine)
            called, theirs = state.assert_separate_objects(  # of the other two that are made by now
                made.pop, lambda: self.make(reference, arguments), inputs, rng, hint=hint
            )
            others = self._others(rng, case, arguments, inputs)
            sizes = hint or tr("The call before had inputs of another size. Is anything kept that was made for them?")
            weights = compare.randomise(theirs, rng)
            for module in (mine.double(), called):
                module.load_state_dict(weights)
            compare.assert_same_outputs(mine, theirs, others, hint=hint)  # its first call
            compare.assert_same_outputs(called, theirs, others, hint=sizes)
            compare.assert_same_outputs(mine, theirs, inputs, hint=sizes)
            state.assert_outputs_stay(mine, theirs, inputs, hint=hint)
            state.assert_nothing_kept(mine, theirs, inputs, rng, hint=hint)
            state.assert_world_untouched(
                student,
                lambda: mine(*inputs),
                tr("A forward of {asked}", asked=mine.asked),
                contexts=(nullcontext, torch.no_grad),
                hint=hint,
            )

        return self._check(ask, title, **worth)

    # -- how a check is made -------------------------------------------------------------------------------------------

    def _others(self, rng: Random, case: str, arguments: Arguments, inputs: list[Any]) -> list[Any]:
        """Inputs of other sizes than `inputs`, where the case draws some: as many sizes as possible are others."""
        given = _sizes(inputs)

        def different(others: list[Any]) -> int:
            return sum(one != other for one, other in zip(_sizes(others), given, strict=False))

        draws = (_listed(self.cases[case].inputs(rng, arguments)) for _ in range(_DRAWS))
        best = next(draws)
        for others in draws:
            if different(best) == len(given):
                break
            best = max(best, others, key=different)
        return best

    def _names(self, asked: Sequence[Tensor], inputs: Sequence[Any]) -> list[str] | None:
        """What to call the tensors that are asked about, a part of the inputs; None where the names do not suffice."""
        given = compare.tensors_of(inputs)
        if len(given) > len(self.names):
            return None
        return [name for name, value in zip(self.names, given, strict=False) if any(value is one for one in asked)]

    def _check(
        self,
        ask: Callable[[Namespace, Namespace, Random, str, str | None], None],
        title: str,
        *,
        points: float,
        again: float | None = None,
        of: Sequence[str] | None = None,
        one_by_one: bool = False,
        hint: str | None = None,
        form: bool = False,
        also: Test | None = None,
    ) -> Test:
        cases = list(self.cases) if of is None else list(of)
        if unknown := [case for case in cases if case not in self.cases]:
            raise ValueError(f"{self.name} has no case {unknown[0]!r}; there are {', '.join(self.cases)}")
        test: Test
        if one_by_one and also is not None:
            raise ValueError(f"{title!r}: `also` is asked once, at the end of a check of all cases, not one by one")
        if one_by_one:

            def test(student: Namespace, reference: Namespace, rng: Random, case: str) -> None:
                ask(student, reference, rng, case, hint)

            test = pytest.mark.parametrize("case", cases)(test)
        else:

            def test(student: Namespace, reference: Namespace, rng: Random) -> None:
                for case in cases:
                    ask(student, reference, rng, case, hint)
                if also is not None:
                    also(student, reference, rng)

        test.__doc__ = f"{tr(title)}."
        if form:
            test = pytest.mark.form(test)
        return pytest.mark.points(points, **({} if again is None else {"again": again}))(test)


_DRAWS = 8
"""So often are inputs drawn to have some of another size, if there are any."""
_MODES = {"eval": mark("evaluation"), "train": mark("training")}


def _listed(inputs: Any) -> list[Any]:
    return [inputs] if isinstance(inputs, Tensor) else list(inputs)


def _sizes(inputs: list[Any]) -> list[int]:
    return [size for tensor in compare.tensors_of(inputs) for size in tensor.shape]


def _on_meta(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.to("meta", torch.float32 if value.is_floating_point() else value.dtype)
