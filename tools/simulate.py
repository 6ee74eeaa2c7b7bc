"""A class that nobody has taught: results as grading writes them, without grading. For looking at pages, and timing.

python -m tools.simulate OUT --students 500
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping
from pathlib import Path

import msgspec

from autograder.results.model import SCHEMA, Diagnosis, ExerciseResult, Result, TestResult
from autograder.sources.model import ClassList, Member, Row
from autograder.sources.store import write_class

CHECKS = {"residual_block": 33, "se_block": 21, "depthwise": 24, "lstm_cell": 29, "clip_grad": 15, "replace_head": 15}
"""137 in all."""
HOSTILE = (
    "<script>alert(1)</script>",
    "\"' onmouseover=alert(1) x='",
    "</title><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "..%2f..%2fetc?q=1#x",
    "\u202eevil\u202d",
    "김민준",
    "שלום עולם",
    "Zoë Çelik-Ørsted",
    "n" * 200,
    "caf\udce9",  # from a file name in Latin-1
)
"""Names of students that a page must survive."""
_FIRST = ("Ada", "Kim", "Omar", "Lucia", "Jonas", "Mai", "Hugo", "Selam", "Piotr", "Wen", "Ines", "Noor")
_LAST = ("Lovelace", "Minjun", "Haddad", "Garcia", "Mueller", "Nguyen", "Dubois", "Abebe", "Kowalski", "Li", "Silva")


def simulated(
    students: int, hostile: bool = True, checks: Mapping[str, int] = CHECKS
) -> tuple[ClassList, dict[str, Result]]:
    """A class of so many, always the same. `checks` are counts by exercise.

    Some handed in nothing, some what cannot be graded, many the same mistake.
    """
    rng = random.Random(1)
    odd = HOSTILE if hostile else ()
    names = [*odd, *(f"{rng.choice(_FIRST)} {rng.choice(_LAST)} {n}" for n in range(students - len(odd)))]
    rows, results = [], {}
    for place, name in enumerate(names):
        attempts = int(rng.random() > 0.03)
        late = f"2026-01-{30 + (rng.random() < 0.1)}T{rng.randrange(24):02}:15:00+01:00"
        member = Member(name, str(4000 + place), email=f"s{place}@example.org")
        rows.append(Row(name, (member,), submitted_at=late, attempts=attempts, digest=f"{rng.getrandbits(256):064x}"))
        if attempts:
            results[name] = _result(name, rng.betavariate(4, 1.2), checks, rng)
    return ClassList(1, "Canvas", "week4", tuple(rows), "/week4.zip"), results


def write(out: Path, found: ClassList, results: dict[str, Result]) -> None:
    """Lay them down as a run does, all but the pages. Names must be safe as names of files."""
    (out / "results").mkdir(parents=True, exist_ok=True)
    for student, result in results.items():
        formatted = msgspec.json.format(msgspec.json.encode(result), indent=2)
        (out / "results" / f"{student}.json").write_bytes(formatted)
    write_class(out, found)


def _result(name: str, able: float, checks: Mapping[str, int], rng: random.Random) -> Result:
    exercises = {
        exercise: _exercise(name, exercise, count, able, 100 / len(checks), rng) for exercise, count in checks.items()
    }
    score = round(sum(each.score for each in exercises.values()), 2)
    return Result(SCHEMA, name, "week4", 1, "5f2d9c", "full", score, 100.0, exercises)


def _exercise(student: str, name: str, count: int, able: float, points: float, rng: random.Random) -> ExerciseResult:
    if rng.random() < 0.04:
        return ExerciseResult(0.0, points, rng.choice(("missing", "syntax", "not_loaded")), "It is not there.", ())
    kind = rng.random()
    wrong: set[int] = set()
    diagnosis: tuple[Diagnosis, ...] = ()
    if kind > able:  # a known mistake, an unknown one, or one of somebody's own
        which = rng.randrange(6)
        wrong = {n for n in range(count) if (n * (which + 3)) % 5 < 2}
        if which < 3:
            diagnosis = (
                Diagnosis(f"m{which}", f"does {which} steps too few", "How many steps does the formula have?"),
            )
        elif which == 5:
            wrong = {n for n in range(count) if rng.random() < 0.3}
    tests = []
    for n in range(count):
        worth = round(points / count, 2)
        passed = n not in wrong
        message = (
            "" if passed else f"{name}({count}, {n}): the output differs in {n} of {count} values, by up to 0.0{n}."
        )
        if not passed and rng.random() < 0.1:
            message += f" Your code raised ValueError: {student}"
        trace = "" if passed else 'Traceback (most recent call last):\n  File "suites.py", line 100, in run\n' * 8
        what, title = f"test_part_{n}[case {n % 3}]", f"Part {n} of {name} is right"
        status, score = ("passed", worth) if passed else ("failed", 0.0)
        tests.append(TestResult(what, title, status, score, worth, "after_due_date", message, 0.01, False, trace))
    score, points = (
        round(sum(values), 2) for values in zip(*((test.score, test.max_score) for test in tests), strict=True)
    )
    return ExerciseResult(score, points, "graded", "", tuple(tests), diagnosis)


def main() -> None:
    """Write a class into a folder."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--students", type=int, default=500)
    told = arguments.parse_args()
    write(told.out, *simulated(told.students, hostile=False))


if __name__ == "__main__":
    main()
