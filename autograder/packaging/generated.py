"""What stands in an assignment's folder and is made from solutions and sections: stubs, handouts, notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from autograder.course.assignment import Assignment, open_assignment
from autograder.course.handout import handouts, pictures
from autograder.course.layout import Layout, assignment_names, find_project
from autograder.course.stubs import exercise_stub
from autograder.errors import UsageError
from autograder.packaging.notebook import make_notebook
from autograder.results.whole import write_whole


def renew_all(start: Path, names: list[str]) -> None:
    """Bring what is made up to date in the assignments `names`, or in all, and say what was. Raises UsageError."""
    root = find_project(start)
    console = Console(highlight=False)
    for name in names or assignment_names(root):
        layout, assignment = open_assignment(root, name)
        for path in renew(layout, assignment):
            console.print(f"wrote {layout.shown(path)}", markup=False, soft_wrap=True)
        console.print(f"{name}: stubs, handouts and notebook are up to date")


def generated(layout: Layout, assignment: Assignment) -> dict[Path, bytes]:
    """All that is made, as it has to be now, by its path. Raises UsageError."""
    return {path: content for make in _MAKERS for path, content in make(layout, assignment).items()}


def renew(layout: Layout, assignment: Assignment) -> list[Path]:
    """Bring what is made up to date and return what was written; nothing where one of them cannot be made.

    Raises UsageError.
    """
    made = generated(layout, assignment)
    written = [path for path, content in made.items() if not holds(path, content)]
    for path in written:
        path.parent.mkdir(exist_ok=True)  # of pictures that are copied
        write_whole(path, made[path])
    return written


def out_of_date(layout: Layout, assignment: Assignment) -> list[str]:
    """What is missing, differs from what would be made, cannot be made or belongs to no exercise, a sentence each."""
    found = []
    for make in _MAKERS:
        try:
            made = make(layout, assignment)
        except UsageError as error:
            found.append(str(error))
            continue
        for path, content in made.items():
            if not holds(path, content):
                problem = "differs from what it is made from" if path.is_file() else "missing"
                found.append(f"{layout.shown(path)}: {problem}; run: .venv/bin/autograder renew {assignment.name}")
    strays = sorted(set(layout.folder.glob("*.py")) - {layout.stub(name) for name in assignment.exercise_names})
    found += [f"{layout.shown(path)}: belongs to no exercise of {assignment.name}; remove it" for path in strays]
    return list(dict.fromkeys(found))  # handout and notebook are made from the same sections


def _stubs(layout: Layout, assignment: Assignment) -> dict[Path, bytes]:
    return {layout.stub(exercise.name): exercise_stub(layout, exercise).encode() for exercise in assignment.exercises}


def _handouts(layout: Layout, assignment: Assignment) -> dict[Path, bytes]:
    return {path: text.encode() for path, text in handouts(layout, assignment).items()}


def _pictures(layout: Layout, assignment: Assignment) -> dict[Path, bytes]:
    return {layout.folder / name: content for name, content in pictures(layout, assignment).items()}


def _notebook(layout: Layout, assignment: Assignment) -> dict[Path, bytes]:
    if assignment.notebook is None:
        return {}
    return {layout.notebook(assignment.notebook): make_notebook(layout, assignment)}


_MAKERS: tuple[Callable[[Layout, Assignment], dict[Path, bytes]], ...] = (_stubs, _handouts, _pictures, _notebook)


def holds(path: Path, content: bytes) -> bool:
    """Whether that is what stands in the file."""
    return path.is_file() and path.read_bytes() == content
