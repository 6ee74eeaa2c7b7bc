"""The mutants of a solution: which are kept, what they are called, how many there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from textwrap import dedent

import pytest

from autograder.course.layout import find_project
from autograder.mutation.library import stock_mutations
from autograder.mutation.mutants import Mutant, mutants

SOLUTIONS = find_project(Path(__file__)) / "solutions" / "core"

SCALE = dedent('''\
    """Scales, then adds."""

    from torch import Tensor


    def helper(x: Tensor) -> Tensor:
        return x * 3 + 1


    def scale(x: Tensor, factor: float = 2.0) -> Tensor:
        """(N,) -> (N,)."""
        # BEGIN SOLUTION
        y: Tensor = x
        y = factor * y
        return y + x
        # END SOLUTION
    ''')


@pytest.fixture(scope="module")
def of_scale() -> list[Mutant]:
    return mutants(SCALE)


@pytest.fixture(scope="module", params=sorted(path.stem for path in SOLUTIONS.glob("*.py")))
def solution(request) -> tuple[str, str, list[Mutant]]:
    text = (SOLUTIONS / f"{request.param}.py").read_text(encoding="utf-8")
    return request.param, text, mutants(text)


def outside(text: str) -> str:
    return re.sub(r"(?s)(# BEGIN SOLUTION\n).*?( *# END SOLUTION)", r"\1\2", text)


def test_a_mutant_says_what_it_is(of_scale):
    (swapped,) = (mutant for mutant in of_scale if mutant.operator == "ReplaceBinaryOperator_Add_Sub")
    assert swapped == Mutant(
        id="ReplaceBinaryOperator_Add_Sub@scale:3#1",
        operator="ReplaceBinaryOperator_Add_Sub",
        line=15,
        diff="@@ -14,3 +14,3 @@\n     y = factor * y\n-    return y + x\n+    return y - x\n     # END SOLUTION",
        text=SCALE.replace("return y + x", "return y - x"),
    )


def test_they_come_in_the_order_of_the_lines_and_the_same_in_every_run(of_scale):
    assert [mutant.line for mutant in of_scale] == sorted(mutant.line for mutant in of_scale)
    assert mutants(SCALE) == of_scale


def test_windows_line_ends_make_no_difference(of_scale):
    assert mutants(SCALE.replace("\n", "\r\n")) == of_scale


def test_a_change_of_annotations_alone_is_no_mutant():
    annotated = "def g(b: p | q) -> 1 + 2:"
    source = f"def f(a):\n    # BEGIN SOLUTION\n    {annotated}\n        return a + b\n    # END SOLUTION\n"
    made = mutants(source)
    assert made
    assert all(annotated in mutant.text for mutant in made)


def test_the_same_slip_of_two_operators_counts_once():
    source = "def f(a):\n    # BEGIN SOLUTION\n    if a is None:\n        g()\n    h()\n    # END SOLUTION\n"
    negated = [mutant for mutant in mutants(source) if "is not None" in mutant.text or "not a is" in mutant.text]
    assert [mutant.operator for mutant in negated] == ["swap_is_none"]


def test_what_does_not_compile_is_left_out():
    # cosmic-ray takes a star that stands alone for a product.
    source = (
        "def f(a):\n    # BEGIN SOLUTION\n    def g(*, b):\n        return a + b\n    return g\n    # END SOLUTION\n"
    )
    assert any("def g(+, b)" in text for _, _, text in stock_mutations(source, frozenset({3})))
    for mutant in mutants(source):
        compile(mutant.text, mutant.id, "exec")


def test_one_line_is_not_mutated_over_and_over_and_every_place_in_it_has_its_turn():
    terms = " + ".join(f"torch.relu(x{number})" for number in range(6))
    source = f"import torch\n\n\ndef f():\n    # BEGIN SOLUTION\n    return {terms}\n    # END SOLUTION\n"
    swapped = [mutant.text for mutant in mutants(source) if mutant.operator == "swap_activation"]
    assert len(swapped) == 8
    assert all(any(f"torch.relu(x{number})" not in text for text in swapped) for number in range(6))


def test_without_marked_regions_there_are_none():
    assert mutants("def f(x):\n    return x + 1\n") == []


def test_helpers_inside_a_region_name_their_mutants():
    source = (
        "def f(x):\n    # BEGIN SOLUTION\n    def g(y):\n        return y + 1\n    return g(x)\n    # END SOLUTION\n"
    )
    assert {mutant.id.partition("@")[2].partition(":")[0] for mutant in mutants(source)} == {"f", "f.g"}


def test_what_stands_elsewhere_changes_no_name(of_scale):
    longer = SCALE.replace("Scales, then adds.", "Scales.\n\nThen adds.").replace(
        "x * 3", "(  # three times\n        x) * 3"
    )
    again = mutants(longer)
    assert [mutant.id for mutant in again] == [mutant.id for mutant in of_scale]
    assert [mutant.line - 3 for mutant in again] == [mutant.line for mutant in of_scale]


def test_those_of_a_solution_compile_and_differ_in_the_marked_regions_only(solution):
    _, text, made = solution
    trees = [ast.dump(ast.parse(mutant.text)) for mutant in made]
    assert len({ast.dump(ast.parse(text)), *trees}) == len(made) + 1
    assert {outside(mutant.text) for mutant in made} == {outside(text)}
    for mutant in made:
        compile(mutant.text, mutant.id, "exec")


def test_those_of_a_solution_have_names_of_their_own(solution):
    _, text, made = solution
    assert len({mutant.id for mutant in made}) == len(made)
    assert all(mutant.id.startswith(f"{mutant.operator}@") for mutant in made)
    assert all(re.search(r"(?m)^[-+]", mutant.diff) for mutant in made)
    assert mutants(text) == made


def test_there_are_enough_of_them_and_not_too_many(solution):
    name, _, made = solution
    enough = {"residual_block": 60, "lstm_cell": 60, "clip_grad": 60, "replace_head": 60}.get(name, 40)
    assert enough <= len(made) <= 250


def test_most_of_them_come_from_operators_of_this_field(solution):
    _, _, made = solution
    stock = [mutant for mutant in made if mutant.operator[0].isupper()]
    assert 0 < len(stock) < len(made) / 2
