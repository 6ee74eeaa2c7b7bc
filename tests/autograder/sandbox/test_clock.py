"""The time that a worker is given is its own: a busy machine takes nothing of it, and threads win nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from autograder.sandbox import client
from autograder.sandbox.client import WorkerClock
from autograder.sandbox.session import SubjectTimeout

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a process stood in line")

WORK = """
import os, sys, threading, time

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

def work():
    began = time.thread_time()
    while time.thread_time() - began < 0.1:
        pass

for _ in sys.stdin:
    threads = [threading.Thread(target=work) for _ in range(int(sys.argv[1]))]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    print(time.process_time(), flush=True)
"""
"""Has its main thread and so many others work for a tenth of a second each, on the first processor, when asked."""


class Working:
    """A process that works when it is asked."""

    def __init__(self, threads: int) -> None:
        command = [sys.executable, "-Ic", WORK, str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("work\n")
        self.process.stdin.flush()

    def answer(self) -> float:
        """Its processor time, in seconds."""
        assert self.process.stdout is not None
        return float(self.process.stdout.readline())


@pytest.fixture
def start() -> Iterator[Callable[[int], Working]]:
    started: list[Working] = []

    def start_(threads: int = 0) -> Working:
        started.append(Working(threads))
        started[-1].ask()
        started[-1].answer()  # it has done everything once
        return started[-1]

    yield start_
    for each in started:
        each.process.kill()
        each.process.communicate()


def test_what_a_process_waits_for_others_is_late(start):
    mine, *others = [start() for _ in range(4)]
    clock, started = WorkerClock(mine.process.pid), time.monotonic()
    for each in (*others, mine):
        each.ask()
    mine.answer()
    late, wall = clock.late(), time.monotonic() - started
    assert wall / 3 < late <= wall - 0.1


def test_what_threads_of_its_own_make_it_wait_is_not(start):
    """On one processor, each of five stands in line for four fifths of the time."""
    mine = start(4)
    clock, started = WorkerClock(mine.process.pid), time.monotonic()
    before = psutil.Process(mine.process.pid).cpu_times()
    mine.ask()
    mine.answer()
    late, wall = clock.late(), time.monotonic() - started
    after = psutil.Process(mine.process.pid).cpu_times()
    worked = sum(after[:2]) - sum(before[:2])
    assert worked > 0.4
    assert late <= wall - worked + 0.02  # they are counted by the hundredth


def test_nobody_is_late_who_is_gone():
    process = subprocess.Popen([sys.executable, "-Ic", "input()"], stdin=subprocess.PIPE)
    clock = WorkerClock(process.pid)
    process.communicate(b"\n")
    assert clock.late() == 0
    clock.close()


LONG = "import time\ndef f():\n    began = time.process_time()\n    while time.process_time() - began < 0.3: pass"


def test_what_is_late_does_not_count(in_worker, monkeypatch):
    monkeypatch.setattr(client.WorkerClock, "late", lambda clock: 1e6)
    monkeypatch.setattr(client, "_MOST_LATE", 1e6)
    assert in_worker(LONG, question=0.1, exercise=0.2).f() is None


def test_whoever_never_gets_a_processor_is_stopped_all_the_same(in_worker, monkeypatch):
    monkeypatch.setattr(client.WorkerClock, "late", lambda clock: 1e6)
    with pytest.raises(SubjectTimeout, match=r"took longer than 0\.1 s"):
        in_worker("def f():\n    while True: pass", question=0.1).f()
