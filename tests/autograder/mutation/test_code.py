"""A module's text beside its tree."""

from __future__ import annotations

import ast

import pytest

from autograder.mutation.code import Code, Edit, apply


def first(code: Code, kind: type[ast.AST]):
    return code.nodes(kind)[0]


def test_edits_are_applied_together():
    assert apply("a + b", (Edit(0, 1, "long"), Edit(4, 5, "c"), Edit(2, 3, "-"))) == "long - c"


def test_places_are_right_behind_letters_that_take_several_bytes():
    code = Code('title = "größer ≥ π"; total = x + y\n')
    assert code.source(first(code, ast.BinOp)) == "x + y"


def test_lines_are_counted_from_one_and_only_line_feeds_end_them():
    code = Code('a = "\x0c\u2028"\nb = 1\n')
    assert [code.line(code.span(node)[0]) for node in code.nodes(ast.Assign)] == [1, 2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x * f(y)", "x * (a + b)"),
        ("x * (f(y))", "x * (a + b)"),
        ("g(f(y))", "g(a + b)"),
        ("f(y).sum()", "(a + b).sum()"),
        ("f(y)[0]", "(a + b)[0]"),
        ("z = f(y)", "z = a + b"),
    ],
)
def test_what_is_written_for_an_operand_holds_together(text, expected):
    code = Code(text)
    call = next(node for node in code.nodes(ast.Call) if code.source(node) == "f(y)")
    assert apply(text, code.replace(call, "a + b")) == expected


def test_an_operand_that_was_in_parentheses_has_them_again():
    code = Code("(a - b) * c")
    operation = first(code, ast.BinOp)
    assert isinstance(operation, ast.BinOp)
    assert code.operand(operation.left) == "(a - b)"
    assert code.operand(operation.right) == "c"


def test_lines_are_inserted_with_the_indentation_of_the_statement_and_comments_stay():
    text = "if x:\n    y = 1  # one\nz = 2\n"
    code = Code(text)
    assignment = first(code, ast.Assign)
    assert isinstance(assignment, ast.stmt)
    (after,), (before,) = code.insert_after(assignment, "a", "b"), code.insert_before(assignment, "c")
    assert apply(text, after) == "if x:\n    y = 1  # one\n    a\n    b\nz = 2\n"
    assert apply(text, before) == "if x:\n    c\n    y = 1  # one\nz = 2\n"


def test_nothing_is_inserted_beside_a_statement_that_shares_its_line():
    code = Code("if x: y = 1; z = 2\n")
    statements = code.nodes(ast.Assign)
    assert [list(code.insert_before(statement, "a")) for statement in statements] == [[], []]
    assert list(code.insert_after(statements[0], "a")) == []


def test_what_is_inside_an_f_string_has_no_place():
    code = Code('message = f"{name} is missing"\n')
    assert [node.id for node in code.nodes(ast.Name)] == ["message"]


def test_items_are_left_out_with_their_comma():
    code = Code("f(a, b, c)")
    call = first(code, ast.Call)
    assert isinstance(call, ast.Call)
    assert [apply(code.text, code.without_item(call.args, index)) for index in range(3)] == [
        "f(b, c)",
        "f(a, c)",
        "f(a, b)",
    ]
