"""What a submission costs on a Dask cluster of this computer, against as many graders without Dask."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import psutil

from autograder.batch.grader import Job
from autograder.batch.graders import Done, Started
from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from tools.bench.classes import batch, spread, varied

_STUDENTS = 44
_WORKERS = 2
_ROUNDS = 3


def measure_cluster(layout: Layout, assignment: Assignment, folder: Path) -> dict[str, Any]:
    """Seconds per submission by the clock and of processors, in turn, of a class in which no two wrote the same.

    Counted from when each grader has graded two.
    """
    folder.mkdir()
    jobs = [Job(student.name, bytes(student)) for student in varied(layout, assignment, folder, _STUDENTS)]
    plain, there = [], []
    for _ in range(_ROUNDS):
        with batch(layout, assignment, _WORKERS) as graders:
            plain.append(_each(graders.events(jobs)))
        with spread(layout, assignment, _WORKERS) as graders:
            there.append(_each(graders.events(jobs)))
    ratios = [[one / other for one, other in zip(*pair, strict=True)] for pair in zip(there, plain, strict=True)]
    seconds, processor_seconds = map(statistics.median, zip(*plain, strict=True))
    cluster_seconds, cluster_processor_seconds = map(statistics.median, zip(*there, strict=True))
    ratio, processor_ratio = map(statistics.median, zip(*ratios, strict=True))
    return {
        "students": _STUDENTS,
        "seconds": seconds,
        "cluster_seconds": cluster_seconds,
        "ratio": ratio,
        "processor_seconds": processor_seconds,
        "cluster_processor_seconds": cluster_processor_seconds,
        "processor_ratio": processor_ratio,
    }


def _each(events: Generator[Started | Done]) -> tuple[float, float]:
    """Seconds per submission: by the clock, and of processors."""
    begin, count = (0.0, 0.0), 0
    with contextlib.closing(events):
        for count, _ in enumerate(_done(events), 1):
            if count == 2 * _WORKERS:
                begin = time.perf_counter(), _processor_seconds()
            if count == _STUDENTS:
                break
        end = time.perf_counter(), _processor_seconds()
    counted = count - 2 * _WORKERS
    return (end[0] - begin[0]) / counted, (end[1] - begin[1]) / counted


def _done(events: Iterable[Started | Done]) -> Iterable[Done]:
    return (event for event in events if isinstance(event, Done))


def _processor_seconds() -> float:
    """Of this process, its descendants, and those of them that have ended."""
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total
