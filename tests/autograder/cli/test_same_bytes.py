"""The same seed gives the same files, byte for byte: whatever order sets have, who was graded before, how many at once.

Seconds are the only thing that may differ.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

SEED = 4_711
HEAD = "import os, torch\nfrom torch import nn\n\n\n"
SHIFT = "def shift(x):\n    return x + 1\n"


def double(forward: str) -> str:
    """A file that defines `Double` with this forward."""
    return f"{HEAD}class Double(nn.Module):\n    def forward(self, x):\n        {forward}\n"


NAMES = "{'weight', 'bias', 'running_mean', 'running_var', 'alpha', 'beta', 'gamma', 'delta'}"
ODD = {
    "address": double("raise ValueError(f'{object()} and {self.forward.__func__}')"),
    "draws": double(
        "return x + torch.rand_like(x) + __import__('random').random() + __import__('numpy').random.rand()"
    ),
    "drops": double("return 2 * nn.functional.dropout(x, 0.5, True)"),
    "folder": double("return open(os.path.join(os.getcwd(), 'weights.pt'))"),
    "globals": HEAD + "torch.set_default_dtype(torch.float64)\n" + double("return 2 * x"),
    "half": double("return x + x.detach()"),
    "initialises": double("return x * nn.Linear(1, 1).weight"),
    "never_ends": double("__import__('time').sleep(3600)"),
    "set": double(f"raise ValueError({NAMES})"),
    "set_of_layers": f"{HEAD}class Double(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    f"        for name in {NAMES}:\n            setattr(self, name, nn.Linear(2, 2))\n",
    "uninitialised": double("return 2 * torch.empty_like(x)"),
    "wrong": double("return 3 * x"),
}
SECOND_HALF = sorted(ODD)[len(ODD) // 2 :]
SECONDS = re.compile(rb'("seconds": ?)[\d.e-]+')


@pytest.fixture(scope="module")
def odd_project(class_project: Path) -> Path:
    """The demonstration's project with two more classes: all odd submissions, and half of them."""
    for name, students in (("odd", list(ODD)), ("odd_half", SECOND_HALF)):
        for student in students:
            folder = class_project / name / student
            folder.mkdir(parents=True)
            (folder / "double.py").write_text(ODD[student])
            (folder / "shift.py").write_text(SHIFT)
    return class_project


@pytest.fixture(scope="module")
def start(odd_project: Path, command, environment):
    """Starts a run over one of the classes: hash seed of the command, and how many are graded at once."""

    def start_(out: Path, submissions: str, hash_seed: int, jobs: int) -> subprocess.Popen[bytes]:
        arguments = ("grade", "demo", submissions, "--out", out, "--seed", SEED, "--jobs", jobs)
        return subprocess.Popen(
            command(*arguments),
            cwd=odd_project,
            env={**environment, "PYTHONHASHSEED": str(hash_seed)},
            stdout=subprocess.PIPE,
        )

    return start_


@pytest.fixture(scope="module")
def alone(start, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that grades one after another."""
    out = tmp_path_factory.mktemp("alone")
    finish(start(out, "odd", 0, 1))
    return files(out)


def finish(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=300)
    assert process.returncode == 0


def files(out: Path) -> dict[str, bytes]:
    """All that a run wrote, without seconds."""
    paths = [path for path in sorted(out.rglob("*")) if path.is_file() and path.name != "gradebook.db"]
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}
    return {name: SECONDS.sub(rb"\1", data) for name, data in found.items()}


def test_hash_seeds_jobs_and_a_busy_machine_change_no_byte(start, alone, tmp_path):
    at_once = [start(tmp_path / str(number), "odd", number, jobs) for number, jobs in ((1, 3), (2, 2))]
    for process in at_once:
        finish(process)
    for number in (1, 2):
        again = files(tmp_path / str(number))
        assert again.keys() == alone.keys()
        assert [name for name in alone if again[name] != alone[name]] == []


def test_who_was_graded_before_changes_no_byte(start, alone, tmp_path):
    finish(start(tmp_path, "odd_half", 3, 1))
    again = {name: data for name, data in files(tmp_path).items() if Path(name).stem in SECOND_HALF}
    assert {Path(name).stem for name in again} == set(SECOND_HALF)
    assert [name for name in again if again[name] != alone[name]] == []


def test_two_graders_that_share_a_submission_change_no_byte(start, alone, tmp_path):
    finish(start(tmp_path, "odd/half", 4, 2))
    again = files(tmp_path)
    pages = [name for name in alone if Path(name).stem == "half"]
    assert len(pages) == 5
    assert [name for name in pages if again[name] != alone[name]] == []
