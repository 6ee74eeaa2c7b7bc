"""results.json: everything is told to whom it is meant for, in a form that Gradescope shows as it is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from markdown_it import MarkdownIt
from msgspec import structs

from autograder import __version__
from autograder.course.assignment import Feedback, Gradescope
from autograder.gradescope.metadata import Earlier
from autograder.gradescope.policy import Lateness, Refusal
from autograder.gradescope.report import not_graded, refused, results_of
from autograder.results.model import NOT_RUN, Number, Result

STATUSES = ["missing", "misnamed", "syntax", "unreadable", "archive", "not_allowed", "not_loaded", NOT_RUN]
HIDDEN = ["after_due_date", "after_published", "hidden"]
STOPPED = "Not run: the time for grading was nearly up."
NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
EARLIER = Earlier(NOON - timedelta(hours=2), 3.25, failed=False, results=None)
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
* EVIL list

> EVIL quotation

[EVIL]: http://example.org
1. EVIL ![](http://example.org/EVIL)\rEVIL return\x0b# EVIL tab\x0c# EVIL feed\u2028# EVIL separator\x85# EVIL line
**EVIL bold** `EVIL code` &lt;EVIL&gt;

\t\t# EVIL after tabs
</pre></code></div># EVIL"""


@pytest.fixture
def told(make, valid) -> Callable[..., Any]:
    """results.json for a result; the circumstances and the assignment may be given."""

    def tell(result: Result, assignment: Any = None, **circumstances: Any) -> Any:
        circumstances = {"seconds": 1.5, "stopped": STOPPED, **circumstances}
        return valid(results_of(result, assignment or make.assignment, **circumstances))

    return tell


def policy(make: Any, **fields: Any) -> Any:
    """The assignment with another policy for feedback."""
    return structs.replace(make.assignment, feedback=Feedback(**fields))


def shown(text: str) -> str:
    """What a browser shows of this Markdown."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(text)


# --- entries ---


@pytest.mark.parametrize("status", STATUSES)
def test_an_exercise_that_was_not_graded_has_an_entry_for_each_check_with_the_reason(told, make, status):
    tests = [make.test("error", "the reason") for _ in range(3)]
    document = told(make.result(make.exercise(*tests, status=status, message="the reason")))
    entries = [entry for entry in document["tests"] if entry["name"].startswith("Doubling")]
    assert [entry["status"] for entry in entries] == ["failed"] * 3
    assert [entry["score"] for entry in entries] == [0.0] * 3
    assert {entry["output"] for entry in entries} == {STOPPED if status == NOT_RUN else "the reason"}
    assert document["score"] == 1.0


def test_every_check_has_an_entry_with_title_points_status_and_format(told, make):
    double = make.exercise(make.test(points=1.5, title="Shapes"), make.test("failed", "wrong", 2.5, title="Values"))
    entries = told(make.result(double))["tests"]
    assert entries[:2] == [
        {
            "name": "Doubling: Shapes",
            "number": "1.1",
            "score": 1.5,
            "max_score": 1.5,
            "status": "passed",
            "visibility": "visible",
            "output": "Passed.",
            "output_format": "md",
        },
        {
            "name": "Doubling: Values",
            "number": "1.2",
            "score": 0.0,
            "max_score": 2.5,
            "status": "failed",
            "visibility": "visible",
            "output": "wrong",
            "output_format": "md",
        },
    ]
    assert [entry["number"] for entry in entries] == ["1.1", "1.2", "2.1"]


@pytest.mark.parametrize("status", ["failed", "error", "timeout"])
def test_whatever_did_not_pass_is_failed(told, make, status):
    entry = told(make.result(make.exercise(make.test(status, "message"))))["tests"][0]
    assert (entry["status"], entry["score"], entry["output"]) == ("failed", 0.0, "message")


def test_a_note_says_why_the_score_is_not_what_the_status_would_give(told, make):
    withheld = make.test(score=0.0, note="It counts later.")
    again = make.test("failed", "x differs.", score=0.5, note="As before.")
    passed, failed = told(make.result(make.exercise(withheld, again)))["tests"][:2]
    assert (passed["status"], passed["score"], passed["output"]) == ("passed", 0.0, "Passed.\n\nIt counts later.")
    assert (failed["status"], failed["score"], failed["output"]) == ("failed", 0.5, "x differs.\n\nAs before.")


def test_a_check_that_failed_without_a_message_is_not_said_to_have_passed(told, make):
    entry = told(make.result(make.exercise(make.test("failed", ""))))["tests"][0]
    assert "Passed" not in entry["output"]


@pytest.mark.parametrize("visibility", ["visible", *HIDDEN])
def test_each_entry_has_the_visibility_of_its_check(told, make, visibility):
    entries = told(make.result(make.exercise(make.test(), make.test(visibility=visibility))))["tests"]
    assert [entry["visibility"] for entry in entries] == ["visible", visibility, "visible"]


def test_what_students_see_now_comes_first_in_each_exercise(told, make):
    hidden, seen = make.test(visibility="hidden", title="Secret"), make.test(title="Open")
    entries = told(make.result(make.exercise(hidden, seen)))["tests"]
    assert [(entry["number"], entry["name"]) for entry in entries[:2]] == [
        ("1.1", "Doubling: Open"),
        ("1.2", "Doubling: Secret"),
    ]


def test_max_scores_sum_to_the_total_of_the_assignment(told, make):
    tests = [
        make.test("failed", "wrong", 1.3),
        make.test(points=2.7),
        make.test("error", "stop", 0, visibility="hidden"),
    ]
    entries = told(make.result(make.exercise(*tests), make.exercise(make.test(), status=NOT_RUN)))["tests"]
    assert sum(entry["max_score"] for entry in entries) == pytest.approx(make.assignment.total_points)


def test_stdout_is_for_instructors(told, make):
    assert told(make.result(make.exercise(make.test())))["stdout_visibility"] == "hidden"


def test_extra_data_says_how_to_repeat_the_grading(told, make):
    document = told(make.result(make.exercise(make.test())), submission="77")
    assert document["extra_data"] == {
        "engine": __version__,
        "seed": 5,
        "suite": "0123456789abcdef",
        "isolation": "full",
        "submission": "77",
    }


def test_the_time_that_it_took_is_told(told, make):
    assert told(make.result(make.exercise(make.test())), seconds=12.3456)["execution_time"] == 12.35


def test_what_stands_there_before_anything_is_known_is_valid_and_blames_nobody(valid):
    document = valid(not_graded())
    assert document["score"] == 0
    assert "could not be graded yet" in document["output"]
    assert "no fault of your code" in document["output"]
    assert document["stdout_visibility"] == "hidden"


# --- the opening summary ---


def test_full_marks_without_hidden_checks_are_told_as_points(told, make):
    output = told(make.result(make.exercise(make.test(points=4))))["output"]
    assert output.startswith("**Demonstration: 5 of 5 points**")
    assert "### " not in output


def test_the_table_has_visible_checks_and_points_of_each_exercise(told, make):
    hidden = make.test(visibility="hidden", points=2)
    double = make.exercise(make.test(points=1.5), make.test("failed", "wrong", 0.5), hidden)
    output = told(make.result(double, make.exercise(make.test("error"), status="not_loaded", message="no")))["output"]
    assert "| Doubling | 1 of 2 | 1.5 / 2 |\n| Shifting | cannot be imported | 0 / 1 |" in output


@pytest.mark.parametrize("visibility", HIDDEN)
@pytest.mark.parametrize("diagnosis", ["after_due_date", "off"])
@pytest.mark.parametrize("shown", ["passed", "failed"])
def test_the_summary_is_the_same_whatever_hidden_checks_found(told, make, visibility, diagnosis, shown):
    def output(*hidden: tuple[str, str], diagnosed: bool) -> str:
        tests = [make.test(status, message, visibility=visibility, title="Secret") for status, message in hidden]
        first = make.test(shown, "what can be seen" if shown == "failed" else "", title="Open")
        known = (make.diagnosis(), make.diagnosis("halves")) if diagnosed else ()
        result = make.result(make.exercise(first, *tests, diagnosis=known))
        return str(told(result, policy(make, diagnosis=diagnosis))["output"])

    all_pass = output(*[("passed", "")] * 3, diagnosed=False)
    assert output(*[("failed", "a secret")] * 3, diagnosed=True) == all_pass
    assert output(("passed", ""), ("error", "a secret"), ("timeout", "too long"), diagnosed=True) == all_pass
    assert "Secret" not in all_pass


@pytest.mark.parametrize(
    ("visibility", "when"),
    [
        ("after_due_date", "after the due date"),
        ("after_published", "when the grades are published"),
        ("hidden", "to instructors only"),
    ],
)
def test_the_summary_says_how_many_checks_are_hidden_and_until_when(told, make, visibility, when):
    tests = [make.test(visibility=visibility, points=1.5), make.test("failed", "x", visibility=visibility, points=1.5)]
    output = told(make.result(make.exercise(make.test(), *tests)))["output"]
    assert output.startswith(
        "**Demonstration: 2 of 2 visible checks passed, 2 of 2 points.** "
        f"The other 2 checks, worth 3 points, are shown {when}."
    )


def test_a_hint_and_few_numbers_of_a_public_check_stand_in_its_entry(told, make):
    failed = make.test("failed", "The output differs.\nHint: Look.", numbers=(Number("[0]", "1", "2"),))
    output = told(make.result(make.exercise(failed)))["tests"][0]["output"]
    assert output == "The output differs.\n\n**Hint:** Look.\n\n| at | got | expected |\n|---|---|---|\n| [0] | 1 | 2 |"


def test_what_is_wrong_is_told_of_each_exercise_as_on_the_page(told, make):
    hidden = make.test("failed", "a secret", visibility="hidden")
    first, second = make.test("failed", "The first.", title="Values", kind="value"), make.test("failed", "The second.")
    shift = make.exercise(make.test("error", "not found"), status="missing", message="`shift.py` was not found")
    output = told(make.result(make.exercise(make.test(), hidden, first, second), shift))["output"]
    assert "\n\n### Doubling: 1 of 3 points\n\n*Checked: Values.*\n\nThe first.\n\n**Hint:** " in output
    assert "- The second. Points lost: 1.\n\nWorks: 1 of 3 checks.\n\n" in output
    assert output.endswith("### Shifting: 0 of 1 points\n\n`shift.py` was not found")
    assert "secret" not in output


@pytest.mark.parametrize(("diagnosis", "checks"), [("visible", "2 checks fail"), ("off", "The second.")])
def test_one_cause_is_told_of_where_known_mistakes_are(told, make, diagnosis, checks):
    tests = [make.test("failed", message, cause=1) for message in ("The first.", "The second.")]
    assert checks in told(make.result(make.exercise(*tests)), policy(make, diagnosis=diagnosis))["output"]


def test_what_was_not_run_is_not_what_to_do_first(told, make):
    output = told(make.result(make.exercise(make.test("error"), status=NOT_RUN)))["output"]
    assert "### " not in output
    assert f"**Not everything was graded.** {STOPPED}" in output


def test_a_visible_diagnosis_stands_in_the_summary_and_nowhere_else(told, make):
    diagnosis = structs.replace(make.diagnosis(), cause=1)
    double = make.exercise(make.test("failed", "wrong", cause=1), diagnosis=(diagnosis,))
    document = told(make.result(double), policy(make, diagnosis="visible"))
    assert "**Your code behaves exactly like code that forgets half.**" in document["output"]
    assert "**Hint:** Hint about what forgets half." in document["output"]
    assert "forgets half" not in str(document["tests"])


def test_a_diagnosis_for_later_is_an_entry_of_its_own_without_points(told, make):
    double = make.exercise(make.test("failed", "wrong"), diagnosis=(make.diagnosis(),))
    document = told(make.result(double), policy(make, diagnosis="after_due_date"))
    (entry,) = [entry for entry in document["tests"] if "forgets half" in str(entry)]
    assert entry["visibility"] == "after_due_date"
    assert entry["name"] == "Doubling: what your code does"
    assert "score" not in entry
    assert "max_score" not in entry
    assert "forgets half" not in document["output"]


def test_a_diagnosis_that_is_off_is_nowhere(told, make):
    double = make.exercise(make.test("failed", "wrong"), diagnosis=(make.diagnosis(),))
    assert "forgets half" not in str(told(make.result(double), policy(make, diagnosis="off")))


def test_what_was_ignored_is_told(told, make):
    assert (
        "\n\nIgnored `old.py`." in told(make.result(make.exercise(make.test()), notes=("Ignored `old.py`.",)))["output"]
    )


# --- lateness ---


@pytest.mark.parametrize(
    ("late", "score", "sentence"),
    [
        (Lateness(1, 0.9, True), 4.5, "**Late:** 1 day after the due date. 90% of the marks count."),
        (Lateness(2, 0.875, True), 4.38, "**Late:** 2 days after the due date. 87.5% of the marks count."),
        (Lateness(3, 1 - 3 * 0.1, True), 3.5, "**Late:** 3 days after the due date. 70% of the marks count."),
        (Lateness(1, 1.0, True), 5.0, "**Late:** 1 day after the due date. 100% of the marks count."),
        (Lateness(9, 0.0, False), 0.0, "**Late:** 9 days after the due date. It is not accepted any more and counts 0"),
    ],
)
def test_lateness_is_applied_to_the_score_and_told(told, make, late, score, sentence):
    document = told(make.result(make.exercise(make.test(points=4))), late=late)
    assert document["score"] == score
    assert sentence in document["output"]
    assert document["extra_data"]["days_late"] == late.days
    assert [entry["score"] for entry in document["tests"]] == [4.0, 1.0]


def test_a_submission_in_time_is_not_called_late(told, make):
    document = told(make.result(make.exercise(make.test())))
    assert "Late" not in document["output"]
    assert "days_late" not in document["extra_data"]


# --- the leaderboard ---


def test_there_is_no_leaderboard_unless_it_is_asked_for(told, make):
    assert "leaderboard" not in told(make.result(make.exercise(make.test())))


@pytest.mark.parametrize("visibility", HIDDEN)
def test_the_leaderboard_holds_points_of_visible_checks_only(told, make, visibility):
    assignment = structs.replace(make.assignment, gradescope=Gradescope(leaderboard=True))
    double = make.exercise(make.test(points=1.5), make.test(points=2, visibility=visibility), make.test("failed", "x"))
    assert told(make.result(double), assignment)["leaderboard"] == [{"name": "points of visible checks", "value": 2.5}]


# --- text that students write ---


def test_nothing_that_a_student_writes_is_markup(told, make):
    def tags(text: str) -> tuple[list[str], ...]:
        double = make.exercise(make.test("failed", text))
        shift = make.exercise(make.test("error"), status="syntax", message=text)
        document = told(make.result(double, shift, notes=(text,)))
        pages = [shown(document["output"]), shown(document["tests"][0]["output"])]
        assert all(page.count("EVIL") >= text.count("EVIL") for page in pages)
        return tuple(sorted(set(re.findall(r"<\w+", page)) | {"<code"}) for page in pages)

    assert tags(HOSTILE) == tags("plain words")
    assert "<h3" in tags(HOSTILE)[0]
    assert not {"<h1", "<h3", "<script", "<img", "<ul", "<table", "<pre"} & set(tags(HOSTILE)[1])


# --- one submission too many ---


@pytest.fixture
def refusal() -> Refusal:
    return Refusal(3, datetime(2026, 5, 2, 9, 30, tzinfo=timezone(timedelta(hours=9))), EARLIER)


def test_a_refused_submission_keeps_the_earlier_score_and_says_when_the_next_is_graded(make, valid, refusal):
    document = valid(refused(refusal, make.assignment))
    assert document["score"] == 3.25
    assert "3 submissions within 24 hours are graded" in document["output"]
    assert "after 02 May, 09:30 (UTC+0900)" in document["output"]
    assert document["tests"] == []
    assert document["extra_data"] == {"engine": __version__, "refused": True}


@pytest.mark.parametrize("visibility", ["visible", *HIDDEN])
def test_the_score_of_a_refused_submission_is_seen_as_hidden_checks_are(make, valid, refusal, visibility):
    document = valid(refused(refusal, policy(make, hidden_tests=visibility)))
    assert document["visibility"] == visibility


def test_a_refused_submission_shows_the_entries_of_the_last_one(make, valid, told, refusal):
    before = told(make.result(make.exercise(make.test("failed", "wrong"), make.test(visibility="hidden"))))
    last = Earlier(EARLIER.submitted, 2.0, failed=False, results=before)
    document = valid(refused(Refusal(3, refusal.again, last), make.assignment))
    assert document["tests"] == before["tests"]


@pytest.mark.parametrize("tests", [None, 3, "x", {"a": 1}, [1], [{"name": 1}], [{"name": "a", "visibility": "all"}]])
def test_entries_that_are_not_ours_are_left_out(make, valid, refusal, tests):
    last = Earlier(EARLIER.submitted, 2.0, failed=False, results={"tests": tests})
    document = valid(refused(Refusal(3, refusal.again, last), make.assignment))
    assert document["tests"] == []
    assert document["score"] == 2.0
