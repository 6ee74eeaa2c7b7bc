"""`autograder new`: solution, suites and the first files of a bank for a new exercise, ready to be changed.

What is made is a small exercise of its own (scale every channel by a learned factor), which `autograder verify` proves
as it stands: an author changes one thing at a time and sees at once what breaks.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, find_project
from autograder.course.stubs import exercise_stub
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
    title = exercise.replace("_", " ").capitalize()
    environment = Environment(
        loader=PackageLoader("autograder.authoring"), undefined=StrictUndefined, keep_trailing_newline=True
    )
    files = {
        layout.solution(exercise): "solution.py.j2",
        layout.exercise_description(exercise): "exercise.toml.j2",
        layout.hidden_tests(exercise): "hidden.py.j2",
        layout.public_tests(exercise): "public.py.j2",
        layout.mistakes(exercise) / "adds_instead_of_multiplying.py": "mistake.py.j2",
        layout.alternatives(exercise) / "einsum.py": "alternative.py.j2",
        layout.hollow(exercise) / "returns_its_input.py": "hollow.py.j2",
        layout.section(exercise, ".md"): "section.md.j2",
    }
    description = _with_exercise(layout, exercise)
    for path, template in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = environment.get_template(template).render(
            exercise=exercise, class_name=class_name, title=title, points=POINTS
        )
        write_whole(path, text.encode())
    write_whole(layout.description, description.encode())
    stub = exercise_stub(layout, load_assignment(root, assignment).exercise(exercise))
    write_whole(layout.stub(exercise), stub.encode())
    return [layout.description, *files, layout.stub(exercise)]


_TOKEN = re.compile(r"""#.*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\[\]{},]""")
"""What a list in TOML is made of here: comments, texts and signs."""


def _with_exercise(layout: Layout, exercise: str) -> str:
    """The text of assignment.toml with the exercise at the end of its list; all else as it was, comments too.

    Raises UsageError where the list is not written in a way that is known here.
    """
    text = layout.description.read_text(encoding="utf-8")
    listed = re.search(r"^exercises\s*=\s*\[", text, re.MULTILINE)
    end, close = (listed.end(), listed.end()) if listed else (0, 0)
    for token in _TOKEN.finditer(text, end):
        if token[0] == "]":
            close = token.start()
            break
        end = end if token[0].startswith("#") else token.end()
    comma, rest = "" if text[end - 1] in ",[" else ",", text[end:close]
    entry = f'{rest.rstrip(" ")}    "{exercise}",\n' if "\n" in rest else f' "{exercise}"'
    changed = text[:end] + comma + entry + text[close:]
    try:
        if msgspec.toml.decode(changed)["exercises"][-1] == exercise:
            return changed
    except (msgspec.DecodeError, KeyError, IndexError):
        pass
    raise UsageError(
        f"{layout.shown(layout.description)}: cannot be changed by itself; write the list as in "
        'exercises = ["residual_block"], at the beginning of a line'
    )
