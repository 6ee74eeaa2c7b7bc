"""What make makes of its variables, and where the set-up takes torch from. Nothing is graded, nothing installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")

MAKEFILE = Path(__file__).parents[3] / "Makefile"


@pytest.fixture
def make(tmp_path):
    """Runs make in a folder whose .venv is in order, and whose programs say what they are called with."""
    shutil.copy(MAKEFILE, tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("python", "autograder"):
        (programs / name).write_text('#!/bin/sh\nfor argument in "$@"; do echo "<$argument>"; done\n')
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


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("SUBMISSION=../kim", "Did you mean: make grade SUBMISSIONS=../kim"),
        ("SUBMISSION=", "Did you mean: make grade SUBMISSIONS="),
        ("submissions=../week4", "there is no variable submissions. Those that there are: PYTHON ASSIGNMENT"),
        ("ASSIGMENT=week4", "there is no variable ASSIGMENT."),
        ("SUBMISIONS=../week4", "there is no variable SUBMISIONS."),
    ],
)
def test_a_misspelt_variable_is_asked_back_about_instead_of_ignored(make, variable, said):
    process = make("grade", variable)
    assert process.returncode == 2
    assert said in process.stderr
    assert process.stdout == ""


def test_one_submission_of_gradescope_is_no_misspelling(make):
    said = make("gradescope", "SUBMISSION=../kim").stdout.splitlines()
    assert said == ["<-m>", "<tools.gradescope>", "<core>", "<../kim>"]


PYTHON = f"""#!/bin/sh
case "$1 $2" in
  "-c "*) exec {sys.executable} "$@" ;;
  "-m venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && umask > .venv/umask ;;
  "-m pip") shift 3; umask; for argument in "$@"; do echo "<$argument>"; done ;;
esac
"""
"""A Python whose pip says what it is called with."""


@pytest.fixture
def set_up(make: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> Callable[..., list[str]]:
    """Sets up a fresh clone, and returns what is said."""
    shutil.rmtree(tmp_path / ".venv")
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)

    def run(*arguments: str) -> list[str]:
        process = make("setup", f"PYTHON={tmp_path}/python", *arguments)
        assert (process.returncode, process.stderr) == (0, "")
        return process.stdout.splitlines()

    return run


@contextmanager
def index(answer: int) -> Iterator[str]:
    """The address of a package index whose every answer has this status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def silent_index() -> Iterator[str]:
    """The address of one that takes a connection and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


EXTRA = "<--extra-index-url>"
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="torch of the default index is a CPU build elsewhere")


@on_linux
def test_cpu_builds_are_taken_where_their_index_answers(set_up):
    with index(200) as address:
        said = set_up(f"CPU_BUILDS={address}")
    assert f"torch is taken from {address}" in said
    assert said[said.index(EXTRA) + 1] == f"<{address}>"


@on_linux
@pytest.mark.parametrize("not_answering", [silent_index, lambda: index(503)])
def test_where_it_does_not_answer_the_default_index_is_taken_and_that_is_told(set_up, not_answering):
    with not_answering() as address:
        said = set_up(f"CPU_BUILDS={address}")
    assert f"{address} did not answer within 5 seconds: torch may be the far larger CUDA build." in said
    assert "torch is taken from the default index" in said
    assert EXTRA not in said


def test_an_empty_index_asks_nobody(set_up):
    with silent_index() as address:
        said = set_up("TORCH_INDEX=", f"CPU_BUILDS={address}")
    assert "torch is taken from the default index" in said
    assert EXTRA not in said
    assert not [line for line in said if "did not answer" in line]


def test_another_index_is_taken_as_it_is_given(set_up):
    said = set_up("TORCH_INDEX=https://example.org/it's")
    assert said[said.index(EXTRA) + 1] == "<https://example.org/it's>"


def test_what_is_installed_may_be_read_by_others_whatever_the_umask(set_up, tmp_path):
    """A worker of root's is another user."""
    before = os.umask(0o077)
    try:
        said = set_up("TORCH_INDEX=")
    finally:
        os.umask(before)
    assert (tmp_path / ".venv/umask").read_text() == "0022\n"
    assert "0022" in said


def test_set_up_once_nothing_is_done_again(set_up, make, tmp_path):
    set_up("TORCH_INDEX=")
    assert make("setup").stdout == ".venv is up to date\n"


def test_a_python_that_may_not_be_run_is_named(make, tmp_path):
    shutil.rmtree(tmp_path / ".venv")
    (tmp_path / "python").write_text(PYTHON)
    process = make("setup", f"PYTHON={tmp_path}/python")
    assert process.returncode == 2
    assert f"make: {tmp_path}/python cannot be run, or is older than Python 3.10" in process.stderr
    assert "Name another: make setup PYTHON=python3.12" in process.stderr


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root has others' folders")
@pytest.mark.parametrize("closed", [".", ".venv"])
def test_whoever_may_not_bring_it_up_to_date_is_told_who_may(closed):
    """Such as an ordinary user in root's clone, whose Python lies where only root may go."""
    with tempfile.TemporaryDirectory(prefix="autograder-make-") as name:
        folder = Path(name)
        shutil.copy(MAKEFILE, folder)
        (folder / ".venv").mkdir()
        for place, mode in ((folder, 0o777), (folder / ".venv", 0o777), (folder / closed, 0o755)):
            place.chmod(mode)
        for file in ("pyproject.toml", "constraints.txt"):
            (folder / file).touch()
        command = [
            "setpriv",
            "--reuid=12345",
            "--regid=12345",
            "--clear-groups",
            "make",
            "grade",
            "PYTHON=/usr/bin/true",
        ]
        process = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert process.returncode == 2
    assert "you (12345) may not write there" in process.stderr
    assert (
        "Clone the project into a folder of your own, or have the owner of this one run: make setup" in process.stderr
    )
