"""cosmic-ray's stock operators: which of them are used, and what they make of a module."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.errors import UsageError

# One or two replacements for each sign. cosmic-ray has eleven, and what kills one of them kills the others.
_BINARY = """
Add_Sub Add_Mul Sub_Add Mul_Add Div_Mul Div_FloorDiv FloorDiv_Mul FloorDiv_Div Mod_FloorDiv Pow_Mul
BitAnd_BitOr BitOr_BitAnd
"""
_COMPARISONS = """
Eq_NotEq Eq_GtE NotEq_Eq NotEq_Gt NotEq_Lt Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is
"""
_OTHERS = """
ReplaceUnaryOperator_USub_UAdd ReplaceUnaryOperator_UAdd_USub
ReplaceUnaryOperator_Delete_Invert ReplaceUnaryOperator_Delete_Not
AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd
ReplaceBreakWithContinue ReplaceContinueWithBreak NumberReplacer ZeroIterationForLoop ExceptionReplacer
"""
STOCK: tuple[str, ...] = (
    *(f"ReplaceBinaryOperator_{signs}" for signs in _BINARY.split()),
    *(f"ReplaceComparisonOperator_{signs}" for signs in _COMPARISONS.split()),
    *_OTHERS.split(),
)
"""Names of cosmic-ray's operators, in the order in which they are asked. Those that draw lots are not among them."""


def stock_mutations(source: str, lines: frozenset[int]) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Operator, place (line, column) and whole text of each mutation that starts in one of `lines`.

    Raises UsageError when cosmic-ray is not installed.
    """
    try:
        from cosmic_ray.ast import ast_nodes, get_ast
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.operators.provider import OperatorProvider
    except ImportError as error:
        raise UsageError(f"{error}; mutants are made with cosmic-ray: run `pip install cosmic-ray`") from error
    provider, tree = OperatorProvider(), get_ast(source)
    for name in STOCK:
        operator = provider[name]()
        places = [start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node)]
        for occurrence, start in enumerate(places):
            if start[0] in lines:
                yield name, start, mutate_code(source, operator, occurrence)
