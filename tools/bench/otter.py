"""Grading with otter's stock flow, as a yardstick: the same checks in its own test files, run in its own kernel."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from autograder.grading.suites import collect
from tools.bench.classes import CLONE
from tools.bench.stock import NOTEBOOK, PROJECT, test_file

_ROUNDS = 3
_TOGETHER = 4


def measure_otter(layout: Layout, assignment: Assignment, folder: Path, cores: int) -> dict[str, Any]:
    """Seconds of `otter run` for one perfect `core` submission, alone, and per submission with all cores at work."""
    package = _package(layout, assignment, folder / "stock")
    submission = _notebook(layout, assignment, folder / "stock")
    score = _run(layout, package, submission, folder / "out")
    if score != assignment.total_points:
        raise RuntimeError(f"otter run gives a perfect submission {score:g} of {assignment.total_points} points")
    alone = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        _run(layout, package, submission, folder / "out")
        alone.append(time.perf_counter() - started)
    started = time.perf_counter()
    for _ in range(_TOGETHER // cores or 1):
        processes = [_start(layout, package, submission, folder / f"out{number}") for number in range(cores)]
        for process in processes:
            process.communicate()
    together = (time.perf_counter() - started) / (cores * (_TOGETHER // cores or 1))
    return {"seconds": sorted(alone)[_ROUNDS // 2], "seconds_all_cores": together}


def _package(layout: Layout, assignment: Assignment, folder: Path) -> Path:
    """A stock autograder zip, made by `otter generate`."""
    tests = folder / "tests"
    tests.mkdir(parents=True)

    suites = collect([layout.suite(exercise) for exercise in assignment.exercise_names])
    for exercise in assignment.exercise_names:
        points = [float(check.points) for check in suites.checks if check.exercise == exercise]
        (tests / f"{exercise}.py").write_text(test_file(exercise, points), encoding="utf-8")
    package = folder / "autograder.zip"
    command = ["generate", "-t", str(tests), "-o", str(package), "--no-config", "--no-requirements", "--no-environment"]
    subprocess.run([sys.executable, "-m", "otter", *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return package


def _notebook(layout: Layout, assignment: Assignment, folder: Path) -> Path:
    """The solutions as a notebook, a cell for each."""
    nbformat: Any = importlib.import_module("nbformat")
    notebook = nbformat.v4.new_notebook()
    for exercise in assignment.exercise_names:
        text = layout.solution(exercise).read_text(encoding="utf-8")
        notebook.cells.append(nbformat.v4.new_code_cell(text, metadata={"exercise": exercise}))
    path = folder / NOTEBOOK
    nbformat.write(notebook, path)
    return path


def _start(layout: Layout, package: Path, submission: Path, out: Path) -> subprocess.Popen[str]:
    out.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "otter", "run", "--no-logo", "-a", str(package), "-o", str(out), str(submission)]
    environment = {**os.environ, PROJECT: str(layout.root), "PYTHONPATH": str(CLONE)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def _run(layout: Layout, package: Path, submission: Path, out: Path) -> float:
    """The score. Raises RuntimeError when otter could not grade."""
    process = _start(layout, package, submission, out)
    said, _ = process.communicate()
    results = out / "results.json"
    if process.returncode or not results.is_file():
        raise RuntimeError(f"otter run failed:\n{said[-2000:]}")
    tests = json.loads(results.read_text(encoding="utf-8"))["tests"]
    return float(sum(test.get("score") or 0 for test in tests))
