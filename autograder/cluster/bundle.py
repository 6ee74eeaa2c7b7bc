"""What a worker of the cluster gets for one run: the files of an assignment, solutions among them; what must agree."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

import autograder
from autograder.batch.fingerprint import engine_hash
from autograder.batch.grader import Setup
from autograder.batch.graders import patience_of
from autograder.course.assignment import open_assignment
from autograder.course.layout import Layout
from autograder.course.suites import suite_hash
from autograder.course.translation import speak_of, words_of
from autograder.packaging.zips import Member, zip_bytes
from autograder.sandbox.isolation import Report

ENGINE = Path(autograder.__file__).parent


class Facts(Struct, frozen=True):
    """From these and the seed results follow, to the last byte."""

    torch: str
    engine: str
    suite: str
    isolation: str
    processor: str


class Bundle(Struct, frozen=True):
    """All of a run that a worker must know, but for the submissions."""

    files: bytes
    """A zip of what grading the assignment reads."""
    setup: Setup
    """As on the computer that the run was started on."""
    facts: Facts
    """Of that computer."""
    engine: str
    """Where the engine lies on it."""
    patience: float
    """Seconds for one submission."""


def bundle_of(setup: Setup, report: Report) -> Bundle:
    """What workers are to grade with as this computer would; `report` is its zygote's."""
    layout, assignment = open_assignment(Path(setup.root), setup.assignment)
    return Bundle(pack(layout), setup, facts_of(setup, report), str(ENGINE), patience_of(assignment))


def facts_of(setup: Setup, report: Report) -> Facts:
    """Those of the computer that this runs on, with the project at the root that `setup` names."""
    layout, assignment = open_assignment(Path(setup.root), setup.assignment)
    assignment = speak_of(layout, assignment, setup.language)
    engine = engine_hash(assignment.feedback.diagnosis != "off", *words_of(layout, assignment))
    return Facts(version("torch"), engine, suite_hash(layout), report.level, report.processor)


def difference(here: Facts, there: Facts) -> str:
    """What keeps a worker from grading as the computer does that the run was started on; empty where nothing does."""
    for what in Facts.__struct_fields__:
        found, wanted = getattr(here, what), getattr(there, what)
        if found != wanted:
            return f"has another {what} ({found}) than the computer that the run was started on ({wanted})"
    return ""


def pack(layout: Layout) -> bytes:
    """A zip of all that grading one assignment reads. It holds the solutions."""
    return zip_bytes(Member(layout.shown(file), file.read_bytes()) for file in sorted({*_files(layout)}))


def _files(layout: Layout) -> Iterator[Path]:
    for home in (layout, *map(layout.home, layout.homes)):
        for folder in (home.folder, home.solutions, home.suites):
            for file in folder.rglob("*"):
                parts = file.relative_to(folder).parts
                # Handouts, notebooks and pictures judge nobody.
                wanted = folder != home.folder or file.suffix in (".py", ".toml", ".po")
                if wanted and file.is_file() and not any(part.startswith((".", "__pycache__")) for part in parts):
                    yield file


def unpack(data: bytes, folder: Path) -> None:
    """Put it into a new folder, which nobody else may enter."""
    folder.mkdir(mode=0o700)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        file.extractall(folder)
