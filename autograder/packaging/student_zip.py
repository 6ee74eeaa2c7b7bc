"""What students get: stubs, notebook, handout and public checks, in one folder that works by itself.

The zip is looked through after it has been made. Nothing of a solution, a hidden check, a mistake or an alternative may
be in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.course.assignment import Assignment
from autograder.course.handout import handouts, pictures
from autograder.course.layout import Layout
from autograder.course.messages import shown_catalogues
from autograder.course.stubs import exercise_stub
from autograder.course.suites import public_files
from autograder.course.translation import in_this_language
from autograder.errors import UsageError
from autograder.language import LOCALE, speaking, tr
from autograder.packaging.dates import last_commit
from autograder.packaging.engine import engine_files
from autograder.packaging.leaks import find_leaks
from autograder.packaging.notebook import make_notebook
from autograder.packaging.zips import Member, write_zip
from autograder.student.folder import CATALOGUE, CHECKS, DESCRIPTION, ENGINE, described

_TEMPLATES = Path(__file__).with_name("templates") / "student"
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
    when = last_commit(layout.root, _changed(layout, assignment))
    return write_zip(out / f"{assignment.name}-student.zip", members, when)


def _changed(layout: Layout, assignment: Assignment) -> Iterator[Path]:
    """What the assignment is written in: its folder, and of each exercise the section, the answer and the suite."""
    yield layout.folder
    for name in assignment.exercise_names:
        yield from (layout.section(name, ".md"), layout.section(name, ".ko.md"))
        yield from (layout.solution(name), layout.suite(name))


def _files(layout: Layout, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """Names within the folder, and contents."""
    yield "README.md", _readme(layout, assignment).encode()
    yield "check.py", _rendered(assignment, "check.py.j2").encode()
    for name, place in _COPIED.items():
        yield place, _text(_TEMPLATES / name)
    yield from _handouts(layout, assignment)
    yield DESCRIPTION, described(assignment)
    for exercise in assignment.exercises:
        yield f"{exercise.name}.py", exercise_stub(layout, exercise).encode()
        checks = layout.public_tests(exercise.name)
        if not checks.is_file():
            raise UsageError(f"{layout.shown(checks)}: missing; write public checks for students to run")
        for path in public_files(layout, exercise.name):
            yield f"{CHECKS}/{exercise.name}/{path.name}", _text(path)
    if assignment.notebook is not None:
        yield assignment.notebook, _current_notebook(layout, assignment)
    for language, content in shown_catalogues(layout, assignment).items():
        yield CATALOGUE.format(language=language), content
    for name, path in engine_files().items():
        yield f"{ENGINE}/{name}", _text(path)


def _readme(layout: Layout, assignment: Assignment) -> str:
    with speaking(assignment.language, [layout.catalogue(assignment.language)]):
        assignment = in_this_language(assignment)
    return _rendered(
        assignment,
        "README.md.j2",
        notebook=assignment.notebook,
        korean=layout.korean_handout.is_file(),
        example=assignment.exercises[min(1, len(assignment.exercises) - 1)].name,
    )


def _rendered(assignment: Assignment, template: str, **values: object) -> str:
    """A template in the assignment's language: one of that language, or one that translates its messages."""
    environment = Environment(
        loader=FileSystemLoader([LOCALE / assignment.language, _TEMPLATES]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.globals["tr"] = tr
    with speaking(assignment.language):
        return environment.get_template(template).render(assignment=assignment, **values)


def _handouts(layout: Layout, assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """The handouts, and the pictures that they show."""
    yield from ((path.name, text.encode()) for path, text in handouts(layout, assignment).items())
    yield from sorted(pictures(layout, assignment).items())


def _current_notebook(layout: Layout, assignment: Assignment) -> bytes:
    """The notebook as otter makes it now. Raises UsageError unless the one that is committed is the same."""
    notebook = make_notebook(layout, assignment)
    path = layout.notebook(str(assignment.notebook))
    if not path.is_file() or path.read_bytes() != notebook:
        raise UsageError(f"{layout.shown(path)} is out of date; run: .venv/bin/autograder renew {assignment.name}")
    return notebook


def _text(path: Path) -> bytes:
    """A text file with Unix line ends, whatever git made of them on this machine."""
    return path.read_bytes().replace(b"\r\n", b"\n")
