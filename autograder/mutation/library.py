"""cosmic-ray's stock operators: which of them are used, and what they make of a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.errors import UsageError

# One or two replacements for each sign. cosmic-ray has eleven, and what kills one of them kills the others.
_BINARY = {
    "Add": ("Sub", "Mul"),
    "Sub": ("Add",),
    "Mul": ("Add",),
    "Div": ("Mul", "FloorDiv"),
    "FloorDiv": ("Mul", "Div"),
    "Mod": ("FloorDiv",),
    "Pow": ("Mul",),
    "BitAnd": ("BitOr",),
    "BitOr": ("BitAnd",),
}
_COMPARISONS = {
    "Eq": ("NotEq", "GtE"),
    "NotEq": ("Eq", "Gt", "Lt"),
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
}
STOCK: tuple[str, ...] = (
    *(f"ReplaceBinaryOperator_{sign}_{other}" for sign, others in _BINARY.items() for other in others),
    *(f"ReplaceComparisonOperator_{sign}_{other}" for sign, others in _COMPARISONS.items() for other in others),
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceUnaryOperator_UAdd_USub",
    "ReplaceUnaryOperator_Delete_Invert",
    "ReplaceUnaryOperator_Delete_Not",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "NumberReplacer",
    "ZeroIterationForLoop",
    "ExceptionReplacer",
)
"""Names of cosmic-ray's operators, in the order in which they are asked. Those that draw lots are not among them."""


def stock_mutations(source: str, lines: frozenset[int]) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Operator, place (line, column) and whole text of each mutation that starts in one of `lines`.

    Raises UsageError when cosmic-ray is not installed.
    """
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.operators.provider import OperatorProvider
    except ImportError as error:
        raise UsageError(f"{error}; mutants are made with cosmic-ray: run `pip install cosmic-ray`") from error
    provider, tree = OperatorProvider(), get_ast(source)
    for name in STOCK:
        operator = provider[name]()
        places = ((node, position) for node in ast_nodes(tree) for position in operator.mutation_positions(node))
        for occurrence, (_, (start, _)) in enumerate(places):
            if start[0] in lines:
                yield name, start, _mutated(source, operator, occurrence)


def _mutated(source: str, operator: Any, occurrence: int) -> str:
    """The text after one mutation. Operators change the tree that they are given, so each has its own."""
    from cosmic_ray.ast import Visitor, get_ast

    class Mutation(Visitor):  # type: ignore[misc]
        counted = 0

        def visit(self, node: Any) -> Any:
            for index, _ in enumerate(list(operator.mutation_positions(node))):
                if self.counted == occurrence:
                    node = operator.mutate(node, index)
                self.counted += 1
            return node

    text: str = Mutation().walk(get_ast(source)).get_code()
    return text
