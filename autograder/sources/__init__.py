"""From what an instructor downloaded from a learning management system (LMS) to one folder per student or group.

A download is recognised by its structure and never guessed at: where a file could be several people's, UsageError says
what to do, before anything is graded. This room reads names, and copies bytes; what is in a student's file it leaves
to `autograder.submissions`.
"""

from autograder.sources.collect import collect
from autograder.sources.model import ClassList, Handed, Member, Row
from autograder.sources.recognise import recognise
from autograder.sources.renamed import with_expected_names
from autograder.sources.roster import read_roster, with_roster
from autograder.sources.store import (
    CLASS_FILE,
    class_from_bytes,
    class_list,
    class_to_bytes,
    read_class,
    submissions_of,
    write_class,
)

__all__ = [
    "CLASS_FILE",
    "ClassList",
    "Handed",
    "Member",
    "Row",
    "class_from_bytes",
    "class_list",
    "class_to_bytes",
    "collect",
    "read_class",
    "read_roster",
    "recognise",
    "submissions_of",
    "with_expected_names",
    "with_roster",
    "write_class",
]
