"""Comparisons of the code under test with the reference: values, outputs, gradients, buffers.

Every message says what was asked, which quantity differs first, how far off and where. All comparisons are made in
float64: correct rewrites of a formula agree to 1e-14 there, while they fail in float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor

from autograder.language import mark
from autograder.language import tr_kept as tr
from autograder.sandbox.values import laid_out, same, strides_of, tree_leaves, tree_map
from autograder.suite.differences import difference_between, dtype_of, first_difference, kind_of, type_name
from autograder.suite.failures import (
    BehaviourError,
    Statistic,
    check,
    check_that,
    fail,
    note_statistic,
    without_numbers,
)
from autograder.suite.random import Random
from autograder.suite.subjects import Function, ModuleProxy
from autograder.suite.weights import Drawn

Callee = ModuleProxy | Function
"""What is compared: a module, whose forward is called, or a function."""

_FOUR_DIGITS = 1e-4
"""How far off outputs in float32 are at most, as a share of the largest value."""

_MODES = {"eval": mark("evaluation"), "train": mark("training")}

EACH_ONCE = (("eval", torch.no_grad), ("train", nullcontext))
"""Both modes, under no_grad and with gradients: what depends on one of these shows in one of the two. Gradients come
last, so that a graph that is kept is still there.
"""


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


def load_weights(weights: Mapping[str, Tensor] | Drawn, *modules: ModuleProxy) -> None:
    """Put the same weights and statistics into each of the modules."""
    for module in modules:
        module.load_state_dict(weights)


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
        fail(BehaviourError(f"{mine.asked}: {told}.", hint, without_numbers(told), kind="names"))


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
    found = first_difference(actual, expected, "")
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
    note_statistic(Statistic(what, value, band))
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
    set_mode(mode, mine, theirs)
    expected = theirs(*copies_of(inputs))
    actual = mine(*copies_of(inputs))
    compare_outputs(actual, expected, case_asked(mine, mode), hint)


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
    set_mode(mode, mine, theirs)
    asked = case_asked(mine, mode)
    prepared = _differentiable if "inputs" in of else _data
    their_inputs, their_leaves = prepared(inputs)
    expected = _flat(theirs(*their_inputs))
    my_inputs, my_leaves = prepared(inputs)
    actual = _flat(mine(*my_inputs))
    told = mark("it returns {count} tensors, expected {expected}.")
    if isinstance(mine, ModuleProxy):
        told = mark("forward returns {count} tensors, expected {expected}.")
    counts = tr(told, count=len(actual), expected=len(expected))
    check_that(len(actual) == len(expected), asked, counts, hint)
    upstream = []
    for index, (got, wanted) in enumerate(zip(actual, expected, strict=True)):
        _check_shape(got, wanted.shape, asked, _output(index, len(expected)), hint)
        upstream.append(theirs.namespace.rng.randn(*wanted.shape).to(wanted.dtype))
    for module in (mine, theirs):
        if isinstance(module, ModuleProxy):
            module.zero_grad()
    _push_back(expected, upstream)
    check_that(
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
    set_mode("train", mine, theirs)
    theirs(*copies_of(inputs))
    outputs = _flat(mine(*copies_of(inputs)))
    wanted = theirs.buffers_by_name()
    after = mark("{asked} after one forward in training mode: ")
    if not torch.is_grad_enabled():
        after = mark("{asked} after one forward in training mode, under no_grad: ")
    _compare_statistics(mine, wanted, tr(after, asked=mine.asked), hint)
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
    set_mode(mode, mine)
    asked = case_asked(mine, mode)
    given = copies_of(inputs)
    tensors, before = tensors_of(given), tensors_of(copies_of(inputs))
    versions = [tensor._version for tensor in tensors]
    what = "forward" if isinstance(mine, ModuleProxy) else tr("the call")
    mine(*given)
    for name, tensor, copy, version in zip(names or _input_names(inputs), tensors, before, versions, strict=True):
        untouched = same(tensor, copy)
        told = tr("{what} changes {name} that the caller passed in, and must not.", what=what, name=name)
        check_that(untouched, asked, told, hint)
        told = tr("{what} writes into {name} that the caller passed in (an in-place operation).", what=what, name=name)
        check_that(tensor._version == version, asked, told, hint)
        told = tr(
            "{what} sets requires_grad of {name} that the caller passed in, and must not.",
            what=what,
            name=name,
        )
        check_that(tensor.requires_grad == copy.requires_grad, asked, told, hint)
    if not torch.is_grad_enabled() or not isinstance(mine, ModuleProxy):
        return
    _run_backward(_flat(mine(*copies_of(inputs))))
    gradients = mine.grads()
    mine(*copies_of(inputs))
    for name, now in mine.grads().items():
        was = gradients.get(name)
        kept = was is None or same(now, was)
        told = tr(
            "forward changes the gradient that `{name}` has from an earlier backward pass; gradients add up.", name=name
        )
        check_that(kept, asked, told, None)


def assert_repeatable(mine: Callee, inputs: Sequence[Any], mode: str = "eval", *, hint: str | None = None) -> None:
    """Two identical calls give identical results, with another input between them, which gives another result.

    So nothing is kept between calls, and nothing is drawn at random.
    """
    set_mode(mode, mine)
    first, others = _flat(mine(*copies_of(inputs))), _flat(mine(*perturbed(inputs)))
    second = _flat(mine(*copies_of(inputs)))
    asked = case_asked(mine, mode)
    check_that(_all_same(first, second), asked, tr("a second call with the same input gives another output."), hint)
    differs = not _all_same(first, others) or not any(tensor.is_floating_point() for tensor in tensors_of(inputs))
    check_that(differs, asked, tr("a call with another input gives the same output; is a result kept?"), hint)


def assert_same_in_float32(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Tensor | Sequence[Any], *, hint: str | None = None
) -> None:
    """In float32, outputs in float32 that agree in four digits with the reference in float64: in both modes, and under
    no_grad. Half precision has three digits at most. Leaves `mine` in float32.
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    mine.float()
    for mode, context in EACH_ONCE:
        with context():
            set_mode(mode, mine, theirs)
            expected, actual = theirs(*inputs), mine(*_to_dtype(inputs, torch.float32))
            asked = tr("{asked}all in float32: ", asked=case_asked(mine, mode))
            why = hint or tr("In which precision is it computed?")
            if hint is None and _far_off(actual, expected):
                why = tr(
                    "So much is more than rounding. Does anything ask for the dtype, for the mode or whether gradients "
                    "are computed, or is anything drawn at random?"
                )
            compare_outputs(actual, _to_dtype(expected, torch.float32), asked, why, share=_FOUR_DIGITS)


def _far_off(actual: Any, expected: Any) -> bool:
    """Whether a tensor is off by more than a hundredth of the largest value."""
    pairs = zip(tensors_of(actual), tensors_of(expected), strict=False)
    return any(
        got.shape == wanted.shape
        and float((got.detach() - wanted.detach()).abs().max()) > float(wanted.detach().abs().max()) / 100
        for got, wanted in pairs
        if got.is_floating_point() and wanted.is_floating_point() and wanted.numel()
    )


def assert_half_precision(
    mine: ModuleProxy, theirs: ModuleProxy, inputs: Sequence[Any], *, hint: str | None = None
) -> None:
    """In bfloat16, outputs in bfloat16; in evaluation mode. Values are not compared, since bfloat16 has two digits.
    Leaves `mine` in bfloat16, with zeros for weights.
    """
    set_mode("eval", mine)
    # Code that computes the same in another order would answer otherwise with any other weights.
    mine.to(torch.bfloat16).load_state_dict({name: torch.zeros_like(v) for name, v in theirs.state_dict().items()})
    outputs = tensors_of(mine(*_to_dtype(inputs, torch.bfloat16)))
    for index, output in enumerate(outputs):
        what = _output(index, len(outputs))
        told = tr(
            "{asked}inputs and weights are all of bfloat16, and {what} is of {got}.",
            asked=case_asked(mine, "eval"),
            what=what,
            got=dtype_of(output),
        )
        right = output.dtype == torch.bfloat16 or not output.is_floating_point()
        check(right, told, hint=hint, difference=(what, "dtype"))


def _to_dtype(inputs: Any, dtype: torch.dtype) -> Any:
    """The same structure with every floating tensor in `dtype`."""
    return tree_map(lambda x: x.to(dtype) if isinstance(x, Tensor) and x.is_floating_point() else x, inputs)


def _check_equal(
    actual: Any, expected: Any, asked: str, what: str, hint: str | None, share: float | None = None
) -> None:
    found = difference_between(actual, expected, share)
    if found is not None:
        # What is rounded shows in every quantity, and has one cause.
        quantity = "any quantity" if found.kind == "precision" else what
        told = f"{asked}{what} {found.text}."
        difference = quantity, found.kind
        if found.kind == "dtype" and "dtype" not in (hint or ""):  # what a suite says of the values is no help here
            hint = tr("Where does a tensor come from that has not the dtype of what came in, or is cast?")
        fail(BehaviourError(told, hint, difference, found.numbers, found.gaps, found.kind))


def _check_shape(tensor: Any, shape: Sequence[int], asked: str, what: str, hint: str | None) -> None:
    told = tr("{asked}{what} is {got}, expected a tensor.", asked=asked, what=what, got=type_name(tensor))
    check(isinstance(tensor, Tensor), told, hint=hint, difference=(what, "type"))
    told = tr(
        "{asked}{what} has shape {got}, expected {expected}.",
        asked=asked,
        what=what,
        got=tuple(tensor.shape),
        expected=tuple(shape),
    )
    check(tuple(tensor.shape) == tuple(shape), told, hint=hint, difference=(what, "shape"))


def quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def compare_outputs(
    actual: Any, expected: Any, asked: str, hint: str | None, where: str = "", share: float | None = None
) -> None:
    if isinstance(expected, (tuple, list)):
        fits = isinstance(actual, (tuple, list)) and len(actual) == len(expected)
        got = tr("{count} values", count=len(actual)) if isinstance(actual, (tuple, list)) else kind_of(actual)
        check_that(
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
            compare_outputs(got_item, wanted, asked, hint, _output(index, len(expected)), share)
        return
    if isinstance(actual, (tuple, list)):
        check_that(
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
        check_that(name in own, asked, tr("there is no buffer `{name}`.", name=name), hint)
        _check_equal(
            own[name].reshape(-1), wanted.reshape(-1), asked, tr("the running statistic `{name}`", name=name), hint
        )


def _output(index: int, count: int) -> str:
    return tr("the output") if count == 1 else tr("output {index} of {count}", index=index + 1, count=count)


def _compare_gradient(actual: Tensor | None, expected: Tensor | None, asked: str, what: str, hint: str | None) -> None:
    if expected is None:
        told = tr("{what} should be absent: it takes no part in the result.", what=what)
        check_that(actual is None or not actual.any(), asked, told, hint, (what, "present"))
        return
    if actual is None:
        told = tr("{what} is missing: no gradient reaches it.", what=what)
        check_that(not expected.any(), asked, told, hint, (what, "missing"))
        return
    if expected.any() and not actual.any():
        check_that(False, asked, tr("{what} is zero everywhere.", what=what), hint, (what, "zero"))
    if actual.shape != expected.shape and actual.numel() == expected.numel():
        actual = actual.reshape(expected.shape)
    _check_equal(actual, expected, asked, what, hint)


def case_asked(mine: Callee, mode: str) -> str:
    """The beginning of a message: which case was asked about."""
    told = mine.asked
    if isinstance(mine, ModuleProxy):
        told = tr("{asked} in {mode} mode", asked=told, mode=tr(_MODES[mode]))
    return f"{told}: " if torch.is_grad_enabled() else tr("{asked}, under no_grad: ", asked=told)


def set_mode(mode: str, *code: Callee) -> None:
    if mode not in _MODES:
        raise ValueError(f'mode is "eval" or "train", not {mode!r}')
    for module in code:
        if isinstance(module, ModuleProxy):
            module.train(mode == "train")


def copies_of(inputs: Any) -> Any:
    """The same structure with every tensor copied; each copy lies in memory as its original does."""
    return tree_map(lambda x: copy_of(x.detach()) if isinstance(x, Tensor) else x, inputs)


def perturbed(inputs: Any) -> Any:
    """The same structure with other values in every floating tensor."""

    def other(x: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        return x.detach() * 0.5 + 0.25 if x.is_floating_point() else x.detach().clone()

    return tree_map(other, inputs)


def _all_same(one: list[Any], other: list[Any]) -> bool:
    return len(one) == len(other) and all(
        isinstance(a, Tensor) and isinstance(b, Tensor) and difference_between(b, a) is None
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
    return copies_of(inputs), []


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
