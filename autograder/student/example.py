"""The worked example of an exercise: what the handout says of it, and what was seen of the student's own code in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.language import SOURCE, mark, spoken, tr
from autograder.student.folder import StudentFolder
from autograder.student.instrument import Place
from autograder.student.results import PublicResult
from autograder.submissions.model import SourceFile

BY_HAND = mark("By hand")
"""The heading of the worked example in a handout's section."""


@dataclass
class Step:
    """One run of one line, and what names and expressions in it came to."""

    place: Place
    begins: bool
    """A call of the function begins here; the values are its arguments."""
    values: list[tuple[str, str]]
    ended: bool


@dataclass
class Steps:
    """What was seen during one check."""

    first: list[Step] = field(default_factory=list)
    left_out: int = 0
    """How many values there were more."""


@dataclass(frozen=True)
class Explained:
    """What came of the worked example, and how."""

    result: PublicResult
    source: SourceFile | None
    """The code that was run, if there is any."""
    seen: Sequence[Steps]
    """Where the result is graded, for each of its tests."""


def by_hand(folder: StudentFolder, exercise: str) -> list[str]:
    """The lines of the worked example in the handout, in the language of this process; none where there is none."""
    handout, heading = folder.path / f"HANDOUT.{spoken()}.md", tr(BY_HAND)
    if spoken() == SOURCE or not handout.is_file():
        handout, heading = folder.path / "HANDOUT.md", BY_HAND
    text = handout.read_text(encoding="utf-8") if handout.is_file() else ""
    for section in re.split(r"(?m)^## ", text):
        if re.search(rf"(?m)^\w+ `{exercise}\.py`", section):
            parts = (part.partition("\n") for part in re.split(r"(?m)^### ", section))
            return next((_plain(body.strip("\n")) for title, _, body in parts if title.strip() == heading), [])
    return []


def _plain(markdown: str) -> list[str]:
    """Paragraphs in a line each, and lines of code as they are."""
    lines = []
    for paragraph in markdown.split("\n\n"):
        if paragraph.startswith("    "):
            lines += [line.removeprefix("    ") for line in paragraph.splitlines()]
        else:
            text = re.sub(r"(\*\*?)(?=\S)(.+?)(?<=\S)\1", r"\2", " ".join(paragraph.split()))
            lines.append(re.sub(r"\\([^\w\s])", r"\1", text))
        lines.append("")
    return lines[:-1]
