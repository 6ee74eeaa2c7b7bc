"""Who handed in what, and when: as a download's names tell it, and as OUT/class.json keeps it (schema 1)."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from autograder.language import SOURCE

SCHEMA = 1
FILE, TEXT, OTHER = "file", "text", "other"


class Member(Struct, frozen=True):
    """A person. Whatever is not known is empty."""

    name: str = ""
    id: str = ""
    """What the LMS calls the person: a user id, a participant's number, a user name."""
    username: str = ""
    email: str = ""
    section: str = ""


class Row(Struct, frozen=True):
    """One student or group of a class."""

    student: str
    """As in the results: safe as a file name, and unique."""
    members: tuple[Member, ...] = ()
    """One, except in groups whose members are known."""
    group: str = ""
    submitted_at: str = ""
    """ISO 8601. Without an offset it is the LMS's own clock; empty where the download does not tell."""
    late: bool | None = None
    """What the LMS says; None where it says nothing."""
    attempts: int = 1
    """How many were in the download; 0 for who handed in nothing."""
    digest: str = ""
    """SHA-256 of the names and bytes that were graded."""
    path: str = ""
    """What was graded: a folder, or one file; absolute, or from the folder of results on."""
    original_names: tuple[str, ...] = ()
    """Names in the download; an LMS takes feedback under these."""
    notes: tuple[str, ...] = ()
    """For the student's page: which attempt counted, and which names were changed."""


class ClassList(Struct, frozen=True):
    """A class as it was handed in."""

    schema: int
    source: str
    """Canvas, Moodle, Blackboard, ...; empty for a plain folder."""
    assignment: str
    students: tuple[Row, ...]
    path: str = ""
    """What `autograder grade` was given."""
    language: str = SOURCE
    """In which it was graded, and in which all that is said of the class later."""


@dataclass(frozen=True)
class Handed:
    """One file of a download, and what its name and place tell."""

    where: str
    """Its path in the download, with `/` between the parts."""
    name: str
    """Its path in the submission, as the student named it."""
    key: str
    """The same for all files of one student or group, and no other's."""
    members: tuple[Member, ...]
    group: str = ""
    attempt: str = ""
    """Attempts of one student sort by it."""
    submitted_at: str = ""
    late: bool | None = None
    kind: str = FILE
    """FILE; TEXT that was typed into the LMS; OTHER is about a submission, and no part of it."""
    order: int = 0
    """Later uploads have a greater one."""

    @property
    def title(self) -> str:
        """The student's or group's name."""
        names = " + ".join(member.name or member.username or member.id for member in self.members)
        return self.group or names


@dataclass(frozen=True)
class Download:
    """What was recognised."""

    source: str
    handed: tuple[Handed, ...]
    ignored: tuple[str, ...] = ()
    """Files that belong to nobody."""
