"""`autograder new` and `autograder new-assignment`: files of a new exercise or assignment, ready to be changed.

What is made is a small exercise of its own, of one of three kinds, which `autograder verify` proves as it stands: an
author changes one thing at a time and sees at once what breaks. It is marked as a draft: the tests of the project ask
for a whole bank only when the author takes the mark out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.course.assignment import open_assignment, problem_of_exercise, problem_of_name
from autograder.course.handout import frames_with_points
from autograder.course.layout import Layout, find_project
from autograder.errors import UsageError
from autograder.packaging.generated import renew
from autograder.results.whole import write_whole

POINTS = 10
"""What the new exercise is worth; the suite's marks add up to it."""

KINDS = ("module", "function", "training")
"""A class of layers; a function of tensors; a function that changes a model, with a beside.py."""


def new_exercise(start: Path, assignment: str, exercise: str, kind: str = "module") -> list[Path]:
    """Make the exercise's files in the project around `start`, enter it in assignment.toml and renew what is made from
    these; the files that were written.

    Raises UsageError for a name that cannot be, or one that is taken; nothing is written then.
    """
    root = find_project(start)
    layout, known = open_assignment(root, assignment)
    if problem := problem_of_exercise(exercise):
        raise UsageError(problem)
    if exercise in known.exercise_names or layout.suite(exercise).exists() or layout.solution(exercise).exists():
        raise UsageError(f'{assignment} has an exercise "{exercise}" already; choose another name')
    files = _exercise_files(layout, exercise, kind)
    files[layout.description] = _with_exercise(layout, exercise)
    files |= frames_with_points(layout, known, known.total_points + POINTS)
    return _write(layout, files)


def new_assignment(start: Path, name: str, title: str, exercise: str, kind: str = "module") -> list[Path]:
    """Make an assignment with one exercise in the project around `start`; the files that were written.

    Raises UsageError for a name that cannot be, or one that is taken; nothing is written then.
    """
    layout = Layout(find_project(start), name)
    if problem := problem_of_name(name) or problem_of_exercise(exercise):
        raise UsageError(problem)
    taken = [path for path in (layout.folder, layout.solutions, layout.suites) if path.exists()]
    if taken:
        raise UsageError(f"there is a folder {layout.shown(taken[0])} already; choose another name")
    words = {"name": name, "title": title.replace("\\", "").replace('"', "'"), "exercise": exercise}
    files = {
        layout.description: _render("assignment/assignment.toml.j2", words),
        layout.sections / "_frame.md": _render("assignment/_frame.md.j2", words),
        layout.sections / "_frame.ko.md": _render("assignment/_frame.ko.md.j2", words),
    }
    return _write(layout, files | _exercise_files(layout, exercise, kind))


def _exercise_files(layout: Layout, exercise: str, kind: str) -> dict[Path, str]:
    """The texts of a new exercise, by their paths."""
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: choose {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    words = {
        "exercise": exercise,
        "class_name": "".join(part.capitalize() for part in exercise.split("_")),
        "title": exercise.replace("_", " ").capitalize(),
        "points": POINTS,
    }
    paths = {
        "solution.py": layout.solution(exercise),
        "exercise.toml": layout.exercise_description(exercise),
        "hidden.py": layout.hidden_tests(exercise),
        "public.py": layout.public_tests(exercise),
        "beside.py": layout.beside(exercise),
        "equivalent_mutants.toml": layout.explained_mutants(exercise),
        "section.md": layout.section(exercise, ".md"),
        "section.ko.md": layout.section(exercise, ".ko.md"),
    }
    files = {}
    for template in sorted(_environment.list_templates(filter_func=lambda name: name.startswith(f"{kind}/"))):
        part = template.removeprefix(f"{kind}/").removesuffix(".j2")
        folder, _, file = part.partition(".")  # mistakes.<name>.py
        path = paths.get(part) or layout.suite(exercise) / folder / file
        files[path] = _render(template, words)
    return files


def _render(template: str, words: Mapping[str, object]) -> str:
    return _environment.get_template(template).render(words)


def _write(layout: Layout, files: dict[Path, str]) -> list[Path]:
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    renewed = renew(*open_assignment(layout.root, layout.assignment))
    return [*files, *renewed]


_environment = Environment(
    loader=PackageLoader("autograder.authoring"), undefined=StrictUndefined, keep_trailing_newline=True
)

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
