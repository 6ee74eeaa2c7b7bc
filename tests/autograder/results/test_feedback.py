"""What a student reads: marks, the first thing that is wrong, what else, what works, and nothing that is hidden."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from markdown_it import MarkdownIt

from autograder.course.assignment import Assignment, Exercise
from autograder.results.feedback import feedback, traces
from autograder.results.html import instructor_html, student_html
from autograder.results.model import Diagnosis, Excerpt, Number
from autograder.results.page import page_of
from autograder.results.prose import prose

HOSTILE = """EVIL first line
# EVIL heading
```
EVIL out of a fence
~~~
| EVIL | table |
|---|---|
| EVIL | <img src="EVIL"> |
<script>EVIL</script>
EVIL setext
===
---
* EVIL list
+ EVIL list

> EVIL quotation

[EVIL]: http://example.org
1. EVIL ![](http://example.org/EVIL)\rEVIL return\x0b# EVIL tab\x0c# EVIL feed\u2028# EVIL separator\x85# EVIL line
**EVIL bold** `EVIL code`` &lt;EVIL&gt; www.EVIL.org _EVIL_ ~EVIL~ :EVIL: `` ``` EVIL``

\t\t# EVIL after tabs
</pre></code></div># EVIL"""
ADDS = Diagnosis("adds", "adds two instead of doubling", "Try 3.", cause=1)
SQUARES = Diagnosis("squares", "squares", "Try 4.", cause=1)


@pytest.fixture
def page(make):
    """The feedback on one exercise with these tests."""

    def write(*tests, notes=(), **fields):
        return feedback(page_of(make.result(notes=notes, double=make.exercise(*tests, **fields)), make.assignment))

    return write


@pytest.fixture
def html(make):
    """The same as HTML: what students get, and what instructors get."""

    def write(*tests, notes=(), **fields):
        result = make.result(notes=notes, double=make.exercise(*tests, **fields))
        page = page_of(result, make.assignment)
        both = student_html(page), instructor_html(page, result, make.assignment)
        return SimpleNamespace(student=both[0].decode(), instructor=both[1].decode())

    return write


def test_the_marks_come_first(make):
    result = make.result(
        double=make.exercise(make.test(points=3.0), make.test("failed", points=1.0)),
        shift=make.exercise(make.test(points=0.5)),
    )
    assert feedback(page_of(result, make.assignment)).splitlines()[:9] == [
        "# Demonstration",
        "",
        "**kim: 3.5 of 4.5 points**",
        "",
        "| exercise | points | state |",
        "|---|---|---|",
        "| Doubling | 3 of 4 | partly right |",
        "| Shifting | 0.5 of 0.5 | complete |",
        "",
    ]


def test_what_is_complete_is_a_row_of_the_table_and_no_more(page, make):
    assert "#" not in page(make.test(), make.test()).removeprefix("# Demonstration")


def test_what_was_not_started_is_a_row_too(page, make):
    excerpt = Excerpt(9, "line 9", 9, 0, ("raise NotImplementedError",))
    text = page(*[make.test("error", "Not implemented yet.", line=9)] * 20, excerpts=(excerpt,))
    assert "| Doubling | 0 of 40 | not started, see line 9 |" in text
    assert text.endswith("in place of the line that raises NotImplementedError. Then the checks say more.\n")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('raise ValueError("nothing fits")', "Your own line raises this. Which condition leads to it"),
        ("raised = steps[3]", "Make that line work in this case"),
    ],
)
def test_an_exception_that_the_code_raises_itself_is_told_as_such(page, make, line, hint):
    excerpt = Excerpt(4, "line 4", 3, 1, ("if not found:", f"    {line}"))
    error = make.test("error", "Your code raised ValueError.", line=4, cause=1)
    assert f"**Hint:** {hint}" in page(error, make.test(), make.test(), excerpts=(excerpt,))


def test_the_first_thing_that_is_wrong_is_told_whole_and_what_follows_from_it_is_counted(page, make):
    text = page(
        make.test(),
        make.test("failed", "The output differs.\nHint: Look at it.", title="Values", cause=1),
        *[make.test("failed", "The gradient differs.", title="Gradients", cause=1)] * 7,
    )
    assert text.endswith(
        "## Doubling: 2 of 18 points\n\n"
        "*Checked: Values.*\n\n"
        "The output differs.\n\n"
        "**Hint:** Look at it.\n\n"
        "8 checks fail for this reason. Points lost: 16.\n\n"
        "Works: 1 of 9 checks.\n"
    )


def test_what_is_wrong_for_another_reason_has_a_line_of_its_own_and_the_rest_is_counted(page, make):
    text = page(
        make.test("failed", "The output differs.", cause=1),
        make.test("failed", "The gradient\ndiffers.\nHint: Look.", points=1.5, cause=2),
        make.test("failed", "long " * 100, title="Buffers", score=0.5, cause=3),
        make.test("failed", "Again.", cause=2),
        make.test("failed", "Something else.", cause=4),
        make.test("failed", "And more.", cause=5),
        *[make.test("failed", f"Cause {number}.", cause=number) for number in (6, 7)],
    )
    assert text.endswith(
        "**Also wrong, perhaps through the same mistake:**\n\n"
        "- The gradient differs. 2 checks fail for this reason. Points lost: 3.5.\n"
        f"- {'long ' * 29}... Points lost: 1.5.\n"
        "- Something else. Points lost: 2.\n"
        "- And more. Points lost: 2.\n\n"
        "2 more checks fail for yet other reasons. Points lost: 4.\n"
    )


def test_a_known_mistake_is_told_with_its_hint_and_without_that_of_the_check(page, make):
    text = page(make.test("failed", "The message.\nHint: Of the check.", cause=1), diagnosis=(ADDS,))
    assert "**Your code behaves exactly like code that adds two instead of doubling.**\n\n**Hint:** Try 3.\n" in text
    assert "Of the check" not in text


def test_a_hint_of_several_lines_is_one_paragraph_and_keeps_the_blanks_of_its_code(page, make):
    text = page(make.test("failed", "The message.\nHint: Of the\n  check: `'a  b'`.", cause=1))
    assert "\n\n**Hint:** Of the check: `'a  b'`.\n" in text


def test_several_that_cannot_be_told_apart_are_a_list(page, make):
    text = page(make.test("failed", "The message.", cause=1), diagnosis=(ADDS, SQUARES))
    assert (
        "which:\n\n- code that adds two instead of doubling. **Hint:** Try 3.\n- code that squares. **Hint:**" in text
    )


def test_a_known_mistake_behind_another_cause_is_told_there(page, make):
    tests = [make.test("failed", "first", cause=1), make.test("failed", "second", cause=2)]
    text = page(*tests, diagnosis=(Diagnosis("adds", "adds two", "Try 3.", cause=2),))
    assert "- Your code behaves exactly like code that adds two. Points lost: 2.\n" in text
    assert "**Hint:** Try 3." not in text


def test_the_student_s_own_lines_stand_beside_the_error(page, html, make):
    excerpt = Excerpt(12, "line 12", 11, 1, ("a = <b>", "*c* = d", "x" * 200))
    failed, fields = make.test("error", "It raised.", line=12, cause=1), {"excerpts": (excerpt,)}
    wrapped = f"      13  {'x' * 66}\n          {'x' * 66}\n          {'x' * 66}\n          xx\n"
    assert f"Your code at line 12:\n\n      11  a = <b>\n    > 12  *c* = d\n{wrapped}" in page(failed, **fields)
    assert '<code class="line fault">▶  12  *c* = d</code>' in html(failed, **fields).student
    assert "Your code" not in page(make.test("failed", "It differs.", cause=1), **fields)


def test_few_numbers_are_shown_beside_what_was_expected(page, make):
    numbers = (Number("[0]", "1.5", "2"), Number("[1]", "3", "3"))
    text = page(
        make.test("failed", "The output differs.", cause=1),
        make.test("failed", "x is 1: it differs.", numbers=numbers, cause=1),
    )
    assert "In numbers: x is 1: it differs.\n\n| at | got | expected |\n|---|---|---|\n| [0] | 1.5 | 2 |\n" in text


def test_what_a_cause_costs_adds_up_to_the_exercise_s_marks(page, make):
    tests = [make.test("failed", "It differs.", points=0.27, cause=1) for _ in range(3)]
    text = page(*tests, max_score=0.8, score=0.0)
    assert "3 checks fail for this reason. Points lost: 0.8." in text


def test_points_that_do_not_count_yet_are_explained(page, make):
    text = page(make.test(score=0.0, note="It counts later."), make.test("failed", "x", title="Values"))
    assert text.endswith(" It counts later.\n")


def test_hidden_failures_are_counted_and_nothing_else(page, html, make):
    tests = [make.test("failed", "can be seen"), make.test("failed", "cannot", title="Secret", visibility="hidden")]
    for text in (page(*tests), html(*tests).student):
        assert "A hidden check does not pass, too." in text
        assert "can be seen" in text
        assert "cannot" not in text
        assert "Secret" not in text
    assert "3 more checks do not pass; they are hidden." in page(tests[0], *tests[1:] * 3)


def test_an_exercise_that_was_not_graded_says_why_and_nothing_else(page, make):
    tests = [make.test("error", "double.py was not handed in.")] * 2
    text = page(*tests, status="missing", message="double.py was not handed in.")
    assert text.count("double.py was not handed in.") == 1
    assert "| Doubling | 0 of 4 | not found |" in text


def test_of_many_reasons_the_first_are_enough(page, make):
    message = "\n".join(f"line {number} uses what it must not" for number in range(200))
    text = page(make.test("error"), status="not_allowed", message=message)
    assert text.endswith("line 5 uses what it must not\n\nAnd 194 more lines.\n")


def test_what_was_ignored_is_told(page, make):
    assert "\n> Ignored old.py.\n" in page(make.test(), notes=("Ignored old.py.",))


def test_traces_and_evidence_are_for_instructors_and_folded_away(html, make):
    failed = make.test("failed", "the <message>", trace="Traceback <1>", visibility="hidden")
    pages = html(failed, evidence=("line 3 uses `nn`",), doubtful=("line 4",))
    assert "Traceback" not in pages.student
    assert "line 3" not in pages.student
    assert "<pre>Traceback &lt;1&gt;</pre>\n</details>" in pages.instructor
    assert "line 3 uses `nn`" in pages.instructor


def test_what_instructors_read_in_markdown_holds_them_too(make):
    result = make.result(
        double=make.exercise(make.test("failed", "the\nmessage", trace="Trace\nback"), doubtful=("x",))
    )
    text = traces(result, make.assignment)
    assert "Seed 5, suite 0123456789abcdef, isolation full." in text
    assert "### `test_outputs (after_due_date)`\n\n    the\n    message\n\n    Trace\n    back\n" in text


# -- text that students write -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [1, 2])
def test_nothing_that_a_student_writes_is_markup(page, html, make, cause):
    """As message, reason, note and line of code: tags, headings, lists and tables are those of plain words."""

    def tags(words):
        fields = {"notes": (words,), "excerpts": (Excerpt(1, "line 1", 1, 0, (" ".join(words.split()),)),)}
        tests = [make.test("failed", "first", cause=1), make.test("failed", words, cause=cause, line=1)]
        written = page(*reversed(tests), **fields) + page(status="syntax", message=words)
        shown = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(written)
        found = [set(re.findall(r"<\w+", text)) for text in (shown, html(*tests, **fields).student)]
        return found, len(re.findall(r"<h\d|<table|<ul|<ol|<hr", shown)), shown

    plain, evil = tags("plain words `code`"), tags(HOSTILE)
    assert evil[:2] == plain[:2]
    assert evil[2].count("EVIL") > 60


@pytest.mark.parametrize("student", ["a_b", "Ann-Lee 2", "<b>", "*100*", "`x`", "김민준"])
def test_a_name_is_shown_as_it_is(make, student):
    result = make.result(student, double=make.exercise(make.test()))
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(feedback(page_of(result, make.assignment)))
    bare = re.sub(r"</?(?:code|strong)>", "", shown)
    assert f"<p>{student.replace('<', '&lt;').replace('>', '&gt;')}: 2 of 2 points</p>" in bare


def test_megabytes_of_a_name_are_no_megabytes_of_a_page(page, html, make):
    long = "x_y " * 1_000_000
    failed = make.test("failed", f"called {long}")
    assert len(page(failed, make.test("failed", long), notes=(long,))) < 30_000
    assert len(html(failed, status="syntax", message=long).student) < 60_000


def test_a_page_for_one_who_is_wrong_everywhere_is_short(make):
    tests = [make.test("failed", "word " * 20, title="a title of eight words or more", cause=n) for n in range(1, 9)]
    exercise = make.exercise(*tests, make.test())
    sections = dict.fromkeys("abcdef", exercise)
    exercises = tuple(Exercise(name=name, title="A title", points=4, names=(name,)) for name in sections)
    page = page_of(make.result(**sections), Assignment("Demonstration", "demo", exercises))
    assert len(feedback(page).split()) < 700


@pytest.mark.parametrize(
    ("message", "pieces"),
    [
        (
            "Block(a=1, b=(2, 3)) in evaluation mode: it differs.",
            "[Block(a=1, b=(2, 3))] in evaluation mode: it differs.",
        ),
        ("`a.b` has shape (2, 9), at [0, -1]", "[a.b] has shape (2, 9), at [[0, -1]]"),
        ("max_norm=1.9, norm: x * y <= 2 (in_channels)", "[max_norm=1.9], norm: x * y <= 2 ([in_channels])"),
        ("has {'a': (1,)}; nothing", "has [{'a': (1,)}]; nothing"),
        ("- one", "[-] one"),
        ("1. one", "[1]. one"),
        ("`x``y`", "[xy]"),
        (
            "norm_type을 따름, `x.py`을(를) 열고 torch을(를) f(x)로",
            "[norm_type]을 따름, [x.py]을(를) 열고 torch을(를) [f(x)]로",
        ),
        ("generator(으)로 넘긴 값, 값(들)", "generator(으)로 넘긴 값, 값(들)"),
        ("새 c(입력 게이트와 같음) 값", "새 c(입력 게이트와 같음) 값"),
        ('Try  `"a  b\\tc".split(" ")`\n or f(a,  b).', 'Try ["a  b\\tc".split(" ")] or [f(a,  b)].'),
        ("see www.example.org or a://b", "see [www.example.org] or [a://b]"),
    ],
)
def test_code_is_told_from_prose(message, pieces):
    assert "".join(f"[{piece.text}]" if piece.is_code else piece.text for piece in prose(message)) == pieces


NEXT = {
    "leftover": "Delete that line",
    "value": "a small input",
    "names": "every name and shape with the stub",
}
RAISED = {
    "at a line": ({"line": 7}, "Make that line work"),
    "in a backward pass": ({"line": 0}, "what your code had returned or kept"),
    "as weights do not fit": ({"line": 0, "kind": "names"}, "every name and shape with the stub"),
    "as there is nothing of that name": ({"line": 0, "kind": "missing"}, "by the name that the stub has"),
}


@pytest.mark.parametrize(("fields", "advice"), RAISED.values(), ids=RAISED)
def test_what_to_try_next_fits_where_an_exception_comes_from(page, make, fields, advice):
    assert advice in page(make.test("error", "It raised.", **fields)).partition("**Hint:** ")[2]


@pytest.mark.parametrize(("kind", "advice"), NEXT.items(), ids=NEXT)
def test_what_to_try_next_fits_what_is_wrong(page, make, kind, advice):
    assert advice in page(make.test("failed", "It is wrong.", kind=kind)).partition("**Hint:** ")[2]
