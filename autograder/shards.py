"""One class on several computers that share a folder: each grades a shard, then `autograder merge` joins them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs
from rich.console import Console

from autograder.course.assignment import open_assignment
from autograder.course.layout import find_project
from autograder.course.translation import speak_of
from autograder.errors import UsageError
from autograder.language import tr
from autograder.outputs import about, open_gradebook, write_outputs
from autograder.results.database import FILE
from autograder.results.files import Gradebook
from autograder.results.model import Terms
from autograder.sources.collect import FOLDER
from autograder.sources.model import ClassList
from autograder.sources.store import class_from_bytes

_NAME = re.compile(r"shard-(\d+)-of-(\d+)")


@dataclass(frozen=True)
class Shard:
    """The submissions whose digest leaves a certain rest: who else is in the class changes nobody's shard."""

    number: int
    """From 1 to `of`."""
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def folder(self, out: Path) -> Path:
        """A folder of results of its own, inside of that of the class."""
        return out / f"shard-{self.number}-of-{self.of}"

    def part(self, found: ClassList) -> ClassList:
        """The rows that are graded here."""
        rows = (row for row in found.students if row.attempts and int(row.digest, 16) % self.of == self.number - 1)
        return structs.replace(found, students=tuple(rows))


def shard_of(text: str) -> Shard:
    """Of "3/16". Raises UsageError."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard {text}: write K/N, from 1/N to N/N")
    return Shard(int(match[1]), int(match[2]))


def merge(out: Path, parts: Sequence[Path]) -> int:
    """Put what shards graded into OUT/gradebook.db, and write what one run over the class would have; its exit status.

    `parts` are their folders; without any, those in `out`. Raises UsageError where they are not of one run.
    """
    console = Console(highlight=False)
    parts = parts or sorted(file.parent for file in out.glob(f"shard-*/{FILE}"))
    if not parts:
        raise UsageError(f"{out} holds no shards: grade with --shard 1/N to N/N, one --seed and --out {out} first.")
    with ExitStack() as stack:
        databases = [stack.enter_context(closing(open_gradebook(part))) for part in parts]
        runs = [about(database, part) for database, part in zip(databases, parts, strict=True)]
        terms, class_list = runs[0]
        for part, (other, others_class) in zip(parts, runs, strict=True):
            if what := _difference(terms, other) or ("class" if others_class != class_list else ""):
                raise UsageError(f"{part} is of another {what} than {parts[0]}: grade it again, or leave it out.")
        found = class_from_bytes(class_list)
        assignment = speak_of(*open_assignment(find_project(Path.cwd()), terms.assignment), found.language)
        gradebook = stack.enter_context(closing(Gradebook(out, assignment)))
        gradebook.begin(terms, class_list)
        for database in databases:
            gradebook.claim().add_rows(database.rows())
        _copy_submissions(parts, out)
        status = write_outputs(console, assignment, gradebook, terms, found, found.path)
    if missing := _missing(parts):
        console.print(tr("Shards that are not there: {shards}", shards=", ".join(missing)))
    return status


def _copy_submissions(parts: Sequence[Path], out: Path) -> None:
    """What was unpacked, to where the class list names it."""
    folders = [part / FOLDER for part in parts if (part / FOLDER).is_dir()]
    if folders:
        shutil.rmtree(out / FOLDER, ignore_errors=True)
    for folder in folders:
        shutil.copytree(folder, out / FOLDER, symlinks=True, dirs_exist_ok=True)


def _difference(one: Terms, other: Terms) -> str:
    """What they differ in, in a word."""
    names = (name for name in Terms.__struct_fields__ if getattr(one, name) != getattr(other, name))
    return next(names, "").removesuffix("s")


def _missing(parts: Sequence[Path]) -> list[str]:
    """The shards that have no folder, as far as names tell."""
    there = {(int(match[1]), int(match[2])) for part in parts if (match := _NAME.fullmatch(part.name))}
    wanted = {(number, of) for _, of in there for number in range(1, of + 1)}
    return [f"{number}/{of}" for number, of in sorted(wanted - there)]
