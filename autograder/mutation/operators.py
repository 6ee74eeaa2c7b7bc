"""The mutation operators of this field: slips that people make in PyTorch code and that no stock operator makes.

Each is a function from a module's code to changes of its text.
"""

from __future__ import annotations

from autograder.mutation import (
    activations,
    arithmetic,
    calls,
    conditions,
    constants,
    flow,
    gradients,
    inplace,
    layers,
    state,
)
from autograder.mutation.code import Operator

_OPERATORS: tuple[Operator, ...] = (
    activations.swap_activation,
    activations.drop_activation,
    activations.add_activation,
    gradients.add_detach,
    gradients.remove_detach,
    gradients.add_no_grad,
    gradients.no_grad_around_term,
    gradients.remove_no_grad,
    gradients.flip_requires_grad,
    inplace.work_in_place,
    inplace.work_out_of_place,
    arithmetic.drop_term,
    arithmetic.double_term,
    arithmetic.swap_operands,
    arithmetic.permute_targets,
    arithmetic.change_dim,
    layers.share_layer,
    layers.drop_layer,
    layers.repeat_layer,
    layers.reverse_order,
    layers.ignore_mode,
    layers.pin_dtype,
    layers.pin_device,
    layers.other_variable,
    calls.change_argument,
    calls.drop_argument,
    calls.swap_arguments,
    calls.swap_function,
    calls.drop_call,
    conditions.swap_is_none,
    conditions.swap_isinstance,
    conditions.negate_condition,
    conditions.force_condition,
    flow.delete_statement,
    flow.swap_statements,
    flow.stop_loop,
    flow.return_early,
    flow.change_return,
    flow.return_copy,
    state.keep_state,
    state.add_previous,
    constants.change_default,
    constants.change_string,
    constants.drop_element,
)
OPERATORS: dict[str, Operator] = {getattr(operator, "__name__"): operator for operator in _OPERATORS}  # noqa: B009
