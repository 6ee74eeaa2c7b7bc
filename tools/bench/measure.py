"""`make bench`: speed and memory, measured side by side in one run, on the terminal and in bench.json.

Absolute times say little on a busy machine; what counts are the ratios, and each is taken from runs that alternate.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil
from rich.console import Console
from rich.table import Table

from autograder.batch.grader import Job
from autograder.batch.graders import Done, cores
from autograder.course.assignment import Assignment, load_assignment
from autograder.course.layout import Layout, find_project
from autograder.results.whole import require_writable, write_whole
from tools.bench.classes import CLONE, SEED, batch, solution, varied
from tools.bench.cluster import measure_cluster
from tools.bench.hostile import measure_hostile
from tools.bench.otter import measure_otter

_ROUNDS = 5
_MISTAKEN = "examples/submissions/core/silva_beatriz"
"""A submission in which much is diagnosed."""
_WARM = 10
"""Submissions for each grader that count in a class."""
_VARIED = 90
"""Students who solved all in different ways."""
_COPIES = 6
"""Students who make the same mistake: a class of three hundred."""


def measure_all(start: Path, out: Path, largest: int) -> None:
    """Measure everything for the assignment `core` and write the figures to `out`."""
    console = Console(highlight=False)
    root = find_project(start)
    require_writable(out.parent, f"{out} cannot be written", "name another file with --out")
    layout, assignment = Layout(root, "core"), load_assignment(root, "core")
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as folder:
        submission = solution(layout, assignment, Path(folder) / "solution")
        figures: dict[str, Any] = {"cores": cores(), "python": sys.version.split()[0]}
        for name, what, measure in (
            (
                "cold",
                "import torch, a right submission and one with many mistakes, in turn",
                lambda: _cold(submission, root / _MISTAKEN),
            ),
            ("memory", "all processes together while one submission is graded", lambda: _memory(submission)),
            (
                "warm",
                "through the boundary and in-process, in turn",
                lambda: _warm(layout, assignment, Path(folder), submission),
            ),
            (
                "otter",
                "`otter run`, the same checks in its own tests and kernel",
                lambda: _otter(layout, assignment, Path(folder), submission),
            ),
            ("worker", "from the request to the first answer", _worker),
            ("growth", "classes of 10 and more", lambda: _growth(layout, assignment, submission, largest)),
            (
                "diagnosis",
                "a class of mistakes, with and without it",
                lambda: _diagnosis(layout, assignment, Path(folder)),
            ),
            (
                "hostile",
                "a class of which every tenth is hostile, against honest ones in their place",
                lambda: measure_hostile(layout, assignment, Path(folder)),
            ),
            (
                "cluster",
                "a class on two workers of Dask and with two graders, in turn",
                lambda: measure_cluster(layout, assignment, Path(folder, "cluster")),
            ),
        ):
            console.print(f"{name}: {what}", markup=False)
            figures[name] = measure()
            console.print(f"  {figures[name]}", markup=False)
            # After each: a bench that is stopped keeps what it has measured.
            write_whole(out, msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    console.print(_table(figures))
    console.print(f"Figures: {out}", markup=False)


def _cold(right: Path, mistaken: Path) -> dict[str, float]:
    """Seconds of `import torch` and of grading one submission of each kind, each in a fresh process, in turn."""
    rounds = []
    for _ in range(_ROUNDS + 1):
        imported = _seconds([sys.executable, "-c", "import torch"])
        with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as other:
            rounds.append((imported, _seconds(_grade_command(right, out)), _seconds(_grade_command(mistaken, other))))
    rounds = rounds[1:]  # the first only warms the disk cache
    return {
        "import_torch_seconds": statistics.median(imported for imported, _, _ in rounds),
        "grade_seconds": statistics.median(seconds for _, seconds, _ in rounds),
        "mistaken_seconds": statistics.median(seconds for _, _, seconds in rounds),
        "ratio": statistics.median(seconds / imported for imported, seconds, _ in rounds),
        "mistaken_ratio": statistics.median(seconds / imported for imported, _, seconds in rounds),
    }


def _grade_command(submission: Path, out: str) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", "core", str(submission), "--out", out, "--seed", str(SEED)]


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _memory(submission: Path) -> dict[str, float]:
    """Peak proportional set size, in MiB, of the command and all its descendants."""
    with tempfile.TemporaryDirectory() as out:
        process = subprocess.Popen(_grade_command(submission, out), stdout=subprocess.DEVNULL)
        peak, most = 0, 0
        while process.poll() is None:
            total, count = _pss(process.pid)
            peak, most = max(peak, total), max(most, count)
            time.sleep(0.02)
    return {"peak_pss_mib": peak / 2**20, "processes": most}


def _pss(pid: int) -> tuple[int, int]:
    """PSS of a process tree in bytes, and how many processes it has."""
    total = count = 0
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return 0, 0
    for process in family:
        try:
            total += process.memory_full_info().pss
            count += 1
        except (psutil.Error, AttributeError):
            continue
    return total, count


def _warm(layout: Layout, assignment: Assignment, folder: Path, submission: Path) -> dict[str, float]:
    """Seconds per submission of a class, once warm, against the same questions about the same code in one process
    without pytest; that of all cores, where no two wrote the same, against such processes on all cores.
    """
    students = varied(layout, assignment, folder, _VARIED)
    with _InProcess(layout) as in_process:
        every, one, plain = [], [], []
        for _ in range(_ROUNDS):
            every.append(_class_seconds(layout, assignment, [submission] * cores() * (2 + _WARM), cores()))
            one.append(_class_seconds(layout, assignment, [submission] * (2 + _WARM), 1))
            plain.append(statistics.median(in_process.seconds(submission) for _ in range(_WARM)))
        varied_seconds = _class_seconds(layout, assignment, students, cores())
        varied_plain = statistics.mean([in_process.seconds(student) for student in students])
    return {
        "class_seconds": statistics.median(every),
        "varied_seconds": varied_seconds,
        "one_grader_seconds": statistics.median(one),
        "in_process_seconds": statistics.median(plain),
        "varied_in_process_seconds": varied_plain,
        "ratio": varied_seconds * cores() / varied_plain,
        "one_grader_ratio": statistics.median(graded / asked for graded, asked in zip(one, plain, strict=True)),
    }


class _InProcess:
    """The yardstick, a process of its own."""

    def __init__(self, layout: Layout) -> None:
        command = [sys.executable, "-m", "tools.bench.in_process", str(layout.root), str(SEED)]
        self._process = subprocess.Popen(command, cwd=CLONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._line()  # ready

    def seconds(self, submission: Path) -> float:
        """How long all questions about a submission take."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{submission}\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __enter__(self) -> _InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _otter(layout: Layout, assignment: Assignment, folder: Path, submission: Path) -> dict[str, float]:
    """Submissions a minute, ours (a warm class, all cores) and with otter's stock flow, side by side."""
    students = [submission] * cores() * (2 + _WARM)
    ours = [_class_seconds(layout, assignment, students, cores())]
    theirs = measure_otter(layout, assignment, folder, cores())
    ours.append(_class_seconds(layout, assignment, students, cores()))
    seconds = statistics.mean(ours)
    return {
        "class_seconds": seconds,
        "per_minute": 60 / seconds,
        "otter_seconds": theirs["seconds"],
        "otter_per_minute": 60 / theirs["seconds"],
        "ratio": theirs["seconds"] / seconds,
        "otter_all_cores_seconds": theirs["seconds_all_cores"],
        "all_cores_ratio": theirs["seconds_all_cores"] / seconds,
    }


def _class_seconds(layout: Layout, assignment: Assignment, students: Sequence[Path], jobs: int) -> float:
    """Seconds per submission with `jobs` graders, counted from when each of them has graded two."""
    ends = []
    with batch(layout, assignment, jobs) as graders:
        for event in graders.events([Job(f"s{index:03}", bytes(each)) for index, each in enumerate(students)]):
            if isinstance(event, Done):
                ends.append(time.perf_counter())
    return (ends[-1] - ends[2 * jobs - 1]) / (len(ends) - 2 * jobs)


def _worker() -> dict[str, float]:
    """Milliseconds from asking for a worker to its first answer, and of the fork alone."""
    command = [sys.executable, "-m", "tools.bench.worker_start"]
    output = subprocess.run(command, cwd=CLONE, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = msgspec.json.decode(output)
    return figures


def _growth(layout: Layout, assignment: Assignment, submission: Path, largest: int) -> dict[str, Any]:
    """Seconds per submission in classes of growing size, all cores, and the memory of the whole run at its end."""
    sizes = [size for size in (10, 100, 1000) if size <= largest]
    classes = {}
    for size in sizes:
        watch = _Watch()
        with batch(layout, assignment, cores()) as graders:
            started, first = 0.0, True
            for event in graders.events([Job(f"s{index:04}", bytes(submission)) for index in range(size)]):
                if first:  # graders are ready: from here on it is work
                    started, first = time.perf_counter(), False
                del event
            seconds = time.perf_counter() - started
            peak = watch.stop()
        classes[str(size)] = {"seconds_per_submission": seconds / size, "peak_pss_mib": peak / 2**20}
    return classes


def _diagnosis(layout: Layout, assignment: Assignment, folder: Path) -> dict[str, float]:
    """Seconds of a class whose students each have one mistake of the bank, with and without diagnosis."""
    tasks = []
    for exercise in assignment.exercise_names:
        for mistake in sorted(layout.mistakes(exercise).glob("*.py"))[::5]:
            student = folder / f"{exercise}-{mistake.stem}"
            solution(layout, assignment, student)
            shutil.copy(mistake, student / f"{exercise}.py")
            tasks += [Job(f"{student.name}-{copy}", bytes(student)) for copy in range(_COPIES)]
    seconds: dict[bool, float] = {}
    for diagnosis in (False, True):
        with batch(layout, assignment, cores(), diagnosis) as graders:
            started = time.perf_counter()
            for _ in graders.events(tasks):
                pass
            seconds[diagnosis] = time.perf_counter() - started
    return {
        "students": len(tasks),
        "without_seconds": seconds[False],
        "with_seconds": seconds[True],
        "ratio": seconds[True] / seconds[False],
    }


class _Watch:
    """Samples the memory of this process and its descendants once a second."""

    def __init__(self) -> None:
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The peak in bytes."""
        self._over.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while not self._over.wait(1.0):
            self._peak = max(self._peak, _pss(os.getpid())[0])


def _table(figures: dict[str, Any]) -> Table:
    cold, warm, memory, worker = figures["cold"], figures["warm"], figures["memory"], figures["worker"]
    table = Table("what", "figure", "bar", title="bench", title_justify="left")
    table.add_row("import torch, cold process", f"{cold['import_torch_seconds']:.2f} s", "")
    table.add_row("one core submission, cold process to results", f"{cold['grade_seconds']:.2f} s", "")
    table.add_row("  ratio", f"{cold['ratio']:.2f}", "at most 1.8")
    table.add_row("one with many mistakes, all diagnosed", f"{cold['mistaken_seconds']:.2f} s", "")
    table.add_row("  ratio", f"{cold['mistaken_ratio']:.2f}", "at most 2.2")
    table.add_row("one submission of a class, warm, all cores", f"{1000 * warm['class_seconds']:.0f} ms", "")
    table.add_row("  where no two wrote the same", f"{1000 * warm['varied_seconds']:.0f} ms", "")
    table.add_row("same questions in-process, no pytest", f"{1000 * warm['in_process_seconds']:.0f} ms", "")
    table.add_row("  where no two wrote the same", f"{1000 * warm['varied_in_process_seconds']:.0f} ms", "")
    table.add_row("  no two the same, ratio to that on all cores", f"{warm['ratio']:.2f}", "at most 1.5")
    table.add_row("one submission, warm, a single grader", f"{1000 * warm['one_grader_seconds']:.0f} ms", "")
    table.add_row("  ratio", f"{warm['one_grader_ratio']:.2f}", "")
    otter = figures["otter"]
    table.add_row("submissions a minute, all cores", f"{otter['per_minute']:.0f}", "")
    table.add_row("  with `otter run`, one after the other", f"{otter['otter_per_minute']:.1f}", "")
    table.add_row("  ratio", f"{otter['ratio']:.0f}", "at least 25")
    table.add_row("  with `otter run` on all cores, ratio", f"{otter['all_cores_ratio']:.0f}", "")
    table.add_row("peak memory of all processes (PSS)", f"{memory['peak_pss_mib']:.0f} MiB", "under 500 MB")
    table.add_row("worker: request to forked", f"{worker['fork_ms']:.1f} ms", "")
    table.add_row("worker: request to first answer", f"{worker['ready_ms']:.1f} ms", "")
    table.add_row("  the same without isolation", f"{worker['bare_ready_ms']:.1f} ms", "at most 20 ms less")
    found = figures["diagnosis"]
    table.add_row(f"class of {found['students']} with a mistake each", f"{found['without_seconds']:.1f} s", "")
    table.add_row("  the same with diagnosis, ratio", f"{found['ratio']:.2f}", "at most 1.15")
    hostile = figures["hostile"]
    table.add_row(f"class of {hostile['students']}, all honest", f"{hostile['honest_seconds']:.1f} s", "")
    table.add_row(
        f"  with {hostile['hostile']} hostile ones in it",
        f"{hostile['seconds']:.1f} s",
        f"at most {hostile['bar_seconds']:.1f} s",
    )
    table.add_row("  honest ones with another result", f"{hostile['changed']}", "0")
    cluster = figures["cluster"]
    table.add_row("one submission on a Dask cluster of two workers", f"{1000 * cluster['cluster_seconds']:.0f} ms", "")
    table.add_row("  against --jobs 2, ratio", f"{cluster['ratio']:.2f}", "at most 1.15")
    table.add_row("  the same in processor time", f"{cluster['processor_ratio']:.2f}", "")
    for size, entry in figures["growth"].items():
        each = f"{1000 * entry['seconds_per_submission']:.0f} ms each, {entry['peak_pss_mib']:.0f} MiB"
        table.add_row(f"class of {size}", each, "does not grow")
    return table
