"""A small project with two exercises and a class that makes every mistake there is, graded through the command line."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.sandbox.launcher import Zygote

SEED = 8_264_137
TOML = """
title = "Demonstration"
name = "demo"
exercises = ["double", "shift"]

[limits]
load_seconds = 1.0
question_seconds = 1.0
exercise_seconds = 30.0
memory_mb = 512
"""
MISTAKE = '"""adds the input\'s own sign\n\nNothing is doubled.\n\nHint: Multiply.\n"""\n'
ALTERNATIVE = '"""adds twice\n\nx + x is 2 x.\n"""\n'

HEAD = "import ctypes, os, sys, torch\nfrom torch import nn\n\n\n"


def double(forward: str) -> str:
    """A file that defines `Double` with this forward."""
    return f"{HEAD}class Double(nn.Module):\n    def forward(self, x):\n        {forward}\n"


RIGHT_SHIFT = "def shift(x):\n    return x + 1\n"
CLASS = {
    "crashes": double("return ctypes.string_at(0)"),
    "ends_at_import": f"{HEAD}os._exit(0)\n",
    "ends_in_forward": double("os._exit(3)"),
    "exits_at_import": f"{HEAD}sys.exit(0)\n",
    "exits_in_forward": double("sys.exit(0)"),
    "forbidden": double("return nn.Bilinear(1, 1, 1)(x, x)"),
    "half": double("return x + x.detach()"),
    "imports_a_helper": f"{HEAD}import helper_of_mine\n",
    "loops_at_import": f"{HEAD}while True:\n    __import__('time').sleep(0.01)\n",
    "loops_in_forward": double("while True: pass"),
    "lies": double("os.write(3, bytes(100))"),
    "misspells": double("return 2 * x").replace("Double", "Dubble"),
    "out_of_memory_in_python": double("return [0] * 2**33"),
    "out_of_memory_in_torch": double("return torch.zeros(2**33)"),
    "raises_at_import": f"{HEAD}1 / 0\n",
    "raises_in_forward": double("return torch.zeros(2) @ torch.zeros(3)"),
    "right": double("return 2 * x"),
    "stub": double('raise NotImplementedError("double: implement Double.forward")'),
    "syntax_error": f"{HEAD}class Double(nn.Module:\n    pass\n",
    "wrong": double("return 3 * x"),
    "wrong_shape": double("return 2 * x[:, :1]"),
}


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_project(root: Path, demo_files: dict[str, str]) -> Path:
    write(
        root,
        {
            **demo_files,
            "assignments/demo/assignment.toml": TOML,
            "tests/demo/double/mistakes/adds_sign.py": MISTAKE + double("return x + x.sign()"),
            "tests/demo/double/alternatives/adds_twice.py": ALTERNATIVE + double("return x + x"),
        },
    )
    return root


@pytest.fixture(scope="session")
def new_project(demo_files: dict[str, str]) -> Callable[[Path], Path]:
    """Makes a project in a folder."""
    return lambda root: make_project(root, demo_files)


@pytest.fixture
def project(tmp_path: Path, new_project: Callable[[Path], Path]) -> Path:
    """A project of the test's own."""
    return new_project(tmp_path / "project")


@pytest.fixture(scope="session")
def command() -> Callable[..., list[str]]:
    """The command line as it is typed."""
    return lambda *arguments: [sys.executable, "-m", "autograder", *map(str, arguments)]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Wide lines, so that nothing is broken where a test looks."""
    return {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def autograder(
    zygote: Zygote, command: Callable[..., list[str]], environment: dict[str, str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line in a folder. `grade` and `verify` run in this process and with its zygote, which saves the
    time to start both; tests that want a process of their own use `command`.
    """

    def the_same(isolation: str = "full") -> contextlib.AbstractContextManager[Zygote]:
        return contextlib.nullcontext(zygote) if isolation == "full" else Zygote(isolation)

    def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        if arguments[:1] not in (("grade",), ("verify",)):  # others load suites, which stay loaded
            return subprocess.run(
                command(*arguments), cwd=folder, env=environment, capture_output=True, text=True, timeout=300
            )
        output, errors, status = io.StringIO(), io.StringIO(), 0
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setattr("sys.argv", ["autograder", *map(str, arguments)])
            patch.setattr("autograder.sandbox.launcher.Zygote", the_same)
            patch.setattr(zygote, "hang_up", lambda: None)  # others need it
            for name, value in environment.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
                try:
                    main()
                except SystemExit as end:
                    status = int(end.code or 0)
        return subprocess.CompletedProcess(arguments, status, output.getvalue(), errors.getvalue())

    return run


@pytest.fixture(scope="session")
def class_project(tmp_path_factory: pytest.TempPathFactory, demo_files: dict[str, str]) -> Path:
    """The project with the whole class, for tests that only look at what has been written."""
    root = make_project(tmp_path_factory.mktemp("class") / "project", demo_files)
    for student, text in CLASS.items():
        write(root / "class" / student, {"double.py": text, "shift.py": RIGHT_SHIFT})
    write(root / "class/misnames", {"doubling.py": double("return 2 * x"), "shift.py": RIGHT_SHIFT})
    write(root / "class/misses_one", {"shift.py": RIGHT_SHIFT})
    write(root / "class", {"one_file.py": double("return 2 * x") + "\n\n" + RIGHT_SHIFT})
    return root


@dataclass(frozen=True)
class Graded:
    """A run over the class, and what it wrote."""

    process: subprocess.CompletedProcess[str]
    out: Path

    def result(self, student: str) -> Any:
        """The result of a student, as it was written."""
        return json.loads((self.out / "results" / f"{student}.json").read_text())

    def feedback(self, student: str) -> str:
        return (self.out / "feedback" / f"{student}.md").read_text()

    def without_times(self) -> dict[str, bytes]:
        """Every file that was written, with the times blanked."""
        return {
            path.relative_to(self.out).as_posix(): re.sub(rb'"seconds": [^,]+,', b'"seconds": 0,', path.read_bytes())
            for path in sorted(self.out.rglob("*"))
            if path.is_file() and path.name != "gradebook.db"  # which has times, and the order of their coming
        }


@pytest.fixture(scope="session")
def grade_class(
    autograder: Callable[..., subprocess.CompletedProcess[str]], class_project: Path
) -> Callable[..., Graded]:
    """Grades the class into a folder of this name, with one seed if nothing else is said."""

    def grade(name: str, *options: object, seed: tuple[object, ...] = ("--seed", SEED)) -> Graded:
        out = class_project / name
        process = autograder(class_project, "grade", "demo", "class", "--out", out, *seed, *options)
        return Graded(process, out)

    return grade


@pytest.fixture(scope="session")
def graded(grade_class: Callable[..., Graded]) -> Graded:
    """The class, graded with two graders."""
    return grade_class("out", "--jobs", 2)
