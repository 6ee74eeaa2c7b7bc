"""Comparisons of the code under test with the reference, and the words in which a difference is told.

Every message says what was asked, which quantity differs first, how far off and where. It never holds an expected
tensor.
All comparisons are made in float64 with the defaults of `torch.testing.assert_close`: correct rewrites of a formula
agree to 1e-14 there, while they fail in float32.
"""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import torch
from torch import Tensor

from autograder.language import mark, source_of, tr_n
from autograder.language import tr_kept as tr
from autograder.sandbox.session import SubjectError
from autograder.sandbox.values import laid_out, same, strides_of, tree_leaves, tree_map
from autograder.suite.gaps import Gaps, gaps
from autograder.suite.random import Random
from autograder.suite.subjects import Drawn, Function, ModuleProxy, Namespace, ObjectProxy

Callee = ModuleProxy | Function
"""What is compared: a module, whose forward is called, or a function."""

_TOLERANCES = {torch.float64: (1e-7, 1e-7), torch.float32: (1.3e-6, 1e-5)}
"""Relative and absolute, as in `torch.testing.assert_close`; comparisons with the reference are all in float64."""

_ROUNDED = 5e-7
"""How far off float32 is at most, as a share of the largest value."""

_FOUR_DIGITS = 1e-4
"""The same, of what is right to four digits."""

_MAX_MESSAGE = 4_000
"""Characters. Names in a message may come from the code under test, which can choose them as long as it likes."""

_LONG_TEXT = 60
"""Characters. Longer ones are not shown whole."""

_FEW = 6
"""Numbers that fit side by side on a page."""

_MODES = {"eval": mark("evaluation"), "train": mark("training")}
_EACH_ONCE = (("eval", torch.no_grad), ("train", nullcontext))
"""Both modes, under no_grad and with gradients: what depends on one of these shows in one of the two. Gradients come
last, so that a graph that is kept is still there.
"""

Context = Callable[[], AbstractContextManager[object]]
"""In which something is done: `nullcontext`, `torch.no_grad`."""

Differs = str | tuple[str, str]
"""What differs and how: a quantity's name and the kind of difference, or a suite's own words for both."""


class BehaviourError(AssertionError):
    """The code under test behaves otherwise than asked. The text is for students."""

    def __init__(
        self,
        message: str,
        hint: str | None = None,
        difference: Differs | None = None,
        numbers: tuple[tuple[str, str, str], ...] = (),
        gaps: Gaps = (),
        kind: str = "",
    ) -> None:
        super().__init__(f"{message}\n{tr('Hint:')} {hint}" if hint else message)
        self.hint = hint
        self.difference = without_numbers(message) if difference is None else _known_by(difference)
        """What differs and how, in whatever case it was asked about: equal for what is one and the same difference."""
        self.numbers = numbers
        """Index, actual and expected value of each number that was compared, where they are few: only what a public
        check compared is for students."""
        self.gaps = gaps
        """How far off images are; with the same reserve."""
        self.kind = kind
        """names, where parameters and buffers are not those that were asked for; or what sort of difference it is."""
        self.stack = ""
        """Where it came from, for instructors, when it was noted instead of raised."""


def without_numbers(text: str) -> str:
    """`text`, untranslated, with every number as "#"; names such as `conv1` and `shortcut.0.weight` keep theirs."""
    return re.sub(r"(?<![\w.])-?\d+(\.\d+)?(e[-+]?\d+)?(?![a-zA-Z0-9_])", "#", source_of(text))


def _known_by(difference: Differs) -> Differs:
    """A quantity is the same with other numbers in its name, and where its name begins a sentence."""
    if isinstance(difference, str):
        return difference
    quantity, kind = difference
    return re.sub("^The ", "the ", without_numbers(quantity)), kind


@dataclass(frozen=True)
class Statistic:
    """A quantity that a test has derived from random draws, which differ from code to code."""

    name: str
    value: float
    band: float
    """How far two right ones may lie from what is expected."""


@dataclass
class Noted:
    """What a test has found out so far."""

    failures: list[BehaviourError] = field(default_factory=list)
    statistics: list[Statistic] = field(default_factory=list)


_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


@contextmanager
def failures_noted() -> Iterator[Noted]:
    """Inside, failing checks are noted instead of raised, and the test goes on asking.

    The first of them is the test's verdict; what comes after it, or breaks because of it, only serves diagnosis.
    """
    noted = Noted()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def check(condition: bool, message: str, *, hint: str | None = None, difference: Differs | None = None) -> None:
    """Raise BehaviourError with `message` unless `condition` holds.

    `difference` says what differs and how, without the case that was asked about, as in ("the output", "value"); the
    message without its numbers, if it is left out.
    """
    if not condition:
        _fail(
            BehaviourError(message[:_MAX_MESSAGE], hint, without_numbers(message) if difference is None else difference)
        )


def _fail(failure: BehaviourError) -> None:
    """Raise `failure`, or note it."""
    noted = _noted.get()
    if noted is None:
        raise failure
    if not noted.failures:
        failure.stack = "".join([*traceback.format_stack(limit=8)[:-1], f"BehaviourError: {failure}\n"])
    noted.failures.append(failure)


def copy_of(tensor: Tensor) -> Tensor:
    """A copy that lies in memory as `tensor` does, crops and transposed ones too; gradients reach `tensor`."""
    return laid_out(tensor, strides_of(tensor))


def randomise(module: ModuleProxy, rng: Random) -> Drawn:
    """Give `module` random float64 parameters and statistics, and return what `load_state_dict` of another module takes
    to have the same; its `values()` are the numbers. What is not of floating point keeps its own.

    With default statistics several wrong orders of normalisation and activation give equal outputs in evaluation mode,
    so norm weights get both signs and running statistics are far from 0 and 1. Matrices are scaled by 1/sqrt(fan in).
    """
    drawn = module.double().drawn(rng)
    module.load_state_dict(drawn)
    return drawn


def share_weights(mine: ModuleProxy, theirs: ModuleProxy, rng: Random) -> None:
    """Put the same random float64 weights and statistics into both modules; counts and indices stay as they are."""
    mine.double().load_state_dict(randomise(theirs, rng))


def layouts(x: Tensor) -> dict[str, Tensor]:
    """Copies of `x`, of two axes or more, that lie in memory otherwise, by what they are."""
    larger = x.new_zeros(*x.shape[:-2], x.shape[-2] + 2, x.shape[-1] + 3)
    larger[..., 1:-1, 2:-1] = x
    copies = {tr("a transposed tensor"): x.mT.contiguous().mT}
    if x.dim() == 4:
        copies[tr("a tensor in channels_last format")] = x.contiguous(memory_format=torch.channels_last)
    return {**copies, tr("a crop of a larger tensor"): larger[..., 1:-1, 2:-1]}


def assert_parameters(mine: ModuleProxy, theirs: ModuleProxy, *, hint: str | None = None) -> None:
    """Same names and shapes of parameters and persistent buffers; what trains in `theirs` trains."""
    layout, trained = theirs.layout()
    problems = mine.mismatch_of_layout(layout)
    if not problems:
        own = mine.parameters_by_name(values=False)
        frozen = [name for name in trained if name not in own or not own[name].requires_grad]
        problems = [tr("`{name}` is not a trainable parameter of its own", name=name) for name in frozen]
    _check_names(mine, problems, hint)


def assert_weights_fit(mine: ModuleProxy, theirs: ModuleProxy, rng: Random, *, hint: str | None = None) -> None:
    """Same names and shapes, and both modules have the same random weights afterwards, as after `share_weights`."""
    _check_names(mine, mine.double().mismatch(randomise(theirs, rng)), hint)


def _check_names(mine: ModuleProxy, problems: Sequence[str], hint: str | None) -> None:
    if problems:
        told = tr("; ").join(problems)
        _fail(BehaviourError(f"{mine.asked}: {told}."[:_MAX_MESSAGE], hint, without_numbers(told), kind="names"))


def assert_shape(
    tensor: Any, shape: Sequence[int], what: str = "", *, asked: str = "", hint: str | None = None
) -> None:
    """`tensor` is a tensor of the given shape. The message begins with `asked`, the case that makes no other difference
    of it.
    """
    _check_shape(tensor, shape, asked, what or tr("the output"), hint)


def assert_close(actual: Any, expected: Any, what: str, *, asked: str = "", hint: str | None = None) -> None:
    """`actual` equals `expected` (tensor or number) in shape, dtype and value; NaN equals NaN only. The message begins
    with `asked`, the case that makes no other difference of it.
    """
    _check_equal(actual, expected, asked, what, hint)


def assert_equal(actual: Any, expected: Any, what: str, *, asked: str = "", hint: str | None = None) -> None:
    """`actual` equals `expected`, which is plain data: texts, numbers, lists, tuples, dicts, whatever they hold. The
    message names the first difference and where it is. A tuple may stand for a list; numbers are as close as tensors
    are, and an int is no float and no bool. The order of a dict's keys is no difference.
    """
    found = _first_difference(actual, expected, "")
    if found is not None:
        where, difference = found
        place = tr("{what}, at {where},", what=what, where=where) if where else what
        check(
            False,
            f"{asked}{place} {difference.text}.",
            hint=hint,
            difference=(what, difference.kind),
        )


def assert_statistic(
    value: float, expected: float, band: float, what: str, *, asked: str = "", hint: str | None = None
) -> None:
    """`value`, which was derived from random draws of the code under test, is `expected` to within `band`.

    Choose `band` at least six standard errors wide: then no right code fails in a million gradings. Diagnosis compares
    these quantities, and of the draws only their form.
    """
    value = float(value)
    if (noted := _noted.get()) is not None:
        noted.statistics.append(Statistic(what, value, band))
    told = tr(
        "{asked}{what} is {value:.4g}, expected {expected:.4g} to within {band:.2g}.",
        asked=asked,
        what=what,
        value=value,
        expected=expected,
        band=band,
    )
    check(abs(value - expected) <= band, told, hint=hint, difference=(what, "value"))


def assert_same_outputs(
    mine: Callee, theirs: Callee, inputs: Sequence[Any], mode: str = "eval", *, hint: str | None = None
) -> None:
    """Same structure, shapes, dtypes and values of the outputs. A function has no mode."""
    _set_mode(mode, mine, theirs)
    expected = theirs(*_copies(inputs))
    actual = mine(*_copies(inputs))
    _compare_outputs(actual, expected, _asked(mine, mode), hint)


def assert_same_gradients(
    mine: Callee,
    theirs: Callee,
    inputs: Sequence[Any],
    mode: str = "train",
    of: Sequence[str] = ("inputs", "parameters"),
    *,
    names: Sequence[str] | None = None,
    hint: str | None = None,
) -> None:
    """Same gradients of inputs and parameters for random upstream gradients into every output. Where those of inputs
    are not asked for, inputs need none: they come as data do, to the first layer of a network.

    Outputs are not compared by value, only their shapes: that is another test's question. `names` says what to call the
    tensors in `inputs`, in order, where "input 2 of 3" would not tell students enough.
    """
    _set_mode(mode, mine, theirs)
    asked = _asked(mine, mode)
    prepared = _differentiable if "inputs" in of else _data
    their_inputs, their_leaves = prepared(inputs)
    expected = _flat(theirs(*their_inputs))
    my_inputs, my_leaves = prepared(inputs)
    actual = _flat(mine(*my_inputs))
    told = mark("it returns {count} tensors, expected {expected}.")
    if isinstance(mine, ModuleProxy):
        told = mark("forward returns {count} tensors, expected {expected}.")
    counts = tr(told, count=len(actual), expected=len(expected))
    _check_that(len(actual) == len(expected), asked, counts, hint)
    upstream = []
    for index, (got, wanted) in enumerate(zip(actual, expected, strict=True)):
        _check_shape(got, wanted.shape, asked, _output(index, len(expected)), hint)
        upstream.append(theirs.namespace.rng.randn(*wanted.shape).to(wanted.dtype))
    for module in (mine, theirs):
        if isinstance(module, ModuleProxy):
            module.zero_grad()
    _push_back(expected, upstream)
    _check_that(
        any(output.requires_grad for output in actual),
        asked,
        tr("no gradient flows back from the output: it is cut off from inputs and parameters."),
        hint,
    )
    _push_back(actual, upstream)
    if "inputs" in of:
        for name, got, wanted in zip(names or _input_names(inputs), my_leaves, their_leaves, strict=True):
            _compare_gradient(got.grad, wanted.grad, asked, tr("the gradient of {name}", name=name), hint)
    if "parameters" in of and isinstance(mine, ModuleProxy) and isinstance(theirs, ModuleProxy):
        own, reference = mine.grads(), theirs.grads()
        for name, wanted_grad in reference.items():
            _compare_gradient(own.get(name), wanted_grad, asked, tr("the gradient of `{name}`", name=name), hint)


def assert_same_buffers(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], *, hint: str | None = None
) -> None:
    """Same running statistics after one forward in training mode, and the backward pass after it, if there is one."""
    _set_mode("train", mine, theirs)
    theirs(*_copies(inputs))
    outputs = _flat(mine(*_copies(inputs)))
    wanted = theirs.buffers_by_name()
    _compare_statistics(mine, wanted, tr("{asked} after one forward in training mode: ", asked=mine.asked), hint)
    if any(isinstance(output, Tensor) and output.requires_grad for output in outputs):
        _run_backward(outputs)
        _compare_statistics(
            mine, wanted, tr("{asked} after one forward and backward in training mode: ", asked=mine.asked), hint
        )


def assert_inputs_untouched(
    mine: Callee,
    inputs: Sequence[Any],
    mode: str = "train",
    *,
    names: Sequence[str] | None = None,
    hint: str | None = None,
) -> None:
    """A forward leaves the caller's tensors alone, by value, version counter and `requires_grad`, and the gradients
    that parameters have from an earlier backward pass.
    """
    _set_mode(mode, mine)
    asked = _asked(mine, mode)
    given = _copies(inputs)
    tensors, before = tensors_of(given), tensors_of(_copies(inputs))
    versions = [tensor._version for tensor in tensors]
    what = "forward" if isinstance(mine, ModuleProxy) else tr("the call")
    mine(*given)
    for name, tensor, copy, version in zip(names or _input_names(inputs), tensors, before, versions, strict=True):
        untouched = same(tensor, copy)
        told = tr("{what} changes {name} that the caller passed in, and must not.", what=what, name=name)
        _check_that(untouched, asked, told, hint)
        told = tr("{what} writes into {name} that the caller passed in (an in-place operation).", what=what, name=name)
        _check_that(tensor._version == version, asked, told, hint)
        told = tr(
            "{what} sets requires_grad of {name} that the caller passed in, and must not.",
            what=what,
            name=name,
        )
        _check_that(tensor.requires_grad == copy.requires_grad, asked, told, hint)
    if not torch.is_grad_enabled() or not isinstance(mine, ModuleProxy):
        return
    _run_backward(_flat(mine(*_copies(inputs))))
    gradients = mine.grads()
    mine(*_copies(inputs))
    for name, now in mine.grads().items():
        was = gradients.get(name)
        kept = was is None or same(now, was)
        told = tr(
            "forward changes the gradient that `{name}` has from an earlier backward pass; gradients add up.", name=name
        )
        _check_that(kept, asked, told, None)


def assert_repeatable(mine: Callee, inputs: Sequence[Any], mode: str = "eval", *, hint: str | None = None) -> None:
    """Two identical calls give identical results, with another input between them, which gives another result.

    So nothing is kept between calls, and nothing is drawn at random.
    """
    _set_mode(mode, mine)
    first, others = _flat(mine(*_copies(inputs))), _flat(mine(*_perturbed(inputs)))
    second = _flat(mine(*_copies(inputs)))
    asked = _asked(mine, mode)
    _check_that(_all_same(first, second), asked, tr("a second call with the same input gives another output."), hint)
    differs = not _all_same(first, others) or not any(tensor.is_floating_point() for tensor in tensors_of(inputs))
    _check_that(differs, asked, tr("a call with another input gives the same output; is a result kept?"), hint)


def assert_nothing_shared(
    make: Callable[[], ModuleProxy], *, hint: str | None = None
) -> tuple[ModuleProxy, ModuleProxy]:
    """Two modules made by `make`, which gives a new one with each call, share no parameters; returns the two."""
    first = make()
    before = {name: info.dtype for name, info in first.parameters_by_name(values=False).items()}
    first.double()
    second = make()
    after = {name: info.dtype for name, info in second.parameters_by_name(values=False).items()}
    shared = [name for name, dtype in after.items() if dtype != before.get(name, dtype)]
    told = tr(
        "{asked} and a second one made alike share {shared}: converting one converts the other.",
        asked=first.asked,
        shared=_quoted(shared),
    )
    check(not shared, told, hint=hint, difference="shared parameters")
    return first, second


def assert_separate_objects(
    make_mine: Callable[[], ModuleProxy],
    make_theirs: Callable[[], ModuleProxy],
    inputs: Sequence[Any],
    rng: Random,
    *,
    hint: str | None = None,
) -> tuple[ModuleProxy, ModuleProxy]:
    """Two modules that are made alike have nothing in common: what is done to the second leaves the first alone.

    `make_mine` and `make_theirs` give a new module with each call. Returns the first two, which have the same weights.
    """
    first, second = assert_nothing_shared(make_mine, hint=hint)
    twin, other = make_theirs(), make_theirs()
    share_weights(first, twin, rng)
    share_weights(second, other, rng)
    for module, wanted in ((second, other), (first, twin)):
        _set_mode("eval", module, wanted)
        asked = tr("{asked} beside a second one made alike, with other weights: ", asked=first.asked)
        _compare_outputs(module(*_copies(inputs)), wanted(*_copies(inputs)), asked, hint)
    return first, twin


def assert_nothing_kept(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Tensor | Sequence[Any], rng: Random, *, hint: str | None = None
) -> None:
    """An output comes from what the inputs and the parameters hold now: not from an earlier call, not from what the
    same tensors held then, and not from weights that have been replaced. In both modes, and under no_grad. Nor is the
    graph of a call kept after it, and a deep copy computes with weights of its own.
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    # The student's side keeps the tensors, so that it is given the same ones with every call.
    holder, given = mine.namespace.make("torch.nn.Identity"), list(inputs)
    held = [index for index, x in enumerate(inputs) if isinstance(x, Tensor) and x.dtype != torch.bool]
    for index in held:
        holder.method("register_buffer", f"x{index}", inputs[index])
        given[index] = holder.handle(f"x{index}")

    def fill(act: Callable[[Tensor], Tensor]) -> None:
        with torch.no_grad():
            for index in held:
                given[index].method("copy_", act(inputs[index]))

    for mode, context in _EACH_ONCE:
        with context():
            _set_mode(mode, mine, theirs)
            asked = _asked(mine, mode)
            fill(_others)
            mine(*given)
            fill(_as_it_is)
            why = hint or tr("This is a later call, of the same tensor. Is anything kept from the one before?")
            _compare_outputs(mine(*given), theirs(*inputs), asked, why)
            why = hint or tr("Other weights were loaded after a call. Is anything kept that came of the old ones?")
            # What is watched in one half of the weights shows in the other.
            for weights in theirs.drawn(rng).in_two_steps():
                for module in (mine, theirs):
                    module.load_state_dict(weights)
                fill(_as_it_is)
                _compare_outputs(mine(*given), theirs(*inputs), asked, why)
    assert_deep_copy(mine, theirs, inputs, rng, hint=hint)


def assert_outputs_stay(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], *, hint: str | None = None
) -> None:
    """What one call has returned is the same after the next: it lies in memory of its own. Under no_grad, where code
    that reuses memory can do so.
    """
    _set_mode("eval", mine, theirs)
    twice = [[given, other] for given, other in zip(_copies(inputs), _perturbed(inputs), strict=True)]
    with torch.no_grad():
        # Both outputs must be held where the code runs, until the second is there.
        outputs = mine.namespace.make("torch.utils._pytree.tree_map", mine, *twice)
        asked = tr("{asked}after another call: ", asked=_asked(mine, "eval"))
        why = hint or tr("Somebody may still hold what the call before has returned. Is its memory used again?")
        _compare_outputs(outputs[0], theirs(*_copies(inputs)), asked, why)


def assert_initialised(module: ModuleProxy, *, hint: str | None = None) -> None:
    """A new module's parameters and buffers are finite, and of several weights not all are zero: then each would keep
    the gradient from the others.
    """
    values = module.state_dict()
    strange = [name for name, value in values.items() if not value.isfinite().all()]
    told = tr("a new {asked} has values that are not finite, in {names}.", asked=module.asked, names=_quoted(strange))
    why = hint or tr("`torch.empty` gives whatever lies in memory. Which numbers does training start from?")
    check(not strange, told, hint=why, difference="values at the start")
    weights = [value for value in values.values() if value.dim() > 1]
    told = tr("in a new {asked} all weights are zero, so that no training can change them.", asked=module.asked)
    check(len(weights) < 2 or any(map(torch.any, weights)), told, hint=hint, difference="values at the start")


def assert_deep_copy(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], rng: Random, *, hint: str | None = None
) -> None:
    """After a forward with gradients `mine` can be copied, so no attribute holds one of its tensors with the graph
    behind it; and the copy computes with the weights that are loaded into it.
    """
    try:
        # `copy.deepcopy`, in the only place where the libraries that suites may use offer it.
        copies = mine.namespace.make("torch.nn.modules.transformer._get_clones", mine, 1)
    except SubjectError as error:
        told = tr(
            "{asked} keeps a tensor of its last forward, and with it all that was computed for it: the memory is not "
            "given back, and copy.deepcopy() refuses the module.",
            asked=mine.asked,
        )
        why = hint or tr("What only one forward needs is a local variable, not an attribute of self.")
        check("deepcopy protocol" not in error.text, told, hint=why)
        return
    copy, weights = copies.inside("0"), theirs.state_dict()
    share_weights(copy, theirs, rng)
    _set_mode("eval", copy, theirs)
    why = hint or tr(
        "A deep copy has layers of its own. Does anything in it still belong to the module it was made from, such as a "
        "method or a lambda that is kept in an attribute?"
    )
    asked = tr("a deep copy of {asked}, with other weights: ", asked=mine.asked)
    _compare_outputs(copy(*_copies(inputs)), theirs(*_copies(inputs)), asked, why)
    theirs.load_state_dict(weights)


def _others(x: Tensor) -> Tensor:
    """Other values of the same shape: whole numbers, which may be indices, change places."""
    return x.flip(0) + 1 if x.is_floating_point() else x.flip(tuple(range(x.dim())))


def _as_it_is(x: Tensor) -> Tensor:
    return x


def assert_same_in_float32(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Tensor | Sequence[Any], *, hint: str | None = None
) -> None:
    """In float32, outputs in float32 that agree in four digits with the reference in float64: in both modes, and under
    no_grad. Half precision has three digits at most. Leaves `mine` in float32.
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    mine.float()
    for mode, context in _EACH_ONCE:
        with context():
            _set_mode(mode, mine, theirs)
            expected, actual = theirs(*inputs), mine(*_to_dtype(inputs, torch.float32))
            asked = tr("{asked}all in float32: ", asked=_asked(mine, mode))
            why = hint or tr("In which precision is it computed?")
            _compare_outputs(actual, _to_dtype(expected, torch.float32), asked, why, share=_FOUR_DIGITS)


def assert_half_precision(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], *, hint: str | None = None
) -> None:
    """In bfloat16, outputs in bfloat16; in evaluation mode. Values are not compared, since bfloat16 has two digits.
    Leaves `mine` in bfloat16, with zeros for weights.
    """
    _set_mode("eval", mine)
    # Code that computes the same in another order would answer otherwise with any other weights.
    mine.to(torch.bfloat16).load_state_dict({name: torch.zeros_like(v) for name, v in theirs.state_dict().items()})
    outputs = tensors_of(mine(*_to_dtype(inputs, torch.bfloat16)))
    for index, output in enumerate(outputs):
        what = _output(index, len(outputs))
        told = tr(
            "{asked}inputs and weights are all of bfloat16, and {what} is of {got}.",
            asked=_asked(mine, "eval"),
            what=what,
            got=_dtype(output),
        )
        right = output.dtype == torch.bfloat16 or not output.is_floating_point()
        check(right, told, hint=hint, difference=(what, "dtype"))


def _to_dtype(inputs: Any, dtype: torch.dtype) -> Any:
    """The same structure with every floating tensor in `dtype`."""
    return tree_map(lambda x: x.to(dtype) if isinstance(x, Tensor) and x.is_floating_point() else x, inputs)


def assert_world_untouched(
    code: Namespace,
    act: Callable[[], object],
    what: str,
    *,
    contexts: tuple[Context, Context] = (nullcontext, nullcontext),
    hint: str | None = None,
) -> None:
    """`act`, which is done twice, once in each of `contexts`, sets no seed and leaves torch's default dtype and grad
    mode as they are.
    """
    before = after = code.world()
    switched = False
    for context in contexts:
        with context():
            act()
            after = code.world()
            switched = switched or after.grad_enabled != torch.is_grad_enabled()
    told = tr(
        "{what} sets the seed of {reset}: whatever draws random numbers later draws the same.",
        what=what,
        reset=_quoted(after.reset),
    )
    check(not after.reset, told, hint=hint)
    told = tr(
        "{what} changes torch's default dtype from {before} to {after}.",
        what=what,
        before=before.default_dtype,
        after=after.default_dtype,
    )
    check(after.default_dtype == before.default_dtype, told, hint=hint)
    told = (
        mark("{what} leaves gradients switched on.")
        if after.grad_enabled
        else mark("{what} leaves gradients switched off.")
    )
    check(not switched, tr(told, what=what), hint=hint)


# -- words and numbers
# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Difference:
    kind: str
    """type | shape | dtype | device | NaN | value | precision"""
    text: str
    """The end of a sentence."""
    numbers: tuple[tuple[str, str, str], ...] = ()
    """Index, actual and expected value of each, where they are few."""
    gaps: Gaps = ()
    """How far off images are."""


def _check_that(condition: bool, asked: str, message: str, hint: str | None, difference: Differs | None = None) -> None:
    """Like `check`; `asked`, the case that the message is about, makes no other difference of it."""
    check(condition, f"{asked}{message}", hint=hint, difference=difference or without_numbers(message))


def _check_equal(
    actual: Any, expected: Any, asked: str, what: str, hint: str | None, share: float | None = None
) -> None:
    found = _difference(actual, expected, share)
    if found is not None:
        # What is rounded shows in every quantity, and has one cause.
        quantity = "any quantity" if found.kind == "precision" else what
        told = f"{asked}{what} {found.text}."
        difference = quantity, found.kind
        if found.kind == "dtype":
            hint = hint or tr("Where does a tensor come from that has not the dtype of what came in, or is cast?")
        _fail(BehaviourError(told[:_MAX_MESSAGE], hint, difference, found.numbers, found.gaps, found.kind))


def _check_shape(tensor: Any, shape: Sequence[int], asked: str, what: str, hint: str | None) -> None:
    told = tr("{asked}{what} is {got}, expected a tensor.", asked=asked, what=what, got=_type_name(tensor))
    check(isinstance(tensor, Tensor), told, hint=hint, difference=(what, "type"))
    told = tr(
        "{asked}{what} has shape {got}, expected {expected}.",
        asked=asked,
        what=what,
        got=tuple(tensor.shape),
        expected=tuple(shape),
    )
    check(tuple(tensor.shape) == tuple(shape), told, hint=hint, difference=(what, "shape"))


def _difference(actual: Any, expected: Any, share: float | None = None) -> _Difference | None:
    """How `actual` differs from `expected`; with `share`, by more than that share of the largest value."""
    if expected is None:
        return None if actual is None else _Difference("type", tr("is {got}, expected None", got=_kind(actual)))
    if not isinstance(expected, Tensor):
        if isinstance(actual, Tensor):
            return _Difference("type", tr("is a tensor, expected {expected}", expected=type(expected).__name__))
        expected = torch.tensor(expected, dtype=torch.float64)
        if not isinstance(actual, (int, float)):
            return _Difference("type", tr("is {got}, expected a number", got=_type_name(actual)))
        try:
            actual = torch.tensor(float(actual), dtype=torch.float64)
        except OverflowError:
            return _Difference("value", tr("is a number of more than 300 digits"))
    if not isinstance(actual, Tensor):
        return _Difference(
            "type",
            tr(
                "is {got}, expected a tensor of shape {shape}",
                got=_type_name(actual),
                shape=tuple(expected.shape),
            ),
        )
    if actual.shape != expected.shape:
        return _Difference(
            "shape", tr("has shape {got}, expected {expected}", got=tuple(actual.shape), expected=tuple(expected.shape))
        )
    if actual.dtype != expected.dtype:
        return _Difference(
            "dtype", tr("has dtype {got}, expected {expected}", got=_dtype(actual), expected=_dtype(expected))
        )
    if actual.device != expected.device:
        return _Difference(
            "device", tr("is on the device {got}, expected {expected}", got=actual.device, expected=expected.device)
        )
    if expected.is_meta:  # has no values
        return None
    actual, expected = actual.detach(), expected.detach()
    if not expected.is_floating_point():
        wrong = actual != expected
        if not wrong.any():
            return None
        told = tr("is another number")
        if wrong.dim():
            told = tr(
                "differs in {wrong} of {count} values, first at {place}",
                wrong=int(wrong.sum()),
                count=wrong.numel(),
                place=_position(wrong),
            )
        return _of_values("value", told, actual, expected, wrong)
    if torch.equal(actual, expected):  # as most are, which costs a tenth
        return None
    rtol, atol = _TOLERANCES.get(expected.dtype, (1e-3, 1e-5))
    if share is not None:
        rtol, atol = 0.0, share * float(expected.abs().max())
    same = torch.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
    if same.all():
        return None
    wrong = ~same
    strange = wrong & ~actual.isfinite() & expected.isfinite()
    if strange.any():
        kind = "NaN" if actual[strange].isnan().any() else tr("infinite")
        told = tr("is {kind}", kind=kind)
        if wrong.dim():
            told = tr(
                "is {kind} in {wrong} of {count} values, first at {place}",
                kind=kind,
                wrong=int(strange.sum()),
                count=wrong.numel(),
                place=_position(strange),
            )
        return _of_values("NaN", told, actual, expected, wrong)
    gap = (actual - expected).abs().nan_to_num(nan=float("inf"), posinf=float("inf")).masked_fill(same, 0.0)
    where = gap == gap.max()
    size = float(gap.max())
    far = tr("by up to {size:.3g}", size=size) if size < float("inf") else tr("by NaN or infinity")
    told = tr("differs {far}", far=far)
    if wrong.dim():
        told = tr("differs {far} at {place}", far=far, place=_position(where))
    if wrong.numel() > 1:
        told = tr(
            "differs in {wrong} of {count} values, {far} at {place}",
            wrong=int(wrong.sum()),
            count=wrong.numel(),
            far=far,
            place=_position(where),
        )
    if expected.dtype == torch.float64 and size <= _ROUNDED * float(expected.abs().max()) < float("inf"):
        why = tr("so little comes of computing or rounding in float32 where float64 goes in, or of a tiny constant")
        return _Difference("precision", f"{told}: {why}")
    if share is not None:
        told = f"{told}: {tr('it is not right to four digits')}"
    return _of_values("value", told, actual, expected, wrong)


def _of_values(kind: str, told: str, actual: Tensor, expected: Tensor, wrong: Tensor) -> _Difference:
    """A difference with all that can be shown of it: the numbers, where they are few, and how far off images are."""
    return _Difference(kind, told, _few_numbers(actual, expected), gaps(actual, expected, wrong))


def _few_numbers(actual: Tensor, expected: Tensor) -> tuple[tuple[str, str, str], ...]:
    """Index, actual and expected value of every number, if there are no more than a page shows."""
    if expected.numel() > _FEW or expected.is_complex():
        return ()
    places = [str(list(index)) if index else "" for index in product(*map(range, expected.shape))]
    values = zip(places, actual.flatten().tolist(), expected.flatten().tolist(), strict=True)
    return tuple((place, *_side_by_side(got, wanted)) for place, got, wanted in values)


def _side_by_side(got: float, wanted: float) -> tuple[str, str]:
    """Both in as few digits as show how they differ."""
    shown = [(f"{got:.{digits}g}", f"{wanted:.{digits}g}") for digits in (4, 7, 12)]
    return next((pair for pair in shown if pair[0] != pair[1]), shown[0]) if got != wanted else shown[0]


def _first_difference(actual: Any, expected: Any, where: str) -> tuple[str, _Difference] | None:
    """Where plain data differ first, as Python would index it, and how."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)):
            return where, _Difference(
                "type", tr("is {got}, expected a {kind}", got=_kind(actual), kind=type(expected).__name__)
            )
        for index, (item, wanted) in enumerate(zip(actual, expected, strict=False)):
            if found := _first_difference(item, wanted, f"{where}[{index}]"):
                return found
        if len(actual) != len(expected):
            told = tr_n(
                "has {count} item, expected {expected}",
                "has {count} items, expected {expected}",
                len(actual),
                expected=len(expected),
            )
            return where, _Difference("length", told)
        return None
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return where, _Difference("type", tr("is {got}, expected a dict", got=_kind(actual)))
        for key, wanted in expected.items():
            if key not in actual:
                return where, _Difference("keys", tr("has no {key}", key=_shown(key)))
            if found := _first_difference(actual[key], wanted, f"{where}[{_shown(key)}]"):
                return found
        extra = next((key for key in actual if key not in expected), None)
        if extra is None:
            return None
        return where, _Difference("keys", tr("has {key}, which is not expected", key=_shown(extra)))
    if isinstance(expected, Tensor):
        found_in_tensor = _difference(actual, expected)
        return None if found_in_tensor is None else (where, found_in_tensor)
    if type(actual) is not type(expected):
        return where, _Difference(
            "type", tr("is {got}, expected {expected}", got=_kind(actual), expected=_shown(expected))
        )
    if actual == expected or (isinstance(expected, float) and _same_number(actual, expected)):
        return None
    if isinstance(expected, (str, bytes)) and max(len(actual), len(expected)) > _LONG_TEXT:
        pairs = enumerate(zip(actual, expected, strict=False))
        start = next((place for place, (a, b) in pairs if a != b), min(len(actual), len(expected)))
        got, wanted = (repr(text[start : start + 30]) for text in (actual, expected))
        return where, _Difference(
            "value",
            tr("goes on with {got} from character {start} on, expected {wanted}", got=got, start=start, wanted=wanted),
        )
    return where, _Difference(
        "value", tr("is {got}, expected {expected}", got=_shown(actual), expected=_shown(expected))
    )


def _same_number(one: float, other: float) -> bool:
    """As close as tensors are; NaN equals NaN."""
    rtol, atol = _TOLERANCES[torch.float64]
    return math.isclose(one, other, rel_tol=rtol, abs_tol=atol) or (math.isnan(one) and math.isnan(other))


def _shown(value: Any) -> str:
    """A piece of plain data in a message."""
    if isinstance(value, int) and abs(value) >= 10**60:
        return tr("a number of more than 60 digits")
    text = repr(value)
    return text if len(text) <= _LONG_TEXT else tr("{text}... ({count} characters)", text=text[:50], count=len(text))


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _position(mask: Tensor) -> str:
    """Index of the first set entry, for example "[0, 2, 1]"."""
    return str(mask.nonzero()[0].tolist())


def _type_name(value: Any) -> str:
    return "None" if value is None else tr("of type {name}", name=_name_of_type(value))


def _name_of_type(value: Any) -> str:
    return value.type_name if isinstance(value, ObjectProxy) else type(value).__name__


def _dtype(tensor: Tensor) -> str:
    return _name(tensor.dtype)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _compare_outputs(
    actual: Any, expected: Any, asked: str, hint: str | None, where: str = "", share: float | None = None
) -> None:
    if isinstance(expected, (tuple, list)):
        fits = isinstance(actual, (tuple, list)) and len(actual) == len(expected)
        got = tr("{count} values", count=len(actual)) if isinstance(actual, (tuple, list)) else _kind(actual)
        _check_that(
            fits,
            asked,
            tr(
                "forward returns {got}, expected a tuple of {expected} tensors.",
                got=got,
                expected=len(expected),
            ),
            hint,
        )
        for index, (got_item, wanted) in enumerate(zip(actual, expected, strict=True)):
            _compare_outputs(got_item, wanted, asked, hint, _output(index, len(expected)), share)
        return
    if isinstance(actual, (tuple, list)):
        _check_that(
            False,
            asked,
            tr("forward returns {count} values, expected one tensor.", count=len(actual)),
            hint,
        )
    _check_equal(actual, expected, asked, where or tr("the output"), hint, share)


def _compare_statistics(mine: ModuleProxy, expected: dict[str, Tensor], asked: str, hint: str | None) -> None:
    own = mine.buffers_by_name()
    for name, wanted in expected.items():
        if name.endswith("num_batches_tracked"):  # only a cumulative average needs it; functional calls leave it alone
            continue
        _check_that(name in own, asked, tr("there is no buffer `{name}`.", name=name), hint)
        _check_equal(
            own[name].reshape(-1), wanted.reshape(-1), asked, tr("the running statistic `{name}`", name=name), hint
        )


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    return tr("one tensor") if isinstance(value, Tensor) else tr("a value of type {name}", name=_name_of_type(value))


def _output(index: int, count: int) -> str:
    return tr("the output") if count == 1 else tr("output {index} of {count}", index=index + 1, count=count)


def _compare_gradient(actual: Tensor | None, expected: Tensor | None, asked: str, what: str, hint: str | None) -> None:
    if expected is None:
        told = tr("{what} should be absent: it takes no part in the result.", what=what)
        _check_that(actual is None or not actual.any(), asked, told, hint, (what, "present"))
        return
    if actual is None:
        told = tr("{what} is missing: no gradient reaches it.", what=what)
        _check_that(not expected.any(), asked, told, hint, (what, "missing"))
        return
    if expected.any() and not actual.any():
        _check_that(False, asked, tr("{what} is zero everywhere.", what=what), hint, (what, "zero"))
    if actual.shape != expected.shape and actual.numel() == expected.numel():
        actual = actual.reshape(expected.shape)
    _check_equal(actual, expected, asked, what, hint)


def _asked(mine: Callee, mode: str) -> str:
    """The beginning of a message: which case was asked about."""
    told = mine.asked
    if isinstance(mine, ModuleProxy):
        told = tr("{asked} in {mode} mode", asked=told, mode=tr(_MODES[mode]))
    return f"{told}: " if torch.is_grad_enabled() else tr("{asked}, under no_grad: ", asked=told)


def _set_mode(mode: str, *code: Callee) -> None:
    if mode not in _MODES:
        raise ValueError(f'mode is "eval" or "train", not {mode!r}')
    for module in code:
        if isinstance(module, ModuleProxy):
            module.train(mode == "train")


def _copies(inputs: Any) -> Any:
    """The same structure with every tensor copied; each copy lies in memory as its original does."""
    return tree_map(lambda x: copy_of(x.detach()) if isinstance(x, Tensor) else x, inputs)


def _perturbed(inputs: Any) -> Any:
    """The same structure with other values in every floating tensor."""

    def other(x: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        return x.detach() * 0.5 + 0.25 if x.is_floating_point() else x.detach().clone()

    return tree_map(other, inputs)


def _all_same(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(
        isinstance(a, Tensor) and isinstance(b, Tensor) and _difference(b, a) is None
        for a, b in zip(one, other, strict=True)
    )


def _differentiable(inputs: Any) -> tuple[Any, list[Tensor]]:
    """The same structure with every floating tensor a non-leaf that requires grad, and the leaves behind them."""
    leaves: list[Tensor] = []

    def made(value: Any) -> Any:
        if not isinstance(value, Tensor) or not value.is_floating_point():
            return value
        leaves.append(value.detach().clone().requires_grad_())
        return laid_out(leaves[-1], strides_of(value))

    return tree_map(made, inputs), leaves


def _data(inputs: Any) -> tuple[Any, list[Tensor]]:
    """Copies of what is given, none of which requires grad, and no leaves behind them."""
    return _copies(inputs), []


def _flat(value: Any) -> list[Any]:
    """The tensors (and other non-containers) in a result, in order."""
    return [leaf for leaf in tree_leaves(value) if leaf is not None]


def tensors_of(value: Any) -> list[Tensor]:
    """The tensors in a structure, in order."""
    return [leaf for leaf in _flat(value) if isinstance(leaf, Tensor)]


def _input_names(inputs: Sequence[Any]) -> list[str]:
    """What to call each tensor of the inputs in a message, in the order of `_flat`."""
    count = len(tensors_of(inputs))
    if count == 1:
        return [tr("the input")]
    return [tr("input {index} of {count}", index=index + 1, count=count) for index in range(count)]


def _run_backward(outputs: list[Any]) -> None:
    """A backward pass from all outputs that gradients flow back from."""
    flowing = [output for output in outputs if isinstance(output, Tensor) and output.requires_grad]
    _push_back(flowing, [torch.ones_like(output) for output in flowing])


def _push_back(outputs: list[Tensor], upstream: list[Tensor]) -> None:
    pairs = [(output, grad) for output, grad in zip(outputs, upstream, strict=True) if output.requires_grad]
    torch.autograd.backward([output for output, _ in pairs], [grad for _, grad in pairs])
