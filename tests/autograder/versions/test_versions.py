"""Every Python from 3.10 on that is on this machine, though torch is installed for one of them only.

Types are checked for the oldest: `python_version` of mypy, in pyproject.toml.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.packaging.student_zip import build

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("without_packages.py")
SOURCES = ("autograder", "solutions", "assignments", "tests")
EXERCISES = len(list((ROOT / "solutions/core").glob("*.py")))

every_version = pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])


@cache
def interpreter(version: str) -> str | None:
    """One of this version: on the path, or among those that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [
        sys.executable,
        shutil.which(f"python{version}"),
        # Which may be another user's.
        *(sorted(kept.glob(f"{version}.*/bin/python{version}")) if os.access(kept.parent, os.X_OK) else ()),
    ]
    for path in filter(None, candidates):
        said = subprocess.run([path, "-Ic", "import sys; print(sys.version)"], capture_output=True, text=True)
        if said.stdout.startswith(f"{version}."):
            return str(path)
    return None


def run(version: str, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    path = interpreter(version)
    if path is None:
        pytest.skip(f"there is no Python {version} here")
    # Without the packages that it may have: -S is what makes them all alike.
    return subprocess.run([path, "-I", "-S", *arguments], input=typed, capture_output=True, text=True)


def told(version: str, task: str, typed: str = "") -> object:
    process = run(version, str(PROGRAM), task, str(ROOT), typed=typed)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@every_version
def test_every_file_is_python_to_it(version: str) -> None:
    files = [str(path) for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]
    assert told(version, "compile", "\n".join(files)) == {}


def test_a_file_that_is_none_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("def f(:\n")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert list(told(version, "compile", str(tmp_path / "wrong.py"))) == [str(tmp_path / "wrong.py")]  # type: ignore[call-overload]


@every_version
def test_submissions_are_read_alike(version: str) -> None:
    found = told(version, "read")
    assert isinstance(found, dict)
    sources, problems, uses = found["andersson_linnea"]
    assert (len(sources), problems, set(uses.values())) == (EXERCISES, {}, {0})
    assert found["dubois_hugo"][1] == {"lstm_cell": "syntax"}
    assert found["smith_jordan"][2]["lstm_cell"] > 0
    assert found == told(f"{sys.version_info[0]}.{sys.version_info[1]}", "read")


@every_version
def test_the_students_program_comes_as_far_as_the_import_of_torch(version: str) -> None:
    *imported, ended_at = told(version, "check")  # type: ignore[misc]
    assert "autograder.student.command" in imported
    assert ended_at == "torch"


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The check.py of an assignment's zip."""
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(build(Layout(ROOT, "core"), load_assignment(ROOT, "core"), folder)) as file:
        return Path(file.extract("core/check.py", folder))


@every_version
def test_the_students_program_says_what_is_not_installed(check: Path, version: str) -> None:
    process = run(version, str(check))
    assert process.returncode == 1
    needed = ("msgspec", "numpy", "pytest", "rich", "torch", "torchvision", "watchfiles")
    assert process.stderr.splitlines() == [
        "Not installed:",
        *(f"    {name}" for name in needed),
        "Run this first:",
        f'    python -m pip install -r "{check.with_name("requirements.txt")}"',
    ]
