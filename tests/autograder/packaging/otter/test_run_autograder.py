"""run_autograder leaves a valid results.json and ends well, whatever becomes of the grader that it starts."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDERS = ("source", "submission", "results")
BETTER = '{"score": 7, "tests": [], "output": "graded"}'
MISSING = None
GRADERS = {
    "no Python": MISSING,
    "a Python that cannot be executed": "",
    "a grader that fails at once": "exit 1",
    "a grader that prints and fails": "echo '{\"score\": 1000}'; echo nonsense >&2; exit 3",
    "a grader that is killed": "kill -KILL $$",
    "a grader that ends itself": "kill -TERM $$",
    "a grader that crashes": "kill -SEGV $$",
    "a grader that writes nothing": "exit 0",
}


@dataclass(frozen=True)
class Ended:
    """run_autograder after its end."""

    status: int
    said: str
    home: Path

    @property
    def results(self) -> Any:
        """results.json, which must be valid and alone."""
        found = [path.name for path in (self.home / "results").iterdir()]
        assert found == ["results.json"]
        return json.loads((self.home / "results/results.json").read_text())


@pytest.fixture
def home(core_zip: Path, tmp_path: Path) -> Path:
    """An /autograder of the test's own, with nothing in its virtual environment."""
    home = tmp_path / "home"
    for name in FOLDERS:
        (home / name).mkdir(parents=True)
        (home / name).chmod(0o777)
        (home / name / "file").touch()
        (home / name / "file").chmod(0o666)
    (home / "results/file").unlink()
    with zipfile.ZipFile(core_zip) as file:
        script = file.read("run_autograder").decode().replace("/autograder", str(home))
    (home / "run_autograder").write_text(script)
    (home / "run_autograder").chmod(0o755)
    return home


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Callable[[str | None], subprocess.Popen[bytes]]]:
    """Starts run_autograder with this script in place of the grader's Python."""
    started: list[subprocess.Popen[bytes]] = []

    def start(grader: str | None) -> subprocess.Popen[bytes]:
        if grader is not MISSING:
            (home / "venv/bin").mkdir(parents=True)
            (home / "venv/bin/python").write_text(f"#!/bin/bash\n{grader}\n")
            (home / "venv/bin/python").chmod(0o755 if grader else 0o644)
        with open(tmp_path / "said", "wb") as said:
            process = subprocess.Popen(
                [home / "run_autograder"],
                cwd=home,
                env={"PATH": os.environ["PATH"], "HOME": str(home)},
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def ended(home: Path, tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]) -> Callable[[str | None], Ended]:
    """Runs run_autograder to its end."""

    def ended(grader: str | None) -> Ended:
        status = start(grader).wait(timeout=300)
        return Ended(status, (tmp_path / "said").read_text(), home)

    return ended


@pytest.fixture
def stopped(home: Path, tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]) -> Callable[[str], Ended]:
    """Runs run_autograder and asks it to stop, once the grader has made a file `started`."""

    def stopped(grader: str) -> Ended:
        process = start(grader)
        deadline = time.monotonic() + 300
        while not (home / "started").exists():
            assert time.monotonic() < deadline, "the grader has not been started"
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        status = process.wait(timeout=300)
        return Ended(status, (tmp_path / "said").read_text(), home)

    return stopped


@pytest.mark.parametrize("grader", GRADERS.values(), ids=GRADERS)
def test_a_grader_that_comes_to_nothing_leaves_a_score_and_an_explanation(ended, grader):
    after = ended(grader)
    assert after.status == 0, after.said
    assert (after.results["score"], after.results["tests"]) == (0, [])
    assert "no fault of your code" in after.results["output"]
    assert "tell your instructor" in after.results["output"]
    assert after.results["stdout_visibility"] == "hidden"


@pytest.mark.parametrize(("grader", "status"), [("exit 3", 3), ("kill -KILL $$", 137), (MISSING, 127)])
def test_the_instructor_is_told_how_the_grader_ended(ended, grader, status):
    assert ended(grader).said.splitlines()[-1] == f"run_autograder: the grader ended with status {status}"


def test_a_hanging_grader_is_asked_to_stop_and_the_explanation_stays(stopped, home):
    after = stopped("trap 'echo asked; exit 1' TERM\ntouch started\nwhile :; do sleep 0.05; done")
    assert after.status == 0, after.said
    assert "asked" in after.said
    assert after.results["score"] == 0
    assert "did not start" in after.results["output"]


def test_a_grader_that_is_asked_to_stop_has_time_to_write_what_it_knows(stopped):
    last = f"late() {{ sleep 0.3; echo '{BETTER}' > results/results.json; exit 0; }}"
    after = stopped(f"{last}\ntrap late TERM\ntouch started\nwhile :; do sleep 0.05; done")
    assert after.status == 0, after.said
    assert after.results == json.loads(BETTER)


def test_what_the_grader_has_written_stays(ended):
    after = ended(f"echo '{BETTER}' > results/results.json; exit 1")
    assert after.status == 0
    assert after.results == json.loads(BETTER)


def test_results_of_a_run_before_do_not_stay(ended, home):
    (home / "results/results.json").write_text(BETTER)
    assert ended("exit 1").results["score"] == 0


def test_the_first_results_are_there_before_the_grader_starts(ended):
    after = ended("cp results/results.json early.json; rm results/results.json; mv early.json results/results.json")
    assert after.results["score"] == 0


def test_the_grader_gets_the_folder_and_neither_input_nor_the_users_packages(ended, home):
    after = ended('echo "$*"; read line || echo "no input"; readlink /proc/self/fd/0')
    assert after.said.splitlines()[:2] == [f"-I -m autograder.gradescope {home}", "no input"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_group_and_others_lose_their_rights_before_the_grader_starts(ended, home, folder):
    after = ended(f"find {folder} -printf '%m %p\\n'; umask 0; touch results/results.json")
    seen = dict(reversed(line.split(" ", 1)) for line in after.said.splitlines() if f" {folder}" in line)
    assert len(seen) == 2
    assert {path: rights for path, rights in seen.items() if not rights.endswith("00")} == {}
    assert [path for path in (home / folder).rglob("*") if path.stat().st_mode & 0o077] == []


def test_a_home_without_results_or_submission_is_no_obstacle(ended, home):
    (home / "results").rmdir()
    (home / "submission/file").unlink()
    (home / "submission").rmdir()
    after = ended("exit 1")
    assert after.status == 0
    assert after.results["score"] == 0
    assert (home / "source").stat().st_mode & 0o077 == 0
