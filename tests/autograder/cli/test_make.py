"""What `make grade` makes of its variables. Recipes are printed, or stop before anything is graded."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")

MAKEFILE = Path(__file__).parents[3] / "Makefile"


@pytest.fixture
def make(tmp_path):
    """Runs make in a folder whose .venv is in order, and whose `autograder` says what it is called with."""
    shutil.copy(MAKEFILE, tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name, text in {"python": "", "autograder": 'for argument in "$@"; do echo "<$argument>"; done\n'}.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}")
        (programs / name).chmod(0o755)
    (tmp_path / ".venv/.installed").write_text(f"{tmp_path}\n")
    # Tests may themselves be run by make, which tells those that it starts what it was asked.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    return lambda *arguments: subprocess.run(
        ["make", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", ["week 4", "O'Brien", "'", 'a "b"', "김민준", "a;b&c", "(x)"])
def test_a_path_may_hold_any_character(make, name):
    process = make("grade", f"SUBMISSIONS=../{name}", f"OUT=results/{name}")
    assert process.stdout.splitlines() == ["<grade>", "<core>", f"<../{name}>", "<--out>", f"<results/{name}>"]


@pytest.mark.parametrize("variable", ["SUBMISSIONS", "OUT"])
def test_an_empty_variable_is_told_instead_of_taken_for_this_folder(make, variable):
    process = make("grade", f"{variable}=")
    assert process.returncode == 2
    assert f"make: {variable} is empty: name a folder" in process.stderr
    assert process.stdout == ""
