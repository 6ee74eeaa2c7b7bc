"""Receives a download as `autograder grade` does, without grading anything."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.receive import Received, receive
from autograder.sources.roster import read_roster
from autograder.submissions.model import Expected

sys.path.insert(0, str(Path(__file__).parent))  # for lms_downloads


class Folder:
    """As much of a gradebook as this needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def claim(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)


EXPECTED = (
    Expected("residual_block", "residual_block.py", ("ResidualBlock",)),
    Expected("lstm_cell", "lstm_cell.py", ("LSTMCell",)),
)


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., Received]:
    def receive_it(path: Path, roster: str = "") -> Received:
        people = []
        if roster:
            (tmp_path / "roster.csv").write_text(roster)
            people = read_roster(tmp_path / "roster.csv")
        return receive(path, "week4", EXPECTED, Folder(tmp_path / "out"), people)  # type: ignore[arg-type]

    return receive_it


@pytest.fixture
def graded() -> Callable[[Received], dict[str, dict[str, str]]]:
    """What lies there to be graded: text of each file, by student and name."""

    def look(received: Received) -> dict[str, dict[str, str]]:
        return {
            each.student: {
                str(file.relative_to(each.path)): file.read_text() for file in sorted(each.path.rglob("*.*"))
            }
            if each.path.is_dir()
            else {each.path.name: each.path.read_text()}
            for each in received.submissions
        }

    return look
