"""Nobody's marks depend on who was graded before: the reference's answers are remembered, however far each got."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from autograder.course import Layout, find_project, load_assignment
from autograder.grading.subjects import Pair, References, local_session
from autograder.grading.suites import collect

ROOT = find_project(Path(__file__).parent)
LAYOUT = Layout(ROOT, "core")
EXERCISES = load_assignment(ROOT, "core").exercise_names


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_gets_full_marks_after_whoever_came_before(exercise):
    seed = 20_261_124
    files = sorted(LAYOUT.mistakes(exercise).glob("*.py"))
    random.Random(seed).shuffle(files)
    solution = LAYOUT.solution(exercise)
    references = References(LAYOUT, remember=True)
    failed: dict[str, list[str]] = {}

    suites = collect([LAYOUT.suite(exercise)])

    def grade(path) -> list[str]:
        session = local_session(exercise, path.read_text(encoding="utf-8"))
        outcomes = list(suites.run(Pair(seed, session, references), exercise))
        session.close()
        return [f"{outcome.check.name}: {outcome.message}" for outcome in outcomes if outcome.status != "passed"]

    for path in files[:12]:
        grade(path)
        if found := grade(solution):
            failed[path.stem] = found
            break
    assert failed == {}
