"""The worked example of an exercise: what the handout says of it, and what was seen of the student's own code in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.language import SOURCE, mark, spoken, tr
from autograder.student.folder import StudentFolder
from autograder.student.results import PublicResult, PublicTest

BY_HAND = mark("By hand")
"""The heading of the worked example in a handout's section."""


@dataclass(frozen=True)
class Line:
    """One run of a line of the student's code."""

    function: str
    begins: bool
    """A call of the function begins here; the values are its arguments."""
    where: str
    text: str
    values: Sequence[tuple[str, str]]
    """What names and expressions in it came to."""


@dataclass(frozen=True)
class Example:
    """One public check of the worked example, as the student's code went through it."""

    check: PublicTest
    lines: Sequence[Line]
    left_out: int
    """How many values there were more."""


@dataclass(frozen=True)
class Explained:
    """What came of the worked example, and how; without examples, `result` says why there are none."""

    result: PublicResult
    examples: Sequence[Example]


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
