"""Looks through what students are about to get for lines that only the grader may have."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from autograder.course.stubs import BEGIN, END, exercise_stub
from autograder.course.suites import SAMPLES, public_files
from autograder.packaging.engine import engine_files
from autograder.packaging.notebook import TEMPLATES
from autograder.packaging.zips import Member

_SHORTEST = 20
"""Characters. Shorter lines, such as `return x`, are in everything."""
_MOST_DEEP = 4


def find_leaks(layout: Layout, assignment: Assignment, members: Iterable[Member]) -> list[str]:
    """Where the members hold lines of solutions, hidden checks, mistakes or alternatives; one sentence for each."""
    secret = _secret_lines(layout, assignment)
    found = []
    for member in members:
        for where, text in _texts(member.name, member.content, 0):
            owners = Counter(owner for line in sorted(set(_lines(text))) for owner in secret.get(line, ()))
            if owners:
                owner, count = owners.most_common(1)[0]  # mistakes share lines with the solution
                found.append(f"{where} holds {'a line' if count == 1 else f'{count} lines'} of {owner}")
    return found


def _secret_lines(layout: Layout, assignment: Assignment) -> dict[str, list[str]]:
    """Every line that is nowhere in what students may see, with the files that hold it; solutions come first."""
    secret: dict[str, list[str]] = {}
    for exercise in assignment.exercises:
        answer = layout.solution(exercise.name)
        suite, public = layout.suite(exercise.name), public_files(layout, exercise.name)
        files = (file for file in suite.rglob("*.py") if file.relative_to(suite).parts[0] not in SAMPLES)
        hidden = sorted(set(files) - set(public))
        lines = {path: _lines(path.read_text(encoding="utf-8")) for path in hidden}
        for path, held in {answer: _answers(answer.read_text(encoding="utf-8")), **lines}.items():
            for line in set(held):
                secret.setdefault(line, []).append(layout.shown(path))
    shown = [layout.description, layout.handout, layout.korean_handout, *TEMPLATES.iterdir(), *engine_files().values()]
    for name in assignment.exercise_names:
        shown += [layout.exercise_description(name), layout.plot(name), *public_files(layout, name)]
    texts = [path.read_text(encoding="utf-8") for path in shown if path.is_file()]
    texts += [exercise_stub(layout, exercise) for exercise in assignment.exercises]
    for text in texts:
        for line in _lines(text):
            secret.pop(line, None)
    return secret


def _answers(solution: str) -> Iterator[str]:
    inside = False
    for line in solution.splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            yield from _lines(line)


def _lines(text: str) -> Iterator[str]:
    return (stripped for line in text.splitlines() if len(stripped := line.strip()) >= _SHORTEST)


def _texts(name: str, content: bytes, depth: int) -> Iterator[tuple[str, str]]:
    """Every text in a member: its own, the strings of a notebook, and the members of a zip or wheel."""
    if zipfile.is_zipfile(io.BytesIO(content)) and depth < _MOST_DEEP:
        with zipfile.ZipFile(io.BytesIO(content)) as inside:
            for member in inside.namelist():
                yield from _texts(f"{name}/{member}", inside.read(member), depth + 1)
        return
    text = content.decode("utf-8", errors="replace")
    yield name, text
    if name.endswith((".ipynb", ".json")):
        yield name, "\n".join(_strings(msgspec.json.decode(content)))


def _strings(value: Any) -> Iterator[str]:
    """All texts in a JSON value; the lines of a notebook's cell are a list."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
