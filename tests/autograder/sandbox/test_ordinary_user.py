"""Workers of an ordinary user: they are the same user as their grader, and yet nothing else of his is within reach.

Started by root, the tests of this page and of those about what workers may do are run once more, as an ordinary user.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest

from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.session import Session, Source
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

pytestmark = pytest.mark.long

ORDINARY = os.geteuid() != 0
TESTS = ("ordinary_user", "isolation", "signals", "worker_limits")
of_an_ordinary_user = pytest.mark.skipif(not ORDINARY, reason="run again as an ordinary user")

WORKER = """
import ctypes, fcntl, os, resource, signal, threading

def attempt(code):
    try:
        return eval(code)
    except BaseException as error:
        return type(error).__name__

def signal_by_the_kernel(target):
    "Has a pipe's readiness told to a process by SIGKILL."
    read_end, write_end = os.pipe()
    fcntl.fcntl(read_end, fcntl.F_SETOWN, target)
    fcntl.fcntl(read_end, 10, int(signal.SIGKILL))
    fcntl.fcntl(read_end, fcntl.F_SETFL, os.O_ASYNC)
    os.write(write_end, b"x")

def threads(count):
    done = threading.Event()
    started = [threading.Thread(target=done.wait) for _ in range(count)]
    for thread in started:
        thread.start()
    done.set()
    return len(started)
"""

BUSY = f"""
import threading
for _ in range({Allowance().processes}):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
print("started", flush=True)
input()
"""


@pytest.mark.skipif(ORDINARY, reason="these tests are for an ordinary user already")
def test_what_holds_for_roots_workers_holds_for_those_of_an_ordinary_user(run_confined):
    status, output = run_confined("user", *(f"test_{name}.py" for name in TESTS))
    assert status == 0, output


@pytest.mark.skipif(ORDINARY, reason="these tests are for an ordinary user already")
def test_so_does_it_where_an_ordinary_user_may_make_namespaces(run_confined):
    status, output = run_confined("user with namespaces", *(f"test_{name}.py" for name in TESTS))
    assert status == 0, output


@pytest.fixture
def attempt(in_worker):
    return in_worker(WORKER).attempt


@pytest.fixture
def another_process():
    """A process of the same user, as the grader, the zygote and all else of his are."""
    process = subprocess.Popen([sys.executable, "-Ic", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


@of_an_ordinary_user
def test_the_level_is_full_though_nobody_becomes_another_user(report):
    assert report.level == "full"
    layers = ("process", "limits", "no_new_privs", "capabilities", "landlock", "seccomp")
    # Root's run of these tests says what it has allowed; an ordinary user's own run takes what the machine allows.
    allowed = os.environ.get("AUTOGRADER_TESTS_CONFINED")
    namespaces = "own_root" in report.layers if allowed is None else allowed == "user with namespaces"
    assert report.layers == (*layers, *["own_root"] * namespaces)
    assert [reason.partition(":")[0] for reason in report.reasons] == ["own_root"] * (not namespaces)


@of_an_ordinary_user
def test_the_worker_is_the_same_user(attempt):
    assert attempt("os.getresuid()") == os.getresuid()


@of_an_ordinary_user
def test_what_only_that_user_may_read_is_not_read(attempt, tmp_path):
    file = tmp_path / "grades.csv"
    file.write_text("kim,100")
    file.chmod(0o600)
    assert attempt(f"open({str(file)!r}).read()") in ("PermissionError", "FileNotFoundError")
    assert attempt(f"open({str(file)!r}, 'a')") in ("PermissionError", "FileNotFoundError")
    assert file.read_text() == "kim,100"


@of_an_ordinary_user
@pytest.mark.parametrize(
    "code",
    [
        "os.kill({target}, signal.SIGKILL)",
        "signal_by_the_kernel({target})",
        "resource.prlimit({target}, resource.RLIMIT_CPU, (0, 0))",
    ],
)
def test_another_process_of_that_user_lives_on(attempt, another_process, code):
    before = psutil.Process(another_process.pid).rlimit(psutil.RLIMIT_CPU)
    assert attempt(code.format(target=another_process.pid)) == "PermissionError"
    with pytest.raises(subprocess.TimeoutExpired):
        another_process.wait(timeout=0.2)
    assert psutil.Process(another_process.pid).rlimit(psutil.RLIMIT_CPU) == before


@of_an_ordinary_user
def test_that_user_himself_could_do_all_of_this(another_process):
    """That the tests above can fail."""
    names: dict[str, object] = {}
    exec(WORKER, names)
    names["signal_by_the_kernel"](another_process.pid)  # type: ignore[operator]
    assert another_process.wait(timeout=300) == -signal.SIGKILL


@of_an_ordinary_user
def test_other_processes_of_that_user_do_not_see_into_a_worker(open_line):
    line = open_line()
    Session(Source("exercise", "exercise.py", ""), line).begin("test")
    folder = f"/proc/{line._worker.pid}"
    assert os.stat(f"{folder}/environ").st_uid == 0  # what is not dumpable is root's
    with pytest.raises(PermissionError):
        os.open(f"{folder}/mem", os.O_RDONLY)
    assert os.stat(f"/proc/{os.getpid()}/environ").st_uid == os.getuid()


@of_an_ordinary_user
def test_a_user_with_many_threads_can_be_graded_for():
    """What limits a worker's threads counts all of its user's, who may have a desktop full of them."""
    with ExitStack() as ends:
        process = subprocess.Popen([sys.executable, "-Ic", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ends.callback(process.wait)
        ends.callback(process.kill)
        process.stdout.readline()
        zygote = ends.enter_context(Zygote())
        line = WorkerLine(WorkerSupply(zygote.connect()), Allowance(), TimeLimits())
        ends.callback(line.close)
        session = Session(Source("exercise", "exercise.py", WORKER), line)
        session.begin("test")
        assert Namespace(session, Random(0, "test")).threads(8) == 8
