"""Names and pseudonyms of a class, and what may be shown of a text that students had a hand in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.language import mark, tr
from autograder.sources.model import ClassList

WITHHELD = mark("(not shown: it holds a name)")
_PART = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, order=True)
class Person:
    """One row of the class. An anonymous page has no `name` and no `page`."""

    sort: str
    pseudonym: str
    name: str = ""
    page: str = ""
    """The student's own page, from the report's folder on; empty where there is none."""


class People:
    """The students of a class. Pseudonyms follow from what was handed in, and only whoever has that can tell them."""

    def __init__(self, found: ClassList, pages: Mapping[str, str], anonymous: bool) -> None:
        rows = sorted(found.students, key=lambda row: hashlib.sha256(f"{row.digest} {row.student!a}".encode()).digest())
        self._of: dict[str, Person] = {}
        names: set[str] = set()
        for number, row in enumerate(rows, start=1):
            pseudonym = tr("Student {number}", number=number)
            if anonymous:
                self._of[row.student] = Person(f"{number:09}", pseudonym)
                members = [
                    text for each in row.members for text in (each.name, each.id, each.username, each.email) if text
                ]
                names.update(part for text in (row.student, row.group, *members) for part in _parts(text))
            else:
                self._of[row.student] = Person(row.student, pseudonym, row.student, pages.get(row.student, ""))
        # Short ones are parts of other words, and Chinese, Japanese and Korean ones have words grown onto them.
        self._names, self._anywhere = names, [name for name in names if len(name) > 3 or not name.isascii()]

    def of(self, students: Iterable[str]) -> list[Person]:
        """These students, by name; on an anonymous page by pseudonym."""
        return sorted(self._of[student] for student in students if student in self._of)

    def safe(self, text: str) -> str:
        """A text that may hold what students wrote; on an anonymous page only where no part of a name is in it."""
        words = _parts(text)
        found = words & self._names or any(name in word for word in words for name in self._anywhere)
        return tr(WITHHELD) if found else text


def _parts(text: str) -> set[str]:
    """Words as they compare: without case, and one form of every accented letter."""
    return set(_PART.findall(unicodedata.normalize("NFKC", text).casefold()))
