"""Autograd over the boundary, and what a call does to its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.language import tr
from autograder.sandbox.protocol import Backward, Effect, Returned
from autograder.sandbox.session import Session, SubjectError, misunderstood
from autograder.suite.wire import Questions, Replies, refuse_earlier


class _Through(torch.autograd.Function):
    """Carries gradients over the boundary: backward is asked of the host that ran the forward, and is itself a call
    that can be differentiated.
    """

    @staticmethod
    def forward(
        ctx: Any, session: Session, call: int, outputs: list[Tensor], flags: list[bool], _: Tensor, *inputs: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.session, ctx.test, ctx.call = session, session.test, call
        ctx.like = [(tensor.shape, tensor.dtype, tensor.device) for tensor in inputs]
        ctx.save_for_backward(*inputs)
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(*[tensor for tensor, flag in zip(outputs, flags, strict=True) if not flag])
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        again = torch.is_grad_enabled()
        refuse_earlier("a result", ctx.session, ctx.test)
        encoder = Questions(ctx.session)
        question = Backward(ctx.call, encoder.value(list(grads)), create_graph=again)
        try:
            reply, wires = ctx.session.ask(question, Returned, encoder.tensors)
        except SubjectError as error:
            error.asked = error.asked or tr("In the backward pass")
            raise
        decoder = Replies(wires)
        found = decoder.read(reply.result)
        if not isinstance(found, list):
            raise misunderstood("backward did not return a list")
        # Of the tensors that the host counts as arguments, ours are the first, in the same order.
        arrived: list[Tensor | None] = [None] * len(ctx.like)
        for position, like in enumerate(ctx.like):
            grad = found[position] if position < len(found) else None
            if grad is not None:
                if not isinstance(grad, Tensor) or (grad.shape, grad.dtype, grad.device) != like:
                    raise misunderstood("a gradient has another shape than its tensor")
                arrived[position] = grad
        if again:
            inputs = [*ctx.saved_tensors, *encoder.originals]
            tensors = linked(ctx.session, reply.call, decoder.outputs, inputs)
            arrived = [None if grad is None else tensors[id(grad)] for grad in arrived]
        wanted = ctx.needs_input_grad[5:]
        result = [grad if want else None for grad, want in zip(arrived, wanted, strict=True)]
        return (None, None, None, None, None, *result)


def linked(session: Session, call: int, outputs: list[Tensor], inputs: Sequence[Tensor]) -> dict[int, Tensor]:
    """The outputs of a call with autograd attached, by the identity of what arrived."""
    flags = [output.requires_grad for output in outputs]
    plain = tuple(output.detach() for output in outputs)
    if any(flags) and torch.is_grad_enabled():
        # Only parameters may require gradients: the anchor makes autograd record the call all the same.
        anchor = torch.zeros((), requires_grad=True)
        plain = _Through.apply(session, call, list(plain), flags, anchor, *inputs)  # type: ignore[no-untyped-call]
    return {id(output): tensor for output, tensor in zip(outputs, plain, strict=True)}


def mirror(effect: Effect, originals: Sequence[Tensor], decoder: Replies) -> None:
    """Repeat on the caller's tensor what the call did to its copy."""
    if effect.tensor >= len(originals):
        raise misunderstood("an effect is on no argument")
    target, value, grad = originals[effect.tensor], decoder.bare(effect.value), decoder.bare(effect.grad)
    if value is not None:
        if value.shape != target.shape or value.dtype != target.dtype:
            raise SubjectError("RuntimeError", tr("an argument's shape or dtype was changed in place"))
        if value.device != target.device:
            raise misunderstood("an effect is on another device")
        with torch.no_grad():
            # An in-place operation bumps _version; writing through .data does not: the caller sees the same.
            (target if effect.bumped else target.data).copy_(value)
    if effect.grad_rebound and target.is_leaf:
        if grad is not None and (grad.shape, grad.dtype, grad.device) != (target.shape, target.dtype, target.device):
            raise misunderstood("a gradient has another shape than its tensor")
        target.grad = grad
    if effect.requires_grad is not None and target.is_leaf and target.is_floating_point():
        target.requires_grad_(effect.requires_grad)
    if effect.hooked and target.requires_grad:
        target.register_hook(_leave)  # type: ignore[no-untyped-call]


def _leave(grad: Tensor) -> None:
    """The hook that stands for one on the other side, which acts there."""
