"""A zygote for the whole folder, and the ways in which a test reaches code on the other side."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance, Report, TimeLimits
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.session import LocalLine, Session, Source
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

sys.path.insert(0, str(Path(__file__).parent))  # for asking

CANARY = "autograder-canary-6f1d0c"
"""Stands in the environment of the process that starts the zygote, and must not be seen from there on."""

# Times vary too much on a busy machine to be judged; continuous integration tries the same examples every time.
settings.register_profile("autograder", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("autograder")

_modules = itertools.count()


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """One zygote for all tests of this process: starting it takes as long as `import torch`."""
    if sys.platform != "linux":
        pytest.skip("workers are only confined, and only tested, on Linux")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_CANARY", CANARY)
        started = Zygote()
    with started:
        started.report()
        yield started


@pytest.fixture
def run_confined() -> Iterator[Callable[..., tuple[int, str]]]:
    """Runs tests of this folder as `confined_start.py` starts them: their exit status and what they print."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can give up rights, with setpriv")
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory(prefix="autograder-confined-") as folder:
        os.chmod(folder, 0o755)
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}

        def run(left: str, *tests: str) -> tuple[int, str]:
            files = [str(here / name) for name in tests]
            process = subprocess.run(
                [sys.executable, str(here / "confined_start.py"), left, f"--basetemp={folder}/tests", *files],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=3600,
                check=False,
            )
            return process.returncode, process.stdout[-5000:]

        yield run


@pytest.fixture
def canary() -> str:
    return CANARY


@pytest.fixture(scope="session")
def report(zygote: Zygote) -> Report:
    return zygote.report()


@pytest.fixture(scope="session")
def supply(zygote: Zygote) -> WorkerSupply:
    return WorkerSupply(zygote.connect())


@pytest.fixture
def needs_layer(report: Report) -> Callable[[str], None]:
    """Skips a test about a layer that this machine does not offer."""

    def require(layer: str) -> None:
        if layer not in report.layers:
            pytest.skip(f"this machine does not offer {layer}: {'; '.join(report.reasons)}")

    return require


@pytest.fixture
def open_line(supply: WorkerSupply) -> Iterator[Callable[..., WorkerLine]]:
    """Opens lines to workers, `open_line(question=0.3)` with these time limits, and closes them after the test."""
    lines: list[WorkerLine] = []

    def open_(allowance: Allowance | None = None, **limits: float) -> WorkerLine:
        allowance = allowance or Allowance(memory_mb=512)
        lines.append(WorkerLine(supply, allowance, TimeLimits(**limits)))  # type: ignore[arg-type]
        return lines[-1]

    yield open_
    for line in lines:
        line.close()


@pytest.fixture
def open_worker(open_line: Callable[..., WorkerLine]) -> Callable[..., tuple[Session, WorkerLine]]:
    """Opens a line to a worker, as `open_line` does, and a session about a text on it."""

    def open_(text: str, allowance: Allowance | None = None, **limits: float) -> tuple[Session, WorkerLine]:
        line = open_line(allowance, **limits)
        return Session(Source("exercise", "exercise.py", text), line), line

    return open_


@pytest.fixture
def in_worker(open_line: Callable[..., WorkerLine]) -> Callable[..., Namespace]:
    """Loads a text in a worker and returns its names: `in_worker("def f(x): ...").f(1)`."""

    def load(text: str, **limits: float) -> Namespace:
        session = Session(Source("exercise", "exercise.py", text), open_line(**limits))
        session.begin("test")
        return Namespace(session, Random(0, "test"))

    return load


@pytest.fixture(params=["here", "worker"])
def open_session(request: pytest.FixtureRequest) -> Iterator[Callable[..., Session]]:
    """Opens sessions about a text, in this process or in a worker: suites must not notice which."""
    sessions: list[Session] = []

    def open_here(text: str, beside: str | None) -> Session:
        torch.set_num_threads(1)
        module = f"exercise_{next(_modules)}"
        return Session(Source(module, "exercise.py", text, beside), LocalLine(module))

    def open_in_worker(text: str, beside: str | None) -> Session:
        # A test may open two, each in a worker of its own.
        line = request.getfixturevalue("open_line")()
        return Session(Source("exercise", "exercise.py", text, beside), line)

    open_one = {"here": open_here, "worker": open_in_worker}[request.param]

    def open_(text: str, beside: str | None = None) -> Session:
        sessions.append(open_one(text, beside))
        return sessions[-1]

    yield open_
    for session in sessions:
        session.close()


@pytest.fixture
def load(open_session: Callable[..., Session]) -> Callable[..., Namespace]:
    """Loads a text on either side and returns its names, as the fixture `student` does for suites."""

    def load_(text: str, stream: str = "test", beside: str | None = None) -> Namespace:
        session = open_session("import torch\nfrom torch import nn\n\n" + text, beside)
        session.begin(stream)
        return Namespace(session, Random(0, stream))

    return load_
