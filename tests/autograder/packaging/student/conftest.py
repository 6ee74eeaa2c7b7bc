"""The student's zip of `core`, built once, and folders that it has been unpacked into."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.assignment import Assignment, load_assignment
from autograder.course.layout import Layout
from autograder.packaging.student_zip import build
from autograder.run import Request, grade_class
from autograder.sandbox.launcher import Zygote

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def layout() -> Layout:
    return Layout(ROOT, "core")


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    return load_assignment(ROOT, "core")


@pytest.fixture(scope="session")
def student_zip(tmp_path_factory: pytest.TempPathFactory, layout: Layout, assignment: Assignment) -> Path:
    return build(layout, assignment, tmp_path_factory.mktemp("dist"))


@pytest.fixture
def unpacked(tmp_path: Path, student_zip: Path) -> Path:
    """The folder that a student has after unpacking, fresh for each test."""
    with zipfile.ZipFile(student_zip) as file:
        file.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked" / "core"


@pytest.fixture(scope="session")
def solutions(layout: Layout, assignment: Assignment) -> dict[str, str]:
    """The reference solutions' texts by exercise."""
    return {name: layout.solution(name).read_text() for name in assignment.exercise_names}


@pytest.fixture(scope="session")
def stubs(layout: Layout, assignment: Assignment) -> dict[str, str]:
    return {name: layout.stub(name).read_text() for name in assignment.exercise_names}


@pytest.fixture(scope="session")
def fill(stubs: dict[str, str]) -> Callable[[Path, Mapping[str, str]], None]:
    """Writes texts into the cells of a notebook that hold the stubs."""

    def fill(path: Path, texts: Mapping[str, str]) -> None:
        notebook = nbformat.read(path, as_version=4)
        cells = {cell.source.strip(): cell for cell in notebook.cells if cell.cell_type == "code"}
        for exercise, text in texts.items():
            cells[stubs[exercise].strip()].source = text.strip()
        nbformat.write(notebook, path)

    return fill


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Nothing of the project on Python's path, and lines that are not broken."""
    left_out = ("PYTHONPATH", "PYTHONIOENCODING", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}


@pytest.fixture(scope="session")
def check(python: str, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs check.py of a folder, from another folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [python, str(folder / "check.py"), *arguments]
        return subprocess.run(
            command,
            cwd=elsewhere,
            env=environment | variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )

    return run


@pytest.fixture(scope="session")
def grade(zygote: Zygote) -> Callable[..., dict[str, Any]]:
    """Grades a class, or these students of it, with seed 0, the seed of check.py; the results by student."""

    def run(class_folder: Path, out: Path, *students: str) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(ROOT)
            assert grade_class(zygote, Request("core", class_folder, out, jobs=2, seed=0, only=students)) == 0
        return {path.stem: json.loads(path.read_text()) for path in (out / "results").glob("*.json")}

    return run


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    """The course's files without the engine, to be changed."""
    copy = tmp_path / "project"
    for name in ("assignments/core", "solutions/core", "tests/core"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy
