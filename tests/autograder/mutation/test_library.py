"""cosmic-ray's operators on a few lines."""

from __future__ import annotations

import sys

import pytest
from cosmic_ray.operators.provider import OperatorProvider as StockProvider

from autograder.errors import UsageError
from autograder.mutation.library import STOCK, stock_mutations


def mutated(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, _, mutant in stock_mutations(text, frozenset(range(1, text.count("\n") + 2))):
        found.setdefault(name, []).append(mutant)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "x = a + b",
            {"ReplaceBinaryOperator_Add_Sub": ["x = a - b"], "ReplaceBinaryOperator_Add_Mul": ["x = a * b"]},
        ),
        (
            "x = a // b",
            {"ReplaceBinaryOperator_FloorDiv_Mul": ["x = a * b"], "ReplaceBinaryOperator_FloorDiv_Div": ["x = a / b"]},
        ),
        (
            "x = a != b",
            {
                "ReplaceComparisonOperator_NotEq_Eq": ["x = a == b"],
                "ReplaceComparisonOperator_NotEq_Gt": ["x = a > b"],
                "ReplaceComparisonOperator_NotEq_Lt": ["x = a < b"],
            },
        ),
        ("x = a is None", {"ReplaceComparisonOperator_Is_IsNot": ["x = a is not None"]}),
        ("x = -a", {"ReplaceUnaryOperator_USub_UAdd": ["x = +a"]}),
        ("x = not a", {"ReplaceUnaryOperator_Delete_Not": ["x =  a"]}),
        ("x = a and True", {"ReplaceAndWithOr": ["x = a or True"], "ReplaceTrueWithFalse": ["x = a and False"]}),
        ("x = a or False", {"ReplaceOrWithAnd": ["x = a and False"], "ReplaceFalseWithTrue": ["x = a or True"]}),
        ("x = 3", {"NumberReplacer": ["x = 4", "x = 2"]}),
        ("if a: pass", {"AddNot": ["if not a: pass"]}),
        (
            "for a in b: break",
            {"ReplaceBreakWithContinue": ["for a in b: continue"], "ZeroIterationForLoop": ["for a in []: break"]},
        ),
        (
            "for a in b: continue",
            {"ReplaceContinueWithBreak": ["for a in b: break"], "ZeroIterationForLoop": ["for a in []: continue"]},
        ),
        (
            "try: a\nexcept ValueError: b",
            {"ExceptionReplacer": ["try: a\nexcept CosmicRayTestingException: b"]},
        ),
    ],
)
def test_what_the_stock_operators_make(text, expected):
    assert mutated(text) == expected


def test_only_the_lines_that_were_asked_for_are_changed():
    text = "x = 1\ny = 2\nz = 3\n"
    assert list(stock_mutations(text, frozenset({2}))) == [
        ("NumberReplacer", (2, 4), "x = 1\ny = 3\nz = 3\n"),
        ("NumberReplacer", (2, 4), "x = 1\ny = 1\nz = 3\n"),
    ]


def test_all_names_are_cosmic_rays():
    assert set(STOCK) <= set(StockProvider())
    assert len(set(STOCK)) == len(STOCK)


def test_without_cosmic_ray_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cosmic_ray.ast", None)
    with pytest.raises(UsageError, match="pip install cosmic-ray"):
        list(stock_mutations("x = 1\n", frozenset({1})))
