"""Every suite against all that is in its bank, and what students read about it."""

from __future__ import annotations

import re
from collections.abc import Callable

from catalogue import Exercise, every_exercise, libraries_left_alone

from autograder.bank.files import entries
from autograder.grading.subjects import Pair, References, local_session, text_beside
from autograder.grading.suites import Outcome, collect
from autograder.results.model import ExerciseResult
from autograder.verify.matrix import FOR_NOTHING, IN_PUBLIC, LEAST, MOST

Results = dict[str, ExerciseResult]


def of(results: Results, *kinds: str) -> Results:
    return {label: result for label, result in results.items() if label.partition("/")[0] in kinds}


def share(result: ExerciseResult) -> float:
    return result.score / result.max_score


@every_exercise
def test_right_ones_get_full_marks_whoever_came_before(results, exercise):
    lost = {
        label: {test.name: test.message for test in result.tests if test.status != "passed"} or result.message
        for label, result in of(results, "solution", "alternative").items()
        if result.score != result.max_score
    }
    assert lost == {}


@every_exercise
def test_one_slip_costs_some_of_the_points_and_not_most_of_them(results, exercise):
    costs_more = {
        f"mistakes/{entry.name}" for entry in entries(exercise.layout.mistakes(exercise.name)) if entry.costs_more
    }
    costs = {label: round(1 - share(result), 3) for label, result in of(results, "mistakes").items()}
    assert {
        label: cost for label, cost in costs.items() if cost < LEAST or cost > (1 if label in costs_more else MOST)
    } == {}


@every_exercise
def test_what_computes_nothing_gets_next_to_nothing(results, exercise):
    shares = {label: round(share(result), 3) for label, result in of(results, "hollow").items()}
    assert shares, "something that computes nothing must be tried"
    assert {label: each for label, each in shares.items() if each > FOR_NOTHING} == {}


@every_exercise
def test_the_untouched_stub_gets_nothing(results, exercise):
    result = results["stub/stub"]
    assert (result.score, {test.status for test in result.tests}) == (0, {"error"})


@every_exercise
def test_the_bank_is_large_enough(exercise):
    least = {"mistakes": 12, "alternatives": 5, "rewritten": 4, "unknown": 1}
    counts = {kind: len(exercise.files(kind)) for kind in least}
    assert {kind: count for kind, count in counts.items() if count < least[kind]} == {}


def public_failures_in(exercise: Exercise) -> Callable[[str], list[Outcome]]:
    """What fails of the public checks, of one text after another, in this process."""
    layout = exercise.layout
    beside, references = text_beside(layout.beside(exercise.name)), References(layout, remember=True)
    suites = collect([layout.suite(exercise.name)])
    asked = [check.id for check in suites.checks if check.public]

    def failures(text: str) -> list[Outcome]:
        session = local_session(exercise.name, text, beside)
        pair = Pair(20_261_124, session, references)
        outcomes = [outcome for check in asked for outcome in suites.run(pair, exercise.name, only=check)]
        session.close()
        return [outcome for outcome in outcomes if outcome.status != "passed"]

    return failures


@every_exercise
def test_half_of_the_mistakes_fail_a_public_check(results, exercise):
    """Those that are not tried are asked the public checks alone, which takes milliseconds."""
    seen = {
        label.partition("/")[2]: any(test.public and test.status != "passed" for test in result.tests)
        for label, result in of(results, "mistakes").items()
    }
    failures = public_failures_in(exercise)
    others = [path for path in exercise.files("mistakes") if path.stem not in seen]
    for path in others:
        with libraries_left_alone(path):
            seen[path.stem] = bool(failures(path.read_text(encoding="utf-8")))
    unseen = [name for name, fails in seen.items() if not fails]
    assert 1 - len(unseen) / len(seen) >= IN_PUBLIC, f"no public check sees {', '.join(unseen)}"


# -- messages ---------------------------------------------------------------------------------------------------------

QUANTITY = re.compile(
    r"output|gradient|statistic|buffer|parameter|\binput\b|\bstates?\b|norm\b|shape|head|layer|backbone|call|returns?|"
    r"comes out|raise[sd]?\b|words?\b|texts?\b|pairs?\b|list\b|row|score|vocabulary|weight|bias|gate|model|object|"
    r"turns|loss|ids?\b|labels?|tokens?|mode|`[\w.]+`|\b\w+\(|\b[whx]\b|\bc\b"
)
VAGUE = ("This check failed", "The check could not go on")
FORBIDDEN = re.compile(
    r"/\w+/|\btest_\w+\.py|\bsolutions?/|\btensor\(\[|^\s*assert |\bdef test_|<\w+ object at", re.MULTILINE
)
BOTH = re.compile(r"has shape (\(.*?\)).*expected (\(.*?\))", re.DOTALL)


def messages(results: Results, *kinds: str) -> list[tuple[str, str]]:
    return [
        (label, test.message)
        for label, result in of(results, *kinds).items()
        for test in result.tests
        if test.status != "passed"
    ]


@every_exercise
def test_messages_say_what_differs(results, exercise):
    told = messages(results, "mistakes")
    assert [each for each in told if each[1].startswith(VAGUE)] == []
    assert [each for each in told if not QUANTITY.search(each[1])] == []


@every_exercise
def test_messages_about_shapes_give_both(results, exercise):
    assert [
        each for each in messages(results, "mistakes") if " has shape " in each[1] and not BOTH.search(each[1])
    ] == []


@every_exercise
def test_messages_keep_the_suite_to_themselves(results, exercise):
    assert [each for each in messages(results, "mistakes", "stub") if FORBIDDEN.search(each[1])] == []
