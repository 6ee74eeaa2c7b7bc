"""Paths of a course."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.layout import Layout, assignment_names, find_project
from autograder.errors import UsageError


@pytest.fixture
def project(tmp_path):
    (tmp_path / "assignments" / "core").mkdir(parents=True)
    (tmp_path / "tests" / "core").mkdir(parents=True)
    return tmp_path.resolve()


@pytest.mark.parametrize("start", [".", "assignments", "assignments/core", "tests/core", "tests/core/not_there.py"])
def test_the_project_is_found_from_anywhere_in_it(project, start):
    assert find_project(project / start) == project


def test_a_relative_start_is_taken_from_the_working_directory(project, monkeypatch):
    monkeypatch.chdir(project / "tests")
    assert find_project(Path()) == project


def test_the_nearest_project_wins(project):
    inner = project / "copies" / "mine"
    (inner / "assignments").mkdir(parents=True)
    assert find_project(inner) == inner


def test_a_file_called_assignments_makes_no_project(project):
    folder = project / "elsewhere"
    folder.mkdir()
    (folder / "assignments").touch()
    assert find_project(folder) == project


def test_outside_a_project_the_error_says_where_and_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="no folder `assignments` here or above; run this inside") as caught:
        find_project(tmp_path)
    assert str(caught.value).startswith(str(tmp_path.resolve()))


def test_assignments_are_the_folders_with_a_description(project):
    for name in ("review", "core"):
        (project / "assignments" / name).mkdir(exist_ok=True)
        (project / "assignments" / name / "assignment.toml").touch()
    (project / "assignments" / "notes").mkdir()
    (project / "assignments" / "assignment.toml").touch()
    assert assignment_names(project) == ["core", "review"]


def test_paths_of_an_assignment():
    layout = Layout(Path("root"), "core")
    paths = {
        "assignments/core": layout.folder,
        "assignments/core/assignment.toml": layout.description,
        "assignments/core/HANDOUT.md": layout.handout,
        "assignments/core/handout": layout.sections,
        "assignments/core/handout/se_block.ko.md": layout.section("se_block", ".ko.md"),
        "assignments/core/core.ipynb": layout.notebook("core.ipynb"),
        "assignments/core/se_block.py": layout.stub("se_block"),
        "examples/submissions/core": layout.example_submissions,
        "solutions/core": layout.solutions,
        "solutions/core/se_block.py": layout.solution("se_block"),
        "tests/core": layout.suites,
        "tests/core/se_block": layout.suite("se_block"),
        "tests/core/se_block/alternatives": layout.alternatives("se_block"),
        "tests/core/se_block/beside.py": layout.beside("se_block"),
        "tests/core/se_block/exercise.toml": layout.exercise_description("se_block"),
        "tests/core/se_block/mistakes": layout.mistakes("se_block"),
        "tests/core/se_block/test_se_block.py": layout.hidden_tests("se_block"),
        "tests/core/se_block/test_se_block_public.py": layout.public_tests("se_block"),
    }
    assert {layout.shown(path) for path in paths.values()} == set(paths)
    assert [layout.shown(path) for path in paths.values()] == list(paths)
