"""`check.py --explain` of every exercise: with the answer, with the stub, and with what is tried of its bank."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from catalogue import ROOT, Exercise, every_exercise, libraries_left_alone
from rich.cells import cell_len

from autograder.course.assignment import load_assignment
from autograder.course.handout import handouts
from autograder.course.layout import Layout
from autograder.course.suites import public_files
from autograder.grading.subjects import Pair, References, text_beside
from autograder.grading.suites import Suites, collect
from autograder.language import speaking
from autograder.sandbox.host import Host
from autograder.sandbox.session import LocalLine, Session, Source
from autograder.sandbox.surroundings import settle_torch
from autograder.student import told
from autograder.student.example import Explained, by_hand
from autograder.student.folder import CHECKS, DESCRIPTION, StudentFolder, described
from autograder.student.steps import SeeingHost, explained
from autograder.student.terminal import Terminal

SEED = 0


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], StudentFolder]:
    """A student's folder of an assignment, as far as checks and handouts go."""
    known: dict[str, StudentFolder] = {}

    def make(name: str) -> StudentFolder:
        if name not in known:
            path, layout, assignment = tmp_path_factory.mktemp(name), Layout(ROOT, name), load_assignment(ROOT, name)
            for exercise in assignment.exercise_names:
                (path / CHECKS / exercise).mkdir(parents=True)
                for file in public_files(layout, exercise):
                    shutil.copy(file, path / CHECKS / exercise)
            (path / DESCRIPTION).write_bytes(described(assignment))
            for file, text in handouts(layout, assignment).items():
                (path / file.name).write_text(text, encoding="utf-8")
            known[name] = StudentFolder.open(path)
        return known[name]

    return make


@pytest.fixture
def explain(folder: Callable[[str], StudentFolder], exercise: Exercise) -> Callable[[Path], Explained]:
    def run(file: Path) -> Explained:
        home = folder(exercise.assignment)
        shutil.copy(file, home.path / f"{exercise.name}.py")
        return explained(home, home.contents(), exercise.name, SEED)

    return run


@every_exercise
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_handout_has_a_worked_example_that_a_terminal_can_show(folder, exercise, language):
    home = folder(exercise.assignment)
    with speaking(language):
        lines = by_hand(home, exercise.name)
    assert "".join(lines)
    assert not [line for line in lines if "$" in line or "\\" in line or "**" in line]


@every_exercise
def test_of_the_answer_every_line_is_shown(explain, exercise):
    found = explain(exercise.layout.solution(exercise.name))
    assert found.seen, found.result.message
    for test, steps in zip(found.result.tests, found.seen, strict=True):
        assert test.status == "passed"
        assert steps.first[0].begins
        assert any(step.values for step in steps.first[1:])


@every_exercise
@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_line_is_wider_than_a_narrow_terminal(folder, explain, exercise, language, monkeypatch, capsys):
    for name, value in {"COLUMNS": "60", "FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    found = explain(exercise.layout.solution(exercise.name))
    with speaking(language):
        told.worked_example(Terminal(), exercise.name, by_hand(folder(exercise.assignment), exercise.name), found)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert [line for line in lines if cell_len(line) > 60] == []


@every_exercise
def test_of_the_stub_it_is_said_that_nothing_is_written(explain, exercise):
    found = explain(exercise.layout.stub(exercise.name))
    assert {test.kind for test in found.result.tests} == {"not_written"}
    assert all("Not implemented yet" in test.message for test in found.result.tests)


def found_in(suites: Suites, exercise: Exercise, file: Path, host: Host) -> list[tuple[str, str, str]]:
    """What the examples say of a file; of a message the first line, to which pytest's own asserts add others."""
    settle_torch()
    source = Source(exercise.name, file.name, file.read_text(), text_beside(exercise.layout.beside(exercise.name)))
    session = Session(source, LocalLine(exercise.name, host))
    asked = Pair(SEED, session, References(exercise.layout))
    names = [check.id for check in suites.checks if check.example]
    outcomes = [outcome for name in names for outcome in suites.run(asked, exercise.name, only=name)]
    session.close()
    return [(each.check.name, each.status, each.message.partition("\n")[0]) for each in outcomes]


@every_exercise
def test_a_look_inside_changes_nothing(exercise):
    suites = collect([exercise.layout.suite(exercise.name)])
    for kind in ("mistakes", "alternatives", "rewritten", "hollow", "unknown"):
        for file in exercise.tried(kind):
            host = SeeingHost(exercise.name)
            with libraries_left_alone(file):
                found = found_in(suites, exercise, file, host)
            assert found == found_in(suites, exercise, file, Host(exercise.name)), file
            passed = [status == "passed" for _, status, _ in found]
            assert all(not right or each.first for right, each in zip(passed, host.seen, strict=False)), file
