"""What `autograder verify` prints, writes as JSON and shows as a page, of a matrix made by hand."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from autograder.language import speaking
from autograder.mutation.mutants import mutants
from autograder.results import model
from autograder.verify.matrix import Matrix, Row, row_of
from autograder.verify.page import page
from autograder.verify.report import as_json, print_messages, print_report
from autograder.verify.trials import Implementation

EXERCISE = "depthwise_separable_conv"
TESTS = ["test_a", "test_b", "test_idle"]
MUTANT = mutants("def f(x):\n    # BEGIN SOLUTION\n    return x + 1\n    # END SOLUTION\n")[0]


def row(kind, name, *failed, costs_more=""):
    """A row that loses a point for each check of `failed`."""
    mutant = MUTANT if kind == "mutant" else None
    implementation = Implementation(EXERCISE, kind, name, "", f"title of {name}", costs_more, mutant)
    score = 3.0 - len(failed)
    told = dict.fromkeys(failed, "the <message>")
    return Row(implementation, score, score, 3.0, "graded", failed, told, seen="test_a" in failed)


@pytest.fixture
def matrix():
    stub = row("stub", "stub", *TESTS)
    return Matrix(
        EXERCISE,
        {"kept": "the same by arithmetic"},
        TESTS,
        ["test_a"],
        [
            row("solution", "solution"),
            row("alternative", "other_way"),
            stub,
            row("mistake", "only_a", "test_a"),
            row("mistake", "both", "test_a", "test_b", costs_more="it is two slips"),
            row("hollow", "zeros", *TESTS),
            row("mutant", "killed", "test_a", "test_b"),
            row("mutant", "kept"),
        ],
    )


def test_points_and_messages_of_all_that_people_wrote_are_printed(matrix):
    console = Console(file=io.StringIO(), width=80)
    print_messages(console, [matrix])
    lines = console.file.getvalue().splitlines()
    assert lines[0] == f"     3/3  {EXERCISE}/solution/solution"
    mistake = lines.index(f"     1/3  {EXERCISE}/mistake/both")
    assert lines[mistake + 1 : mistake + 3] == ["        test_a: the <message>", "        test_b: the <message>"]
    assert not any("mutant" in line for line in lines)


@pytest.fixture
def printed():
    def show(*matrices, width=80):
        console = Console(file=io.StringIO(), width=width)
        print_report(console, "core", matrices, None)
        return console.file.getvalue()

    return show


def test_the_table_fits_into_80_columns_with_nothing_cut(matrix, printed):
    matrix.rows += [row("mutant", f"m{number}", "test_a") for number in range(998)]
    shown = printed(matrix)
    assert "…" not in shown
    assert re.search(rf"{EXERCISE} +2/2 +2/2 +100% +0 +999/1000 +1 +proven", shown)


def test_an_unexplained_survivor_comes_with_what_to_do_and_its_id_to_copy(matrix, printed):
    matrix.rows.append(row("mutant", "new_one@forward:3#1"))
    shown = printed(matrix)
    assert "NOT PROVEN" in shown
    assert "mutant new_one@forward:3#1 survives, unexplained" in shown
    assert f"tests/core/{EXERCISE}/equivalent_mutants.toml" in shown
    assert '"new_one@forward:3#1" = "the reason"' in shown


def test_the_json_has_the_keys_that_others_rely_on(matrix):
    report = as_json("core", [matrix])
    assert (report["schema"], report["assignment"], list(report["exercises"])) == (1, "core", [EXERCISE])
    exercise = report["exercises"][EXERCISE]
    assert exercise["tests"] == TESTS
    assert exercise["mistakes"] == {"caught": 2, "total": 2, "in_public": 2, "unseen": []}
    assert exercise["alternatives"] == {"accepted": 1, "total": 1}
    survivors = exercise["mutants"].pop("survivors")
    assert exercise["mutants"] == {"killed": 1, "equivalent": 1, "total": 2}
    assert [(entry["id"], entry["why"]) for entry in survivors] == [("kept", "the same by arithmetic")]
    assert set(survivors[0]) == {"id", "operator", "line", "diff", "why"}
    assert exercise["uncaught_by"] == {"test_a": [], "test_b": ["only_a"], "test_idle": ["only_a", "both"]}
    assert exercise["caught_by_one_test_only"] == {"test_a": ["only_a"]}


def test_half_of_the_mistakes_fail_a_public_check(matrix, printed):
    matrix.rows += [row("mistake", name, "test_b") for name in ("step_left_out", "gates_swapped")]
    assert re.search(rf"{EXERCISE} +2/2 +4/4 +50% .* proven", printed(matrix))
    matrix.rows.append(row("mistake", "wrong_axis", "test_b"))
    shown = printed(matrix)
    assert re.search(rf"{EXERCISE} +2/2 +5/5 +40% .* NOT PROVEN", shown)
    told = "40% of the mistakes fail a public check; at least 50% must"
    unseen = ["step_left_out", "gates_swapped", "wrong_axis"]
    assert re.search(rf"{EXERCISE}: {told}.* No public check sees {', '.join(unseen)}\n", shown)
    mistakes = as_json("core", [matrix])["exercises"][EXERCISE]["mistakes"]
    assert (mistakes["in_public"], mistakes["total"], mistakes["unseen"]) == (2, 5, unseen)
    text = page("Week", [matrix]).decode()
    assert told in text
    assert "2 of 5" in text


def test_it_speaks_korean_in_80_columns_and_on_the_page(matrix, printed):
    matrix.rows += [row("mutant", "new_one@forward:3#1"), *(row("mutant", f"m{n}", "test_a") for n in range(998))]
    matrix.rows += [row("mistake", f"unseen_{number}", "test_b") for number in range(8)]
    with speaking("ko"):
        shown, text = printed(matrix), page("4주차", [matrix]).decode()
    assert "…" not in shown
    assert re.search(rf"{EXERCISE} +2/2 +10/10 +20% +0 +999/1001 +1 +검증 안 됨 *\n", shown)
    assert f"{EXERCISE}: 변이 new_one@forward:3#1: 이유 없이 살아남았습니다:\n" in shown
    assert "<h1>4주차: 테스트 스위트가 찾아내는 것</h1>" in text
    assert "공개 검사를 통과하지 못하는 실수가 20%입니다." in text


def test_a_share_just_below_half_does_not_look_like_half(matrix, printed):
    matrix.rows += [row("mistake", f"seen_{number}", "test_a") for number in range(98)]
    matrix.rows += [row("mistake", f"unseen_{number}", "test_b") for number in range(101)]
    assert re.search(rf"{EXERCISE} +2/2 +201/201 +49% .* NOT PROVEN", printed(matrix))


def graded(hidden, public):
    """A result of a hidden and of a public check that have one name."""
    tests = [
        model.TestResult("test_a", "A", status, 0.0, 1.0, "visible", "", 0.0, is_public)
        for status, is_public in ((hidden, False), (public, True))
    ]
    return model.ExerciseResult(1.0, 2.0, "graded", "", tuple(tests))


@pytest.mark.parametrize(
    ("outcomes", "seen"),
    [
        ([("failed", "passed")], False),
        ([("passed", "failed")], True),
        ([("failed", "error")], True),
        ([("failed", "passed"), ("failed", "timeout")], True),
    ],
)
def test_a_mistake_is_seen_that_fails_a_public_check_with_any_seed(outcomes, seen):
    results = [graded(*each) for each in outcomes]
    assert row_of(Implementation(EXERCISE, "mistake", "it", ""), results).seen is seen


def test_without_a_mistake_there_is_no_share(matrix, printed):
    matrix.rows = [one for one in matrix.rows if one.implementation.kind != "mistake"]
    shown = printed(matrix)
    assert re.search(rf"{EXERCISE} +2/2 +0/0 +0 +1/2 +1 +proven", shown)


def test_the_page_says_which_checks_students_have(matrix):
    assert re.findall(r">(public: )?(a|b|idle)</div>", page("Week", [matrix]).decode())[:3] == [
        ("public: ", "a"),
        ("", "b"),
        ("", "idle"),
    ]


def cells(text, name):
    """Colours of a row's cells, by check."""
    found = re.findall(rf'<td class="cell (\w*)" title="{name} / (\w+)', text)
    return {test: colour for colour, test in found}


@pytest.mark.parametrize(
    ("name", "colours"),
    {
        "solution": ["right", "right", "right"],
        "other_way": ["right", "right", "right"],
        "only_a": ["only", "", ""],
        "both": ["fail", "fail", ""],
        "killed": ["fail", "fail", "unasked"],
        "kept": ["kept", "kept", "kept"],
        "zeros": ["fail", "fail", "fail"],
        "stub": ["fail", "fail", "fail"],
    }.items(),
)
def test_a_cell_says_by_its_colour_what_the_check_makes_of_the_implementation(matrix, name, colours):
    assert cells(page("Week", [matrix]).decode(), name) == dict(zip(TESTS, colours, strict=True))


@pytest.mark.parametrize(
    ("kind", "failed", "colours"),
    [
        ("alternative", ["test_b"], ["right", "wrong", "right"]),
        ("mistake", [], ["wrong", "wrong", "wrong"]),
        ("hollow", TESTS[1:], ["wrong", "fail", "fail"]),
    ],
)
def test_what_is_not_as_it_should_be_has_a_colour_of_its_own(matrix, kind, failed, colours):
    matrix.rows.append(row(kind, "odd", *failed))
    text = page("Week", [matrix]).decode()
    assert cells(text, "odd") == dict(zip(TESTS, colours, strict=True))
    assert "not proven" in text


def test_a_check_that_is_never_alone_is_told_from_one_that_notices_nothing(matrix):
    text = page("Week", [matrix]).decode()
    classes = dict(re.findall(r'<th scope="col" class="test (\w*)"><div title="[^"]*">(?:public: )?(\w+)<', text)[::-1])
    assert dict(re.findall(r'<div title="(\w+): (notices [^"]*)"', text)) == {
        "test_a": "notices 3, 1 of them alone",
        "test_b": "notices 2",
        "test_idle": "notices 0",
    }
    assert set(classes) == {"", "never", "idle"}


def test_a_message_cannot_break_out_of_the_page(matrix):
    text = page("<b>", [matrix]).decode()
    assert "<message>" not in text
    assert "the &lt;message&gt;" in text
    assert "<title>&lt;b&gt;" in text


# -- what a slip costs ---------------------------------------------------------------------------------------------


def priced(kind, best, worst, costs_more=""):
    """An implementation that gets so many of 100 points, with the kindest seed and with the hardest."""
    implementation = Implementation(EXERCISE, kind, "it", "", costs_more=costs_more)
    return Row(implementation, worst, best, 100.0, "graded", TESTS, {}, seen=True)


@pytest.mark.parametrize(
    ("kind", "best", "worst", "said"),
    [
        ("mistake", 91, 60, "mistake it costs 9%; one slip costs 10% at least"),
        ("mistake", 100, 60, "mistake it costs 0%; one slip costs 10% at least"),
        ("mistake", 60, 39, "mistake it costs 61%; one slip costs 60% at most, or its file says why"),
        ("hollow", 6, 0, "hollow it gets 6 of 100 points for computing nothing"),
        ("stub", 1, 0, "the untouched stub gets 1 points"),
    ],
)
def test_points_that_do_not_fit_are_not_proven_with_any_seed(matrix, printed, kind, best, worst, said):
    matrix.rows.append(priced(kind, best, worst))
    shown = printed(matrix)
    assert "NOT PROVEN" in shown
    assert said in shown


@pytest.mark.parametrize(
    "fitting",
    [
        priced("mistake", 90, 40),
        priced("mistake", 0, 0, costs_more="nothing of it is right"),
        priced("hollow", 5, 0),
        priced("stub", 0, 0),
    ],
    ids=["10 to 60 %", "more, and why", "5 % for nothing", "0 for the stub"],
)
def test_points_that_fit_are_proven(matrix, fitting):
    matrix.rows.append(fitting)
    assert matrix.proven


def test_what_is_wrong_with_the_suite_is_told_to_its_author():
    test = model.TestResult(
        "test_a", "A", "error", 0, 1, "visible", "Tell your instructor.", 0, False, fault="a lambda"
    )
    result = model.ExerciseResult(0, 1, "graded", "", (test,))
    assert row_of(Implementation(EXERCISE, "solution", "it", ""), [result]).messages == {"test_a": "a lambda"}
