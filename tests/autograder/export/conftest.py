"""A class whose results are there, whatever it came from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from autograder.results.model import SCHEMA, ExerciseResult, Result
from autograder.sources.model import ClassList, Row
from autograder.sources.store import write_class

sys.path[:0] = [str(Path(__file__).parents[1] / "sources"), str(Path(__file__).parent)]  # lms_downloads and sheets


@pytest.fixture
def graded(tmp_path: Path) -> Callable[..., Path]:
    """Writes results, one score after the other, and a page for each."""

    def write(source: str, rows: Sequence[Row], scores: Sequence[float]) -> Path:
        out = tmp_path / "out"
        for folder in ("results", "feedback"):
            (out / folder).mkdir(parents=True, exist_ok=True)
        for row, score in zip(rows, scores, strict=True):
            exercise = ExerciseResult(score, 100.0, "graded", "", ())
            result = Result(SCHEMA, row.student, "week4", 1, "s", "full", score, 100.0, {"lstm_cell": exercise})
            (out / "results" / f"{row.student}.json").write_bytes(msgspec.json.encode(result))
            (out / "feedback" / f"{row.student}.md").write_text(f"# {row.student}\n\n{score:g} of 100\n")
            (out / "feedback" / f"{row.student}.html").write_text(f"<h1>{row.student}</h1>")
        write_class(out, ClassList(1, source, "week4", tuple(rows)))
        return out

    return write
