"""What is said of two runs, and of one mark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from autograder.errors import UsageError
from autograder.policy.apply import apply_policy
from autograder.questions.diff import differences, read_run, said
from autograder.questions.explain import explain
from autograder.results import model
from autograder.results.model import SCHEMA, ExerciseResult, Result
from autograder.sources.model import ClassList, Member, Row
from autograder.sources.store import write_class


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run: scores of two checks for each student."""

    def write(name: str, scores: dict[str, tuple[float, float]], digest: str = "d", **about: object) -> Path:
        out = tmp_path / name
        (out / "results").mkdir(parents=True)
        states = ("failed", "passed")
        for student, points in scores.items():
            tests = tuple(
                model.TestResult(f"t{n}", f"Check {n}", states[score > 0], score, 2.0, "visible", "x", 0, False)
                for n, score in enumerate(points)
            )
            exercise = ExerciseResult(sum(points), 4.0, "graded", "", tests)
            told = {"seed": 1, "suite": "s", "isolation": "full"} | about
            result = Result(
                SCHEMA, student, "demo", **told, score=sum(points), max_score=4, exercises={"shift": exercise}
            )  # type: ignore[arg-type]
            (out / "results" / f"{student}.json").write_bytes(msgspec.json.encode(result))
        rows = tuple(Row(each, (Member(each.title(), f"4{n}"),), digest=digest) for n, each in enumerate(scores))
        write_class(out, ClassList(1, "Canvas", "demo", rows, "/class.zip"))
        return out

    return write


def test_lowered_marks_come_first_and_every_reason_is_told(run) -> None:
    old = run("old", {"ada": (2, 2), "kim": (0, 2), "lee": (2, 0), "omar": (2, 2), "zoe": (1, 1)})
    new = run("new", {"ada": (2, 2), "kim": (2, 2), "lee": (0, 2), "omar": (0, 0.5)}, suite="t", seed=2)
    old, new = read_run(old), read_run(new)
    changes = differences(old, new)
    assert said(old, new, changes) == "5 students: 2 lowered, 1 raised, 1 with other checks only, 1 the same"
    assert [line for change in changes for line in change.lines()] == [
        "omar: 4 -> 0.5 (-3.5); another suite, another seed",
        "  shift, t0: 2 -> 0 of 2 (passed -> failed)",
        "  shift, t1: 2 -> 0.5 of 2 (passed)",
        "zoe: 2 -> none (-2); not graded in the new run",
        "kim: 2 -> 4 (+2); another suite, another seed",
        "  shift, t0: 0 -> 2 of 2 (failed -> passed)",
        "lee: 2 -> 2; another suite, another seed",
        "  shift, t0: 2 -> 0 of 2 (passed -> failed)",
        "  shift, t1: 0 -> 2 of 2 (failed -> passed)",
    ]


def test_the_same_run_has_no_differences(run) -> None:
    old = read_run(run("old", {"ada": (2, 2)}))
    assert differences(old, old) == []


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"digest": "e"}, "another submission"),
        ({"isolation": "none"}, "another isolation"),
        ({}, "same submission, suite and seed: another engine, or code that does not repeat itself"),
    ],
)
def test_reasons(run, about: dict[str, str], reason: str) -> None:
    old, new = run("old", {"ada": (2, 2)}), run("new", {"ada": (2, 0)}, **about)
    (change,) = differences(read_run(old), read_run(new))
    assert change.reasons == (reason,)


@pytest.mark.parametrize("student", ["ada", "Ada", "40"])
def test_explain_names_the_command_and_every_check(run, tmp_path: Path, student: str) -> None:
    out = run("old", {"ada": (2, 0)}, digest="")
    (tmp_path / "adjustments.csv").write_text("student,points,reason\nada,1,style\n")
    apply_policy(out, tmp_path)
    text = "\n".join(explain(out, student))
    assert f"autograder grade demo /class.zip --only ada --seed 1 --language en --fresh --out {out}-again" in text
    assert "Policy, Ada: 3 of 4 (graded) adjusted by +1 (style)" in text
    assert "- t1: 0 of 2, failed. Check 1\n    x" in text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("adda",), r"no student adda \(did you mean \"ada\""),
        (("ada", "shft"), r"no exercise shft \(did you mean \"shift\"\?\); there are shift"),
    ],
)
def test_what_is_not_there(run, asked: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        explain(run("old", {"ada": (2, 0)}), *asked)
