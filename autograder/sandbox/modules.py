"""What a host can say of a module, and load into it: parameters, buffers, sub-modules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy
import torch
from torch import Tensor, nn

from autograder.sandbox.protocol import Described, Entry, Misfits, Parts, Row
from autograder.sandbox.values import Encoder, dtype_name


def described(module: nn.Module, encoder: Encoder, *, values: bool, grads: bool) -> Described:
    """Parameters, then buffers, in the order of the module; values and gradients go into the table of `encoder`."""
    persistent = module.state_dict(keep_vars=True)
    parameters = _shortest_names(module.named_parameters(remove_duplicate=False))
    buffers = _shortest_names(module.named_buffers(remove_duplicate=False))
    rows = []
    for entries, is_parameter in ((parameters, True), (buffers, False)):
        for name, tensor in entries:
            grad = tensor.grad if grads and tensor.is_leaf and not tensor.is_meta else None
            rows.append(
                Row(
                    name,
                    list(tensor.shape),
                    dtype_name(tensor.dtype),
                    str(tensor.device),
                    tensor.requires_grad,
                    is_parameter,
                    name in persistent,
                    encoder.tensor(tensor.detach()) if values and not tensor.is_meta else None,
                    None if grad is None else encoder.tensor(grad),
                )
            )
    return Described(rows)


def drawn(entries: Sequence[Entry], draw: int) -> dict[str, Tensor]:
    """Random float64 values by name, the same wherever the same is asked; none for what stays as it is.

    By numpy's generator, since an exercise may forbid torch's own ways to draw.
    """
    generator = numpy.random.Generator(numpy.random.PCG64(draw))
    values = {}
    for entry in entries:
        match entry.kind:
            case "kept":
                continue
            case "matrix":
                fan_in = max(1, math.prod(entry.shape[1:]))
                value = generator.standard_normal(entry.shape) * (1.5 / fan_in**0.5)
            case "scale":
                signs = numpy.where(generator.random(entry.shape) < 0.3, -1, 1)
                value = signs * (0.5 + generator.random(entry.shape))
            case "variance":
                value = 0.5 + generator.random(entry.shape)
            case "other":
                value = 0.5 * generator.standard_normal(entry.shape)
        values[entry.name] = torch.from_numpy(numpy.asarray(value))
    return values


def load(module: nn.Module, values: Mapping[str, Tensor], entries: Sequence[Entry], draw: int | None) -> Misfits:
    """Copy values by name, and the numbers that `draw` gives for `entries`; returns what does not fit. Nothing is
    drawn or loaded then, unless it is only a bias too many; nor where there is no `draw`.
    """
    shapes = {name: list(value.shape) for name, value in values.items()}
    shapes |= {entry.name: entry.shape for entry in entries}
    own: dict[str, Tensor] = dict(module.state_dict(keep_vars=True))
    missing = [name for name in shapes if name not in own and not name.endswith("num_batches_tracked")]
    # The same layer under a second name (self.fc1, and again in a Sequential) is nothing unexpected.
    known = {id(tensor) for name, tensor in own.items() if name in shapes}
    unexpected = [
        name
        for name, tensor in own.items()
        if name not in shapes and id(tensor) not in known and not name.endswith("num_batches_tracked")
    ]
    misshapen = [
        (name, shapes[name], list(tensor.shape))
        for name, tensor in own.items()
        if name in shapes and not _interchangeable(shapes[name], list(tensor.shape))
    ]
    # A bias too many is one slip: it is set to zero, so that everything else can still be compared.
    surplus = [own[name] for name in unexpected]
    loaded = not missing and not misshapen and all(name.endswith(".bias") for name in unexpected)
    if loaded and draw is not None:
        values = {**values, **drawn(entries, draw)}
        with torch.no_grad():
            for name, tensor in own.items():
                # What holds its value already is not written: code may tell by version counters what has changed.
                if name in values and not torch.equal(value := values[name].reshape(tensor.shape), tensor):
                    tensor.copy_(value)
            for tensor in surplus:
                tensor.zero_()
    return Misfits(missing, unexpected, misshapen, loaded)


def parts(module: nn.Module) -> Parts:
    """Every sub-module, itself first."""
    return Parts([(name, type(part).__name__, bool(part.training)) for name, part in module.named_modules()])


def _shortest_names(named: Iterable[tuple[str, Tensor]]) -> list[tuple[str, Tensor]]:
    """Each tensor once; of several names for it (self.fc1, and again in a Sequential) the one with the fewest dots."""
    best: dict[int, tuple[str, Tensor]] = {}
    for name, tensor in named:
        known = best.get(id(tensor))
        if known is None or name.count(".") < known[0].count("."):
            best[id(tensor)] = (name, tensor)
    return list(best.values())


def _interchangeable(given: list[int], own: list[int]) -> bool:
    """(out, in) and (out, in, 1, 1) are the same weight: a linear layer and a 1 x 1 convolution."""
    if given == own:
        return True
    short, long = sorted((given, own), key=len)
    return len(short) == 2 and long == [*short, 1, 1]
