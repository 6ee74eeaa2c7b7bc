"""The mutation operators of this field: slips that people make in PyTorch code and that no stock operator makes.

Each is a function from a module's code to changes of its text. cosmic-ray finds them as "torch/swap_activation" and so
on, through the entry point `cosmic_ray.operator_providers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar

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
from autograder.mutation.code import Change, Code, Operator, apply

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
    arithmetic.swap_slices,
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


class OperatorProvider:
    """Offers the operators to cosmic-ray, which makes one object of this class and reads it like a mapping."""

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __getitem__(self, name: str) -> type[CosmicRayOperator]:
        return _CLASSES[name]


class CosmicRayOperator:
    """One of the operators with the methods of cosmic-ray's own. It does all its work at the root of the tree."""

    operator: ClassVar[Operator]

    @classmethod
    def arguments(cls) -> tuple[()]:
        """None of the operators takes arguments."""
        return ()

    @classmethod
    def examples(cls) -> tuple[()]:
        """Examples are in the operators' docstrings."""
        return ()

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Start and end of each change's first edit, as (line, column)."""
        for change in self._changes(node):
            text, edit = node.get_code(), min(change, key=lambda edit: edit.start)
            end = max(edit.end, edit.start + 1)  # cosmic-ray refuses a position without extent
            yield _position(text, edit.start), _position(text, end)

    def mutate(self, node: Any, index: int) -> Any:
        """The tree after one of the changes."""
        from cosmic_ray.ast import get_ast

        return get_ast(apply(node.get_code(), self._changes(node)[index]))

    def _changes(self, node: Any) -> tuple[Change, ...]:
        # An operator of cosmic-ray may put a small tree into the large one: that is no module.
        is_module = node.type == "file_input" and node.parent is None
        return _changes(type(self).operator, node.get_code()) if is_module else ()


@lru_cache(maxsize=4)
def _changes(operator: Operator, text: str) -> tuple[Change, ...]:
    try:
        return tuple(operator(Code(text)))
    except SyntaxError:
        return ()


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1)


_CLASSES: dict[str, type[CosmicRayOperator]] = {
    name: type(name, (CosmicRayOperator,), {"operator": staticmethod(operator), "__doc__": operator.__doc__})
    for name, operator in OPERATORS.items()
}
