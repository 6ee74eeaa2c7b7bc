"""Grades the submission in an /autograder folder and keeps its results.json, whatever becomes of the grading.

The grading is a process of its own. This one reads what it tells after each exercise, writes it down, ends it a minute
before Gradescope would end everything, and survives its death. It imports no torch, so that it is the last that a
container short of memory would end.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import msgspec

from autograder.batch.grader import Answer
from autograder.course.assignment import Assignment, open_assignment
from autograder.course.layout import assignment_names
from autograder.course.suites import suite_hash
from autograder.course.translation import speak_of
from autograder.errors import UsageError
from autograder.gradescope.grade import Order
from autograder.gradescope.metadata import Metadata, read_metadata
from autograder.gradescope.policy import lateness, refusal, seed_of
from autograder.gradescope.report import not_graded, refused, results_of
from autograder.gradescope.results_file import ResultsFile
from autograder.language import mark, tr
from autograder.results.feedback import traces
from autograder.results.model import NOT_RUN, Result

SECONDS_VARIABLE = "AUTOGRADER_SECONDS"
"""Replaces the time for grading, in seconds."""
_MARGIN = 60.0
"""Seconds before Gradescope's limit at which grading is stopped."""
_TIME_IS_UP = mark("Not run: the time for grading was nearly up.")
_ENDED = mark(
    "Not run: grading ended before. That is no fault of your code as far as we know; please tell your instructor."
)


class _Stopped(BaseException):
    """Somebody asked this process to end."""


def run(folder: Path, started: float, environment: Mapping[str, str]) -> Result | None:
    """Grade what is in `folder`/submission with what is in `folder`/source/payload; the result, as far as it came.

    `started` is the moment, by the monotonic clock, from which Gradescope counts its time. Writes
    `folder`/results/results.json at once, and again whenever more is known. Raises OSError where that cannot be
    written at all.
    """
    file = ResultsFile(folder / "results")
    file.write(not_graded())
    file.set_aside()
    previous = signal.signal(signal.SIGTERM, _stop)
    try:
        return _run(folder, started, environment, file)
    except UsageError as error:
        print(f"autograder: {error}", file=sys.stderr)
    except Exception:  # whatever it is, results.json stays as it was last written
        traceback.print_exc()
    except _Stopped:
        print("autograder: asked to stop; results.json holds what is known", file=sys.stderr)
    finally:
        signal.signal(signal.SIGTERM, previous)
        file.release()
    return None


def _run(folder: Path, started: float, environment: Mapping[str, str], file: ResultsFile) -> Result | None:
    root = folder / "source" / "payload"
    names = assignment_names(root)
    if len(names) != 1:
        raise UsageError(f"{root}: expected one assignment, found {len(names)}")
    layout, assignment = open_assignment(root, names[0])
    assignment = speak_of(layout, assignment)
    suite = suite_hash(layout)
    metadata = read_metadata(folder / "submission_metadata.json")
    stands_against = refusal(assignment, metadata)
    if stands_against is not None:
        file.write(refused(stands_against, assignment))
        print("not graded: too many submissions within 24 hours")
        return None
    seed = seed_of(assignment, suite, metadata, environment)
    order = Order(
        str(root), assignment.name, str(_handed_in(folder / "submission")), metadata.submitters or "submission", seed
    )
    grading = _Grading(assignment, metadata, started, file)
    return grading.run(order, started + _seconds(assignment, environment))


def _seconds(assignment: Assignment, environment: Mapping[str, str]) -> float:
    if SECONDS_VARIABLE in environment:
        text = environment[SECONDS_VARIABLE]
        with contextlib.suppress(ValueError):
            if math.isfinite(float(text)):
                return float(text)
        raise UsageError(f"{SECONDS_VARIABLE}={text}: give a number of seconds")
    return assignment.gradescope.timeout_minutes * 60.0 - _MARGIN


def _handed_in(folder: Path) -> Path:
    """What to grade: a single file is a submission by itself, as it is for `autograder grade`."""
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    if len(entries) != 1 or entries[0].is_dir():
        return folder
    # The path travels as JSON, which has no words for a name that is not UTF-8.
    name = os.fsencode(entries[0].name).decode(errors="replace")
    return entries[0] if name == entries[0].name else entries[0].rename(folder / name)


class _Grading:
    """One grading process under supervision."""

    def __init__(self, assignment: Assignment, metadata: Metadata, started: float, file: ResultsFile) -> None:
        self._assignment, self._metadata, self._started, self._file = assignment, metadata, started, file
        self._best: Result | None = None

    def run(self, order: Order, deadline: float) -> Result | None:
        """The result, or what was known of it when the process ended or time was up."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "autograder.gradescope.grade", msgspec.json.encode(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        try:
            self._listen(process, deadline)
        finally:
            process.kill()
            process.wait()
        return self._best

    def _listen(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        assert process.stdout is not None
        descriptor, heard = process.stdout.fileno(), b""
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                print("autograder: stopped, the time was nearly up", file=sys.stderr)
                self._write(tr(_TIME_IS_UP))
                return
            data = os.read(descriptor, 1 << 20)
            if not data:
                print("autograder: the grading process ended before it was done", file=sys.stderr)
                self._write(tr(_ENDED))
                return
            *lines, heard = (heard + data).split(b"\n")
            for line in lines:
                if self._take(msgspec.json.decode(line, type=Answer)):
                    return

    def _take(self, answer: Answer) -> bool:
        """Write down what was answered; whether it was the last."""
        if answer.so_far is not None:
            # After a fault, grading begins anew: what was known already is not given up for less.
            if self._best is None or _run_so_far(answer.so_far) >= _run_so_far(self._best):
                self._best = answer.so_far
                self._write(tr(_ENDED))
            return False
        if answer.result is None:
            print(f"autograder: {answer.usage_error or answer.fault}", file=sys.stderr)
            self._write(tr(_ENDED))
            return True
        self._best = answer.result
        self._write("")
        print(traces(answer.result, self._assignment))
        return True

    def _write(self, stopped: str) -> None:
        if self._best is not None:
            seconds, late = time.monotonic() - self._started, lateness(self._assignment, self._metadata)
            self._file.write(results_of(self._best, self._assignment, seconds, self._metadata.id, late, stopped))


def _run_so_far(result: Result) -> int:
    return sum(exercise.status != NOT_RUN for exercise in result.exercises.values())


def _stop(number: int, frame: FrameType | None) -> None:
    raise _Stopped
