"""What a student reads: marks, the first thing that does not work, what works, and nothing that is hidden."""

from __future__ import annotations

import pytest

from autograder.results.feedback import feedback
from autograder.results.model import Diagnosis

TITLES = {"double": "Doubling", "shift": "Shifting"}


@pytest.fixture
def page(make):
    """The feedback on one exercise with these tests."""

    def write(*tests, notes=(), **fields):
        return feedback(make.result(notes=notes, double=make.exercise(*tests, **fields)), TITLES)

    return write


def test_the_marks_come_first(make):
    result = make.result(
        double=make.exercise(make.test(points=3.0), make.test("failed", points=1.0)),
        shift=make.exercise(make.test(points=0.5)),
    )
    assert feedback(result, TITLES).splitlines()[:9] == [
        "# demo: kim",
        "",
        "**3.5 of 4.5 points**",
        "",
        "| exercise | points | |",
        "|---|---|---|",
        "| Doubling | 3 / 4 | partly right |",
        "| Shifting | 0.5 / 0.5 | complete |",
        "",
    ]


def test_every_exercise_has_a_heading_with_its_marks(page, make):
    assert "\n## Doubling: 2 / 4\n" in page(make.test(), make.test("failed"))


def test_what_was_ignored_is_told(page, make):
    assert "\n> Ignored old.py.\n" in page(make.test(), notes=("Ignored old.py.",))


def test_full_marks_are_told(page, make):
    assert "All 3 checks pass." in page(make.test(), make.test(), make.test())


def test_what_works_is_named(page, make):
    text = page(make.test(title="Names"), make.test(title="Shapes"), make.test("failed", "the message", title="Values"))
    assert text.endswith("\n\n**Works:** Names; Shapes.\n")  # after what does not: it may be long


def test_points_that_do_not_count_yet_are_explained(page, make):
    names = make.test(title="Names", score=0.0, note="It counts later.")
    text = page(names, make.test("failed", title="Values"))
    assert text.endswith("**Does not count yet:** what is about names and form alone. It counts later.\n")


def test_a_check_is_listed_with_what_it_costs(page, make):
    first, again = (
        make.test("failed", "x differs", 3.0),
        make.test("failed", "y differs", 3.0, title="Again", score=2.0),
    )
    assert "- Again (1 point): y differs" in page(first, again)


def test_the_first_failure_is_told_with_its_message(page, make):
    text = page(make.test(), make.test("failed", "first line\nsecond line", title="Values"))
    assert "**Look at this first:** Values" in text
    assert "\n    first line\n    second line\n" in text


def test_a_message_is_a_block_in_which_nothing_is_read_as_markup(page, make):
    text = page(make.test("failed", "# <b>bold</b>\n\n| table |"))
    assert "\n    # <b>bold</b>\n    \n    | table |" in text


def test_the_other_failures_follow_on_one_line_each(page, make):
    text = page(
        make.test("failed", "the first message"),
        make.test("failed", "another\nmessage", title="Gradients", points=1.5),
        make.test("failed", "the first message", title="Buffers"),
    )
    assert "- Gradients (1.5 points): another message" in text
    assert "- Buffers (2 points): the same" in text


def test_checks_with_the_same_message_are_told_together(page, make):
    not_run = "Not run: earlier checks already ran out of time."
    text = page(
        make.test("timeout", "the first message"),
        make.test("timeout", not_run, title="Gradients", points=1.5),
        make.test("failed", "another message", title="Shapes", points=0.5),
        make.test("timeout", not_run, title="Buffers", points=1.0),
        make.test("timeout", not_run, title="Names", points=3.0),
    )
    assert text.endswith(
        "**Then:**\n\n"
        "- 3 checks (5.5 points): Not run: earlier checks already ran out of time. "
        "These are: Gradients; Buffers; Names.\n"
        "- Shapes (0.5 points): another message\n"
    )


def test_checks_with_the_message_of_the_first_are_told_together(page, make):
    tests = [make.test("error", "Not implemented yet.", title=title) for title in ("Names", "Shapes", "Values")]
    assert "\n- 2 checks (4 points): the same message as the first. These are: Shapes; Values.\n" in page(*tests)


@pytest.mark.parametrize("message", ["Is there a loop?", "It differs.", "Stop!"])
def test_a_message_told_for_several_checks_keeps_its_end(page, make, message):
    others = [make.test("failed", message, title=title) for title in ("Names", "Shapes")]
    assert f": {message} These are: Names; Shapes.\n" in page(make.test("failed", "the first message"), *others)


def test_so_does_one_that_is_shown_as_code(page, make):
    others = [make.test("failed", "Is it <b>?", title=title) for title in ("Names", "Shapes")]
    text = page(make.test("failed", "the first message"), *others)
    assert ": ` Is it <b>? ` These are: Names; Shapes.\n" in text


def test_cases_of_one_test_are_one_among_the_checks_with_the_same_message(page, make):
    cases = [
        make.test("error", "the message", name=f"test_values[{case}]", title=f"Values ({case})")
        for case in ("small", "large")
    ]
    text = page(make.test("error", "the message", title="Names"), *cases, make.test("error", "the message"))
    assert "\n- 2 checks (6 points): the same message as the first. These are: Values; Same outputs.\n" in text


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("<b>bold</b>\n\n# 100 of 100", "` <b>bold</b> # 100 of 100 `"),
        ("`x` and ``` [y](javascript:z)", "```` `x` and ``` [y](javascript:z) ````"),
        ("__all__", "` __all__ `"),
    ],
)
def test_in_a_list_nothing_of_a_message_is_read_as_markup(page, make, message, line):
    text = page(make.test("failed", "the first message"), make.test("failed", message, title="Gradients"))
    assert f"\n- Gradients (2 points): {line}\n" in text


def test_in_a_list_a_long_message_is_cut(page, make):
    text = page(make.test("failed", "the first message"), make.test("failed", "x" * 5_000, title="Gradients"))
    assert f": {'x' * 1_000} ...\n" in text


def test_hidden_failures_are_counted_and_nothing_else(page, make):
    text = page(
        make.test("failed", "what can be seen"),
        make.test("failed", "what cannot be seen", title="A secret", visibility="hidden"),
    )
    assert "A hidden check does not pass, too." in text
    assert "what can be seen" in text
    assert "what cannot be seen" not in text
    assert "A secret" not in text


def test_several_hidden_failures_are_counted(page, make):
    hidden = [make.test("failed", "unseen", title=f"Secret {number}", visibility="hidden") for number in range(3)]
    assert "3 more checks do not pass; they are hidden." in page(*hidden)


def test_traces_are_for_instructors(page, make):
    assert "Traceback" not in page(make.test("failed", "the message", trace="Traceback ..."))


def test_an_exercise_that_was_not_graded_says_why_and_nothing_else(page, make):
    tests = [make.test("error", "double.py was not handed in.")] * 2
    text = page(*tests, status="missing", message="double.py was not handed in.")
    assert text.count("double.py was not handed in.") == 1
    assert "| Doubling | 0 / 4 | not found |" in text


def test_cases_of_one_test_are_told_together(page, make):
    cases = [make.test(name=f"test_values[{case}]", title=f"Values ({case})") for case in ("small", "large")]
    assert "**Works:** Values." in page(*cases, make.test("failed", title="Other", name="test_other"))


def test_a_diagnosis_is_told_with_its_hint(page, make):
    diagnosis = (Diagnosis("adds", "adds two instead of doubling", "Try 3."),)
    text = page(make.test("failed", "the message"), diagnosis=diagnosis)
    assert "behaves exactly like one that adds two instead of doubling" in text
    assert "Hint: Try 3." in text


NEXT = {
    "left over": ("Delete line 9, `raise`: what stands below it is never reached.", "delete that line"),
    "a value": ("Block(3): the output differs in 5 of 8 values, by up to 1.2 at [0].", "a small input in float64"),
    "a name": ("Block(3): no parameter or buffer is called `fc.weight`.", "the name and the shape that the stub"),
    "a layer too many": ("Block(3): `conv.bias` are not asked for.", "the name and the shape that the stub"),
    "a shape": ("Block(3): `fc.weight` has shape (3, 4), expected (4, 3).", "the name and the shape that the stub"),
    "anything else": ("replace_head(DenseNet): these should be frozen: `features`.", "by hand, with sizes as small"),
}


@pytest.mark.parametrize(("message", "advice"), NEXT.values(), ids=NEXT)
def test_what_to_try_next_fits_what_is_wrong(page, make, message, advice):
    text = page(make.test("failed", message))
    assert advice in text.partition("**Next:** ")[2]
