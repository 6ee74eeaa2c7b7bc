"""What outlives a call: nothing of it is kept, objects share nothing, and the surroundings are as they were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

from autograder.language import mark
from autograder.language import tr_kept as tr
from autograder.sandbox.session import SubjectError
from autograder.suite.compare import (
    EACH_ONCE,
    case_asked,
    compare_outputs,
    copies_of,
    load_weights,
    perturbed,
    quoted,
    set_mode,
    share_weights,
)
from autograder.suite.failures import check
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace

Context = Callable[[], AbstractContextManager[object]]
"""In which something is done: `nullcontext`, `torch.no_grad`."""

_DEFAULT_DTYPE = "float32"
"""Torch's own, which the code under test begins with."""


def assert_nothing_shared(
    make: Callable[[], ModuleProxy], *, hint: str | None = None
) -> tuple[ModuleProxy, ModuleProxy]:
    """Two modules made by `make`, which gives a new one with each call, share no parameters; returns the two."""
    first, second = make(), make()
    before = {name: info.dtype for name, info in second.parameters_by_name(values=False).items()}
    first.double()
    after = {name: info.dtype for name, info in second.parameters_by_name(values=False).items()}
    shared = [name for name, dtype in after.items() if dtype != before.get(name, dtype)]
    told = tr(
        "{asked} and a second one made alike share {shared}: converting one converts the other.",
        asked=first.asked,
        shared=quoted(shared),
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
        set_mode("eval", module, wanted)
        asked = tr("{asked} beside a second one made alike, with other weights: ", asked=first.asked)
        compare_outputs(module(*copies_of(inputs)), wanted(*copies_of(inputs)), asked, hint)
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

    for mode, context in EACH_ONCE:
        with context():
            set_mode(mode, mine, theirs)
            asked = case_asked(mine, mode)
            fill(_others)
            mine(*given)
            fill(_as_it_is)
            why = hint or tr("This is a later call, of the same tensor. Is anything kept from the one before?")
            compare_outputs(mine(*given), theirs(*inputs), asked, why)
            why = hint or tr("Other weights were loaded after a call. Is anything kept that came of the old ones?")
            # What is watched in one half of the weights shows in the other.
            for weights in theirs.drawn(rng).in_two_steps():
                load_weights(weights, mine, theirs)
                fill(_as_it_is)
                compare_outputs(mine(*given), theirs(*inputs), asked, why)
    assert_deep_copy(mine, theirs, inputs, rng, hint=hint)


def assert_outputs_stay(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], *, hint: str | None = None
) -> None:
    """What one call has returned is the same after the next: it lies in memory of its own. Under no_grad, where code
    that reuses memory can do so.
    """
    set_mode("eval", mine, theirs)
    twice = [[given, other] for given, other in zip(copies_of(inputs), perturbed(inputs), strict=True)]
    with torch.no_grad():
        # Both outputs must be held where the code runs, until the second is there.
        outputs = mine.namespace.make("torch.utils._pytree.tree_map", mine, *twice)
        asked = tr("{asked}after another call: ", asked=case_asked(mine, "eval"))
        why = hint or tr("Somebody may still hold what the call before has returned. Is its memory used again?")
        compare_outputs(outputs[0], theirs(*copies_of(inputs)), asked, why)


def assert_initialised(module: ModuleProxy, *, hint: str | None = None) -> None:
    """A new module's parameters and buffers are finite, and of several weights not all are zero: then each would keep
    the gradient from the others.
    """
    values = module.state_dict()
    strange = [name for name, value in values.items() if not value.isfinite().all()]
    told = tr("a new {asked} has values that are not finite, in {names}.", asked=module.asked, names=quoted(strange))
    why = hint or tr("`torch.empty` gives whatever lies in memory. Which numbers does training start from?")
    check(not strange, told, hint=why, difference="values at the start")
    weights = [value for value in values.values() if value.dim() > 1]
    told = tr("in a new {asked} all weights are zero, so that no training can change them.", asked=module.asked)
    check(len(weights) < 2 or any(map(torch.any, weights)), told, hint=hint, difference="values at the start")


def assert_deep_copy(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], rng: Random, *, hint: str | None = None
) -> None:
    """After a forward with gradients `mine` can be copied, so no attribute holds one of its tensors with the graph
    behind it; the copy computes with the weights that are loaded into it, and `mine`, which is left in evaluation mode,
    goes on with its own.
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
    set_mode("eval", copy, mine, theirs)
    why = hint or tr(
        "A deep copy has layers of its own. Does anything in it still belong to the module it was made from, such as a "
        "method or a lambda that is kept in an attribute?"
    )
    asked = tr("a deep copy of {asked}, with other weights: ", asked=mine.asked)
    compare_outputs(copy(*copies_of(inputs)), theirs(*copies_of(inputs)), asked, why)
    theirs.load_state_dict(weights)
    asked = tr("{asked}, once other weights were loaded into a deep copy of it: ", asked=mine.asked)
    compare_outputs(mine(*copies_of(inputs)), theirs(*copies_of(inputs)), asked, why)


def _others(x: Tensor) -> Tensor:
    """Other values of the same shape: whole numbers, which may be indices, change places."""
    return x.flip(0) + 1 if x.is_floating_point() else x.flip(tuple(range(x.dim())))


def _as_it_is(x: Tensor) -> Tensor:
    return x


def assert_world_untouched(
    code: Namespace,
    act: Callable[[], object],
    what: str,
    *,
    contexts: tuple[Context, Context] = (nullcontext, nullcontext),
    hint: str | None = None,
) -> None:
    """`act`, which is done twice, once in each of `contexts`, sets no seed and leaves torch's default dtype and grad
    mode as they are. Nor has anything before it changed the default dtype.
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
        reset=quoted(after.reset),
    )
    check(not after.reset, told, hint=hint)
    told = mark("{what} changes torch's default dtype from {before} to {after}.")
    if after.default_dtype == before.default_dtype:
        told = mark("A call before this one changes torch's default dtype from {before} to {after}.")
    told = tr(told, what=what, before=_DEFAULT_DTYPE, after=after.default_dtype)
    check(after.default_dtype == _DEFAULT_DTYPE, told, hint=hint)
    told = (
        mark("{what} leaves gradients switched on.")
        if after.grad_enabled
        else mark("{what} leaves gradients switched off.")
    )
    check(not switched, tr(told, what=what), hint=hint)
