"""items.csv of small classes whose figures can be seen."""

from __future__ import annotations

import csv
import io
import math

import pytest

from autograder.items.analysis import analyse, items_csv
from autograder.results import model
from autograder.results.model import SCHEMA, Diagnosis, ExerciseResult, Result


def result(student: str, checks: dict[str, tuple[float, ...]], mistakes: tuple[str, ...] = ()) -> Result:
    """Every check is worth one point; an exercise without scores could not be graded."""
    exercises = {}
    for exercise, scores in checks.items():
        status = "graded" if scores else "syntax"
        tests = tuple(
            model.TestResult(f"t{n}", "", "passed", score, 1.0, "visible", "", 0.0, False)
            for n, score in enumerate(scores or (0, 0, 0))
        )
        diagnosis = tuple(Diagnosis(name, name, "") for name in mistakes) if exercise == "a" else ()
        exercises[exercise] = ExerciseResult(sum(scores), 3.0, status, "", tests, diagnosis)
    return Result(SCHEMA, student, "week4", 1, "s", "full", 0.0, 6.0, exercises)


def class_of(count: int) -> list[Result]:
    """The better half passes a/t0 and b; a/t1 is the reverse; a/t2 passes always; b's checks go together."""
    made = []
    for n in range(count):
        good = float(n >= count // 2)
        made.append(result(f"s{n:02}", {"a": (good, 1 - good, 1.0), "b": (good, good, float(n % 2))}))
    return made


def verdicts(results: list[Result]) -> dict[tuple[str, str, str], str]:
    return {(item.kind, item.exercise, item.name): item.sentence for item in analyse(results)[0]}


def test_four_verdicts() -> None:
    found = verdicts(class_of(40))
    assert found["check", "a", "t2"] == "nobody fails it"
    assert found["check", "a", "t1"].startswith("the best fail it, too: read `s2")
    assert found["check", "a", "t0"] == ""
    assert found["check", "b", "t0"] == "fails only with `t1`"
    assert found["check", "b", "t2"] == ""


def test_of_fewer_than_thirty_only_difficulties_are_told() -> None:
    items, said = analyse(class_of(20))
    assert all(math.isnan(item.r) for item in items)
    assert {item.name: item.difficulty for item in items if item.exercise == "a" and item.kind == "check"} == {
        "t0": 0.5,
        "t1": 0.5,
        "t2": 1.0,
    }
    assert "Fewer than 30 students" in said[-1]


def test_what_cannot_be_graded_is_counted_apart() -> None:
    results = [*class_of(40), *(result(f"x{n}", {"a": (), "b": (1.0, 1.0, 1.0)}) for n in range(5))]
    items = {(item.kind, item.exercise, item.name): item for item in analyse(results)[0]}
    found = items["check", "a", "t0"]
    assert (found.graded, found.ungradeable, found.difficulty) == (40, 5, 0.5)


def test_a_mistake_of_the_better_half_accuses_the_check() -> None:
    results = [
        result(f"s{n}", {"a": (0.0, 1.0, 1.0), "b": (1.0,) * 3 if n < 4 else (0.0,) * 3}, ("swaps",) if n < 4 else ())
        for n in range(8)
    ]
    assert verdicts(results)["mistake", "a", "swaps"] == (
        "those who made it have 100 % elsewhere, the class 50 %: read the check before the students"
    )


def test_the_file() -> None:
    text = items_csv(analyse(class_of(40))[0]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows] == ["exercise"] * 2 + ["check"] * 6
    assert float(rows[2]["r"]) == pytest.approx(0.866, abs=0.2)
    assert rows[4]["r"] == ""  # nobody fails it: undefined, not 0
