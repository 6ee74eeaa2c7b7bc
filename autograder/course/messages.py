"""What of an assignment is to be translated: all that students and graders read of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.bank.files import entries
from autograder.course.assignment import Assignment, Exercise
from autograder.course.layout import Layout
from autograder.course.translation import catalogues
from autograder.language import languages
from autograder.language.po import read_catalogue, written
from autograder.language.source import Message, messages_of

Found = tuple[Path, Message]
"""A message and the file that says it."""


def messages(layout: Layout, assignment: Assignment) -> Iterator[Found]:
    """Those of the assignment and of its own exercises; other exercises have theirs at home."""
    yield layout.description, Message(assignment.title, 1)
    for exercise in assignment.exercises:
        if not exercise.home:
            yield from _shown(layout, exercise)
            yield from _suite(layout.hidden_tests(exercise.name))
            for entry in entries(layout.mistakes(exercise.name)):
                path = layout.mistakes(exercise.name) / f"{entry.name}.py"
                yield path, Message(entry.title, 1, "completes: Your code behaves exactly like code that ...")
                yield path, Message(entry.hint, 1)


def shown_catalogues(layout: Layout, assignment: Assignment) -> dict[str, bytes]:
    """By language, what of the catalogues a student may have: nothing of hidden checks and mistakes."""
    shown = {assignment.title}
    shown.update(each.text for exercise in assignment.exercises for _, each in _shown(layout, exercise))
    found = {}
    for language in languages()[1:]:
        told: dict[str, tuple[str, ...]] = {}
        for path in reversed(catalogues(layout, language)):
            told |= read_catalogue(path).messages if path.is_file() else {}
        if told := {text: forms for text, forms in told.items() if text in shown}:
            found[language] = written(told).encode()
    return found


def _shown(layout: Layout, exercise: Exercise) -> Iterator[Found]:
    """What a student may read before grading."""
    for text in (exercise.title, *exercise.hints):
        yield layout.exercise_description(exercise.name), Message(text, 1)
    yield from _suite(layout.public_tests(exercise.name))


def _suite(path: Path) -> Iterator[Found]:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    yield from ((path, each) for each in messages_of(text))
    yield from ((path, Message(name, 1, "the name of a case")) for name in dict.fromkeys(_cases(ast.parse(text))))


def _cases(tree: ast.Module) -> Iterator[str]:
    """Names of cases, which stand in brackets behind a check's title, or within a message."""
    assigned = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Dict(values=[ast.Call(func=ast.Name("Case")), *_]):
                yield from _names(node, r".* .*|[A-Za-z]+")
            case ast.Dict():  # a key of one word may be anything
                yield from _names(node, r".* .*")
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[_, values, *_]):
                named = assigned.get(values.id, values) if isinstance(values, ast.Name) else values
                yield from _names(named, r".* .*|[A-Za-z]+")


def _names(node: ast.expr, pattern: str) -> Iterator[str]:
    """Those strings of a list, or keys of a dict, that the pattern fits."""
    found = node.elts if isinstance(node, ast.List | ast.Tuple) else node.keys if isinstance(node, ast.Dict) else []
    for each in found:
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and re.fullmatch(pattern, each.value):
            yield each.value
