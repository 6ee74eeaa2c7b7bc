"""OUT/changes.json.gz: what moved between the last two runs that differ. The earlier one's results are gone by then."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import msgspec
from msgspec import structs

from autograder.questions.diff import Change, Run, differences
from autograder.results.model import Result
from autograder.results.whole import write_whole

FILE = "changes.json.gz"


class _Kept(msgspec.Struct, frozen=True):
    run: Run
    changes: list[Change] | None = None


def note_changes(out: Path, run: Run) -> None:
    """Compare with the last run that came to its end, and keep this one for the next.

    A run that changes nothing leaves what is known of the one before, so that a run that was stopped and started again
    ends like one that was not.
    """
    kept = _read(out)
    changes = differences(kept.run, run) if kept is not None else None
    if kept is not None and not changes:
        changes = kept.changes
    short = Run(run.digests, {student: _short(result) for student, result in run.results.items()})
    write_whole(out / FILE, gzip.compress(msgspec.json.encode(_Kept(short, changes)), mtime=0))


def read_changes(out: Path) -> list[Change] | None:
    """None before a second run."""
    kept = _read(out)
    return kept.changes if kept is not None else None


def _read(out: Path) -> _Kept | None:
    try:
        return msgspec.json.decode(gzip.decompress((out / FILE).read_bytes()), type=_Kept)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError):  # none, or of another version
        return None


def _short(result: Result) -> Result:
    """Without what is not compared, which is most of it."""
    exercises = {
        name: structs.replace(
            exercise,
            **{"message": "", "diagnosis": (), "evidence": (), "doubtful": ()},
            tests=tuple(
                structs.replace(each, title="", message="", seconds=0.0, trace="", note="") for each in exercise.tests
            ),
        )
        for name, exercise in result.exercises.items()
    }
    return structs.replace(result, exercises=exercises)
