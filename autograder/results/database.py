"""OUT/gradebook.db: every result as it came, in SQLite, under all that it follows from. One process writes it.

A result's key is the digest of what was handed in, and the fingerprints and the seed of `Terms`.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from autograder.errors import UsageError
from autograder.results.model import ExerciseResult, Failure, Result, Terms

FILE = "gradebook.db"
ELSEWHERE = "choose another with --out (make: OUT=folder)"
_APPLICATION = 0x61677264
"""Tells our files from those of other programs (`agrd`)."""
_STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE about (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
        """CREATE TABLE results (
            submission TEXT NOT NULL, exercise TEXT NOT NULL, suite TEXT NOT NULL,
            seed INTEGER NOT NULL, engine TEXT NOT NULL, result BLOB NOT NULL,
            PRIMARY KEY (submission, exercise, suite, seed, engine)
        )""",
    ),
)
"""What makes each version of the schema from the one before. None is ever changed: another is added."""
_WHOLE = ""
"""In place of an exercise: why the submission could not be graded at all."""

Rows = Iterable[tuple[str, str, str, int, str, bytes]]


class DiskFullError(UsageError):
    """Results cannot be written for want of room."""


class Kept(Struct, frozen=True):
    """One exercise of one submission, as it came from a grader."""

    result: ExerciseResult
    notes: tuple[str, ...]
    """About the submission."""


class Database:
    """The file, open for this process alone."""

    def __init__(self, file: Path) -> None:
        """Open or make it. Raises UsageError where another process has it open, and where it is not ours to write."""
        self._file = file
        with self._explained():
            self._connection = sqlite3.connect(file, timeout=0, isolation_level=None)
            self.close = weakref.finalize(self, self._connection.close)
            try:
                # The only process needs no shared memory for WAL, which is what network folders cannot give; to be said
                # before anything is read. Where there can be no WAL all the same, SQLite stays with its older journal.
                self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._refuse_what_is_not_ours()
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._migrate()
            except BaseException:
                self.close()
                raise

    def begin(self, terms: Terms, class_list: bytes, forget: Collection[str] = ()) -> None:
        """Note what the next results are made under, and of which class; `forget` these submissions' results."""
        about = {"terms": msgspec.json.encode(terms), "class": class_list}
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", about.items())
            connection.executemany(
                "DELETE FROM results WHERE submission = ? AND seed = ? AND engine = ?",
                [(digest, terms.seed, terms.engine) for digest in forget],
            )

    def last_run(self) -> tuple[Terms, bytes] | None:
        """What `begin` noted last, the class as it was given; None before a first run."""
        with self._explained():
            about = dict(self._connection.execute("SELECT name, value FROM about"))
        return (msgspec.json.decode(about["terms"], type=Terms), about["class"]) if about else None

    def add(self, digest: str, terms: Terms, result: Result | Failure) -> None:
        """Write what became of a submission, all or nothing."""
        if isinstance(result, Failure):
            kept = {_WHOLE: msgspec.json.encode(result.reason)}
        else:
            each = result.exercises.items()
            kept = {name: msgspec.json.encode(Kept(exercise, result.notes)) for name, exercise in each}
        suites = {_WHOLE: terms.suite, **terms.suites}
        self.add_rows((digest, name, suites[name], terms.seed, terms.engine, data) for name, data in kept.items())

    def exercises(self, digest: str, terms: Terms) -> dict[str, Kept]:
        """What there is of a submission under these terms, by exercise."""
        found = self._of(digest, terms, terms.suites)
        return {name: msgspec.json.decode(data, type=Kept) for name, data in found.items()}

    def reason(self, digest: str, terms: Terms) -> str:
        """Why it could not be graded at all, when that was last tried; empty where nothing is known of that."""
        found = self._of(digest, terms, {_WHOLE: terms.suite})
        return msgspec.json.decode(found[_WHOLE], type=str) if found else ""

    def rows(self) -> Iterator[tuple[str, str, str, int, str, bytes]]:
        """All results, for another gradebook to add."""
        with self._explained():
            yield from self._connection.execute("SELECT * FROM results ORDER BY 1, 2, 3, 4, 5")

    def add_rows(self, rows: Rows) -> None:
        """Add results, all or none; what is there under the same key is replaced."""
        with self._transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _of(self, digest: str, terms: Terms, suites: dict[str, str]) -> dict[str, bytes]:
        """By exercise, what was made with these suites."""
        with self._explained():
            rows = self._connection.execute(
                "SELECT exercise, suite, result FROM results WHERE submission = ? AND seed = ? AND engine = ?",
                (digest, terms.seed, terms.engine),
            )
            return {name: data for name, suite, data in rows if suites.get(name) == suite}

    def _refuse_what_is_not_ours(self) -> None:
        """Before anything is changed in it."""
        if self._number("PRAGMA application_id") != _APPLICATION and self._number("SELECT count(*) FROM sqlite_master"):
            raise UsageError(f"{self._file} is of another program; move it away, or {ELSEWHERE}")
        version = self._number("PRAGMA user_version")
        if version > len(_STEPS):
            raise UsageError(
                f"{self._file} was written by a newer autograder (version {version} of the file, this one knows "
                f"{len(_STEPS)}): use that one, or {ELSEWHERE}"
            )
        # Damage is found now, not after an hour.
        ((said, *_), *_) = self._connection.execute("PRAGMA quick_check(1)")
        if said != "ok":
            raise sqlite3.DatabaseError("malformed")

    def _migrate(self) -> None:
        with self._transaction() as connection:
            version = self._number("PRAGMA user_version")
            for step in _STEPS[version:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            # Also where it is that already: what cannot be written is told now, not after the first student.
            connection.execute(f"PRAGMA user_version = {len(_STEPS)}")

    def _number(self, question: str) -> int:
        ((number,),) = self._connection.execute(question)
        return int(number)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), self._connection:  # which commits, or rolls back
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Errors of SQLite in words."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._in_words(str(error)) from error

    def _in_words(self, why: str) -> UsageError:
        if "is locked" in why:
            return UsageError(
                f"another run is writing its results into {self._file.parent}; wait for its end, or {ELSEWHERE}"
            )
        if "is full" in why:
            return DiskFullError(
                f"{self._file} cannot be written (No space left on device). What was graded before is kept: make room "
                f"and grade again, or {ELSEWHERE}"
            )
        if "not a database" in why or "malformed" in why:
            return UsageError(
                f"{self._file} is damaged, or not a gradebook. Results, feedback and grades.csv beside it stay as they "
                f"are. Move it away and grade again, or {ELSEWHERE}"
            )
        return UsageError(
            f"{self._file} cannot be used ({why}). Perhaps it may not be written, a quota is used up, or the folder is "
            f"on a network that cannot lock files. Put that right and grade again, or {ELSEWHERE}"
        )
