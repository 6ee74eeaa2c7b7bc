"""`autograder new`: solution, suites and the first files of a bank for a new exercise, ready to be changed.

What is made is a small exercise of its own (scale every channel by a learned factor), which `autograder verify` proves
as it stands: an author changes one thing at a time and sees at once what breaks.
"""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, find_project
from autograder.course.stubs import write_stubs
from autograder.errors import UsageError
from autograder.results.files import write_whole

POINTS = 10
"""What the new exercise is worth; the suite's marks add up to it."""


def new_exercise(start: Path, assignment: str, exercise: str) -> list[Path]:
    """Make the exercise's files in the project around `start` and enter it in assignment.toml; the files made.

    Raises UsageError for a name that cannot be, or one that is taken; nothing is written then.
    """
    root = find_project(start)
    known = load_assignment(root, assignment)
    layout = Layout(root, assignment)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", exercise):
        raise UsageError(f'"{exercise}" cannot be an exercise: use lower-case letters, digits and _, a letter first')
    if exercise in known.exercise_names or layout.suite(exercise).exists() or layout.solution(exercise).exists():
        raise UsageError(f'{assignment} has an exercise "{exercise}" already; choose another name')
    class_name = "".join(part.capitalize() for part in exercise.split("_"))
    environment = Environment(
        loader=PackageLoader("autograder.authoring"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    files = {
        layout.solution(exercise): "solution.py.j2",
        layout.hidden_tests(exercise): "hidden.py.j2",
        layout.public_tests(exercise): "public.py.j2",
        layout.mistakes(exercise) / "adds_instead_of_multiplying.py": "mistake.py.j2",
        layout.alternatives(exercise) / "einsum.py": "alternative.py.j2",
        layout.hollow(exercise) / "returns_its_input.py": "hollow.py.j2",
    }
    for path, template in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = environment.get_template(template).render(exercise=exercise, class_name=class_name)
        write_whole(path, text.encode())
    title = exercise.replace("_", " ").capitalize()
    entry = f'\n[[exercises]]\nname = "{exercise}"\ntitle = "{title}"\npoints = {POINTS}\nnames = ["{class_name}"]\n'
    write_whole(layout.description, (layout.description.read_text(encoding="utf-8").rstrip() + "\n" + entry).encode())
    write_stubs(layout, load_assignment(root, assignment))
    return [layout.description, *files, layout.stub(exercise)]
