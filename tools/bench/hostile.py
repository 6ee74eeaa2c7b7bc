"""What hostile submissions cost a class: time, and the others' results (which must stay as they are)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec

from autograder.batch.grader import Job
from autograder.batch.graders import Done, cores
from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from tools.bench.classes import batch, solution

_STUDENTS = 200
_EVERY = 10
_TIMEOUTS = 2
"""So many questions are waited for before the rest of an exercise is given up."""

_LOOP = """
class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()

    def forward(self, x):
        while True:
            pass
"""
_HOSTILE = {
    "loop": _LOOP,
    "memory": "\nhoard = []\nwhile True:\n    hoard.append(torch.ones(1 << 22))\n",
    "files": "\nimport itertools\nfor i in itertools.count():\n    open(f'f{i}', 'wb').write(bytes(1 << 20))\n",
    "output": "\nwhile True:\n    print('x' * 10_000_000)\n    import os\n    os.write(3, bytes(1 << 20))\n",
    "crash": "\nimport ctypes\nctypes.string_at(0)\n",
}
"""What stands at the end of one file. Each takes one of the ways in which a grader could be held up."""


def measure_hostile(layout: Layout, assignment: Assignment, folder: Path) -> dict[str, Any]:
    """Seconds of a class with hostile submissions in it, and of the same class with honest ones in their place."""
    honest = solution(layout, assignment, folder / "honest")
    hostile = []
    for name, text in _HOSTILE.items():
        student = solution(layout, assignment, folder / f"hostile-{name}")
        file = student / "se_block.py"
        file.write_text(file.read_text() + text)
        hostile.append(student)
    everywhere = [Job(f"s{index:03}", bytes(honest)) for index in range(_STUDENTS)]
    among = [
        Job(job.student, bytes(hostile[index // _EVERY % len(hostile)])) if index % _EVERY == _EVERY - 1 else job
        for index, job in enumerate(everywhere)
    ]
    seconds_honest, results_honest = _grade(layout, assignment, everywhere)
    seconds, results = _grade(layout, assignment, among)
    stay = [job.student for job, other in zip(everywhere, among, strict=True) if job == other]
    loops = sum(job.path.endswith(b"hostile-loop") for job in among)
    files = sum(job.path.endswith((b"hostile-files", b"hostile-output")) for job in among)
    limits = assignment.limits
    waited = loops * _TIMEOUTS * limits.question_seconds + files * limits.load_seconds
    return {
        "students": len(among),
        "hostile": len(among) - len(stay),
        "honest_seconds": seconds_honest,
        "seconds": seconds,
        "bar_seconds": seconds_honest + waited / cores(),
        "changed": sum(results[student] != results_honest[student] for student in stay),
    }


def _grade(layout: Layout, assignment: Assignment, jobs: list[Job]) -> tuple[float, dict[str, Any]]:
    """Seconds of a class, and each student's result without the times."""
    results = {}
    with batch(layout, assignment, cores()) as graders:
        started = time.perf_counter()
        for event in graders.events(jobs):
            if isinstance(event, Done):
                results[event.task.label] = _timeless(msgspec.to_builtins(event.answer.result))
        return time.perf_counter() - started, results


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(entry) for key, entry in value.items() if key != "seconds"}
    return [_timeless(entry) for entry in value] if isinstance(value, list | tuple) else value
