"""`autograder build`: the student's zip and the autograder's zip of every assignment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.course.assignment import open_assignment
from autograder.course.layout import assignment_names, find_project
from autograder.packaging.autograder_zip import build_autograder_zip
from autograder.packaging.student_zip import build as build_student_zip
from autograder.results.whole import require_writable


def build_all(start: Path, names: Sequence[str], out: Path) -> None:
    """Write both zips of the assignments `names`, or of all, into the folder `out`. Raises UsageError."""
    root = find_project(start)
    require_writable(out, f"{out} cannot be the folder for the zips", "choose another with --out")
    console = Console(highlight=False)
    for name in names or assignment_names(root):
        layout, assignment = open_assignment(root, name)
        for path in (build_student_zip(layout, assignment, out), build_autograder_zip(root, name, out)):
            console.print(f"{path}  {path.stat().st_size / 1000:.0f} kB", markup=False, soft_wrap=True)
