"""The tensors of a question as the code gets them, and what a call did to them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from autograder.sandbox.protocol import Effect, WireTensor
from autograder.sandbox.values import Encoder, laid_out, same


@dataclass
class Argument:
    """A tensor argument as the code got it, with what is needed to see whether it was changed."""

    index: int
    tensor: Tensor
    root: Tensor | None
    """The leaf in which its gradient arrives; None where it carries none."""
    before: Tensor
    version: int = 0
    grad: Tensor | None = None

    def is_itself(self) -> bool:
        """Whether the caller's tensor, once it is written to likewise, is what `tensor` is now.

        A result of operations that was changed in place is not: its history is only here.
        """
        return self.tensor.is_leaf or not self.tensor.requires_grad or self.tensor._version == self.version


def received(tensors: list[WireTensor]) -> list[Argument]:
    """Live tensors from a message: leaves stay leaves, the rest become results of an operation, gradients are set."""
    arguments = []
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
        arguments.append(Argument(index, data, root, data.detach()))
    for wire, argument in zip(tensors, arguments, strict=True):
        if wire.grad is not None and argument.tensor.is_leaf:
            argument.tensor.grad = argument.grad = arguments[wire.grad].tensor
        argument.version = argument.tensor._version
        argument.before = argument.tensor.detach().clone()
    return arguments


def effect_on(argument: Argument, wire: WireTensor, encoder: Encoder) -> Effect | None:
    """What a call did to one of its arguments, or None where it left it alone."""
    tensor = argument.tensor
    bumped = tensor._version != argument.version
    after = tensor.detach()
    value = encoder.tensor(after) if bumped or not same(after, argument.before) else None
    rebound, grad, requires_grad = False, None, None
    if tensor.is_leaf:
        rebound = tensor.grad is not argument.grad
        grad = encoder.tensor(tensor.grad) if rebound and tensor.grad is not None else None
        requires_grad = tensor.requires_grad if tensor.requires_grad != wire.requires_grad else None
    hooked = bool(tensor._backward_hooks) or bool(getattr(tensor, "_post_accumulate_grad_hooks", None))
    if value is None and not rebound and requires_grad is None and not hooked:
        return None
    return Effect(argument.index, value, bumped, rebound, grad, requires_grad, hooked)
