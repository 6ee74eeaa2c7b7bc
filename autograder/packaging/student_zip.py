"""What students get: stubs, notebook, handout and public checks, in one folder that works by itself.

The zip is looked through after it has been made. Nothing of a solution, a hidden check, a mistake or an alternative may
be in it.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from autograder.course.messages import shown_catalogues
from autograder.course.suites import public_files
from autograder.course.translation import in_this_language
from autograder.errors import UsageError
from autograder.language import speaking
from autograder.packaging.engine import engine_files
from autograder.packaging.generated import generated, holds
from autograder.packaging.leaks import find_leaks
from autograder.packaging.notebook import TEMPLATES, rendered
from autograder.packaging.zips import EPOCH, Member, write_zip
from autograder.student.folder import CATALOGUE, CHECKS, DESCRIPTION, ENGINE, described

_COPIED = {
    "Makefile": "Makefile",
    "requirements.txt": "requirements.txt",
    "devcontainer.json": ".devcontainer/devcontainer.json",
    "colab.svg": f"{CHECKS}/colab.svg",
}
"""What is copied, and under which names."""


def build(layout: Layout, assignment: Assignment, out: Path) -> Path:
    """Write `<assignment>-student.zip` into the folder `out` and return its path.

    The same inputs give the same bytes; the files' date is that of the last commit that changed the assignment. Raises
    UsageError where something is missing, out of date, or would give an answer away.
    """
    members = [Member(f"{assignment.name}/{name}", content) for name, content in sorted(_files(layout, assignment))]
    found = find_leaks(layout, assignment, members)
    if found:
        raise UsageError(
            "\n  ".join(["the student zip is not written, it would hold what students must not see:", *found])
        )
    when = _last_commit(layout.root, _changed(layout, assignment))
    return write_zip(out / f"{assignment.name}-student.zip", members, when)


def _changed(layout: Layout, assignment: Assignment) -> Iterator[Path]:
    """What the assignment is written in: its folder, and of each exercise the section, the answer and the suite."""
    yield layout.folder
    for name in assignment.exercise_names:
        yield from (layout.section(name, ".md"), layout.section(name, ".ko.md"))
        yield from (layout.solution(name), layout.suite(name))


def _files(layout: Layout, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Names within the folder, and contents."""
    with speaking(assignment.language):
        check = rendered("check.py.j2")
    yield "check.py", f"{check}\n".encode()
    yield "README.md", f"{_readme(layout, assignment)}\n".encode()
    for name, place in _COPIED.items():
        yield place, _text(TEMPLATES / name)
    yield DESCRIPTION, described(assignment)
    for path, content in generated(layout, assignment).items():
        if path.suffix == ".ipynb" and not holds(path, content):
            raise UsageError(f"{layout.shown(path)} is out of date; run: .venv/bin/autograder renew {assignment.name}")
        yield path.relative_to(layout.folder).as_posix(), content
    for exercise in assignment.exercise_names:
        checks = layout.public_tests(exercise)
        if not checks.is_file():
            raise UsageError(f"{layout.shown(checks)}: missing; write public checks for students to run")
        for path in public_files(layout, exercise):
            yield f"{CHECKS}/{exercise}/{path.name}", _text(path)
    for language, content in shown_catalogues(layout, assignment).items():
        yield CATALOGUE.format(language=language), content
    for name, path in engine_files().items():
        yield f"{ENGINE}/{name}", _text(path)


def _readme(layout: Layout, assignment: Assignment) -> str:
    with speaking(assignment.language, [layout.catalogue(assignment.language)]):
        return rendered(
            "README.md.j2",
            assignment=in_this_language(assignment),
            korean=layout.korean_handout.is_file(),
            example=assignment.exercises[min(1, len(assignment.exercises) - 1)].name,
        )


def _last_commit(root: Path, paths: Iterable[Path]) -> datetime:
    """The time (UTC) of the last commit that changed one of the paths; EPOCH where git knows none of them.

    A clone without history has one commit, which counts as the last change of everything.
    """
    command = ["git", "-C", str(root), "log", "-1", "--format=%ct", "--", *map(str, paths)]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # no git, or no repository
        return EPOCH
    return max(EPOCH, datetime.fromtimestamp(int(said), timezone.utc).replace(tzinfo=None)) if said.strip() else EPOCH


def _text(path: Path) -> bytes:
    """A text file with Unix line ends, whatever git made of them on this machine."""
    return path.read_bytes().replace(b"\r\n", b"\n")
