"""Every assignment as students get it and as they hand it in: the zip, check.py, the notebook, an example class."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from catalogue import ROOT, WHOLE, every_assignment, students_tried
from msgspec.structs import replace

from autograder import run
from autograder.course.assignment import Assignment, load_assignment, open_assignment
from autograder.course.layout import Layout
from autograder.packaging.autograder_zip import build_autograder_zip
from autograder.packaging.student_zip import build
from autograder.run import Request, grade_class
from autograder.sandbox.launcher import Zygote

pytestmark = pytest.mark.long

SEED = 0
"""Of check.py."""


@dataclass(frozen=True)
class Handed:
    """An assignment's zip for students, unpacked and solved, in files and in the notebook."""

    folder: Path
    notebook: Path
    solutions: dict[str, str]
    outputs: list[str]
    """What the notebook's cells printed or showed."""


def environment() -> dict[str, str]:
    """Nothing of the project on Python's path, and no network for pip."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "FORCE_COLOR")}
    return kept | {"COLUMNS": "100", "NO_COLOR": "1", "PIP_NO_INDEX": "1"}


def undiagnosed(root: Path, name: str) -> tuple[Layout, Assignment]:
    """An assignment in which nothing is diagnosed: for that, a whole bank is run, and test_diagnosis asks it."""
    layout, assignment = open_assignment(root, name)
    return layout, replace(assignment, feedback=replace(assignment.feedback, diagnosis="off"))


@pytest.fixture(scope="session")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Handed]:
    known: dict[str, Handed] = {}

    def unpack(name: str) -> Handed:
        if name not in known:
            known[name] = _solve(name, tmp_path_factory.mktemp(name))
        return known[name]

    return unpack


def _solve(name: str, folder: Path) -> Handed:
    layout, assignment = Layout(ROOT, name), load_assignment(ROOT, name)
    with zipfile.ZipFile(build(layout, assignment, folder)) as file:
        file.extractall(folder)
    unpacked = folder / name
    path = unpacked / assignment.notebook
    notebook = nbformat.read(path, as_version=4)
    cells = {cell.source.strip(): cell for cell in notebook.cells if cell.cell_type == "code"}
    solutions = {}
    for exercise in assignment.exercises:
        solutions[exercise.name] = layout.solution(exercise.name).read_text(encoding="utf-8")
        stub = layout.stub(exercise.name).read_text(encoding="utf-8")
        cells[stub.strip()].source = solutions[exercise.name].strip()
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(unpacked)}})
    client.execute(env=environment())
    nbformat.write(notebook, path)
    outputs = [str(output) for cell in notebook.cells for output in cell.get("outputs", ())]
    return Handed(unpacked, path, solutions, outputs)


@pytest.fixture(scope="session")
def results_of_class(
    handed: Callable[[str], Handed], zygote: Zygote, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], dict[str, Any]]:
    """Results by student of a class of an assignment: of its examples those that are tried, the solutions as files and
    as a notebook, and the untouched stubs.
    """
    known: dict[str, dict[str, Any]] = {}

    def results(name: str) -> dict[str, Any]:
        if name not in known:
            students, out = tmp_path_factory.mktemp(name) / "class", tmp_path_factory.mktemp(name)
            for student in ("files", "notebook", "stubs"):
                (students / student).mkdir(parents=True)
            for path in students_tried(name):
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, students / path.name)
            unpacked = handed(name)
            for exercise, text in unpacked.solutions.items():
                (students / "files" / f"{exercise}.py").write_text(text, encoding="utf-8")
                shutil.copy(Layout(ROOT, name).stub(exercise), students / "stubs")
            shutil.copy(unpacked.notebook, students / "notebook")
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(ROOT)
                patch.setattr(run, "open_assignment", undiagnosed)
                # Assignments are spread over the cores already.
                assert grade_class(zygote, Request(name, students, out, jobs=1, seed=SEED)) == 0
            known[name] = {path.stem: json.loads(path.read_text()) for path in (out / "results").glob("*.json")}
        return known[name]

    return results


@every_assignment
def test_an_assignment_has_a_hundred_points(assignment):
    assert sum(exercise.points for exercise in load_assignment(ROOT, assignment).exercises) == 100


@every_assignment
def test_with_solutions_check_py_passes(handed, assignment):
    unpacked = handed(assignment)
    for exercise, text in unpacked.solutions.items():
        (unpacked.folder / f"{exercise}.py").write_text(text, encoding="utf-8")
    command = [sys.executable, str(unpacked.folder / "check.py")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    count = len(unpacked.solutions)
    assert f"{count} of {count} exercises pass their public checks" in done.stdout


@every_assignment
def test_the_notebook_runs_and_its_checks_pass(handed, assignment):
    unpacked = handed(assignment)
    count = len(unpacked.solutions)
    assert sum("public checks pass" in output and "  ✓ " in output for output in unpacked.outputs) >= count
    assert any(f"{count} of {count} exercises pass their public checks" in output for output in unpacked.outputs)


@every_assignment
def test_files_and_notebook_get_full_marks_and_stubs_none(results_of_class, assignment):
    results = results_of_class(assignment)
    lost = [
        (name, test["name"], test["message"])
        for name in ("files", "notebook")
        for entry in results[name]["exercises"].values()
        for test in entry["tests"]
        if test["status"] != "passed"
    ]
    assert lost == []
    scores = {name: results[name]["score"] for name in ("files", "notebook", "stubs")}
    assert scores == {"files": 100, "notebook": 100, "stubs": 0}


@every_assignment
def test_the_example_class_is_graded(results_of_class, assignment):
    students = {path.name.partition(".")[0] for path in students_tried(assignment)}
    assert students <= results_of_class(assignment).keys()


@pytest.mark.skipif(not WHOLE, reason="only some of the class are tried; make rehearse tries all")
@every_assignment
def test_somebody_in_the_example_class_has_not_started_and_somebody_is_good(results_of_class, assignment):
    scores = [results_of_class(assignment)[path.name.partition(".")[0]]["score"] for path in students_tried(assignment)]
    assert len(scores) >= 6
    assert min(scores) == 0
    assert max(scores) > 90


@every_assignment
def test_the_autograders_zip_is_built(assignment, tmp_path):
    with zipfile.ZipFile(build_autograder_zip(ROOT, assignment, tmp_path)) as file:
        names = set(file.namelist())
    assert {"setup.sh", "run_autograder", f"payload/assignments/{assignment}/assignment.toml"} <= names
