"""`autograder check`: what can be known of an assignment without running a student's code."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from autograder.bank.files import read_entry
from autograder.batch.ready import missing_solutions, wrong_points
from autograder.course.assignment import Assignment, open_assignment
from autograder.course.handout import contradictions
from autograder.course.layout import Layout, assignment_names, find_project
from autograder.course.messages import messages
from autograder.errors import UsageError
from autograder.grading.subjects import text_beside
from autograder.grading.suites import collect
from autograder.language import ENGINE, LOCALE, languages
from autograder.language.engine import engine_messages, misfits, untranslated
from autograder.packaging.generated import out_of_date


def check_project(start: Path) -> None:
    """Check every assignment of the project around `start`. Raises UsageError that lists all that is wrong."""
    root = find_project(start)
    console = Console(highlight=False)
    problems: list[str] = []
    for name in assignment_names(root):
        layout, assignment = open_assignment(root, name)
        checks = (out_of_date, _handouts, _imports, _points, _bank, _translations)
        # Where a section is missing, each that looks for it says so.
        found = list(dict.fromkeys(problem for look in checks for problem in look(layout, assignment)))
        problems += found
        if not found:
            told = f"{name}: {len(assignment.exercises)} exercises, {assignment.total_points} points, all in order"
            console.print(f"{told}, a draft" if assignment.is_draft else told)
        for language in languages()[1:]:
            if layout.catalogue(language).is_file() and assignment.language != language:
                left = untranslated(layout.catalogue(language), messages(layout, assignment))
                _say_untranslated(console, name, language, left)
    for language in languages()[1:]:
        _say_untranslated(console, "the engine", language, untranslated(LOCALE / language / ENGINE, engine_messages()))
    if problems:
        raise UsageError(
            "\n  ".join([f"{len(problems)} {'thing' if len(problems) == 1 else 'things'} to put right:", *problems])
        )


def _say_untranslated(console: Console, what: str, language: str, left: list[str]) -> None:
    if left:
        told = f"{what}: {len(left)} messages are not translated into {language}, the first is: {left[0]}"
        console.print(told, markup=False, soft_wrap=True)


def _translations(layout: Layout, assignment: Assignment) -> list[str]:
    """Where a catalogue says something else than the source, or lacks what students read."""
    problems = []
    for language in languages()[1:]:
        path = layout.catalogue(language)
        if path.is_file():
            problems += [f"{layout.shown(path)}: {problem}" for problem in misfits(path)]
        if assignment.language == language:
            left = untranslated(path, messages(layout, assignment))
            problems += [f"{layout.shown(path)}: not translated: {text}" for text in left]
    return problems


def _handouts(layout: Layout, assignment: Assignment) -> list[str]:
    """Where handouts contradict assignment.toml, exercise.toml and the stubs."""
    try:
        return contradictions(layout, assignment)
    except UsageError as error:
        return [str(error)]


def _points(layout: Layout, assignment: Assignment) -> list[str]:
    """Where a suite's points are not those of exercise.toml, or a suite tests nothing."""
    if missing := missing_solutions(layout, assignment):
        return missing
    try:
        suites = collect([layout.suite(name) for name in assignment.exercise_names])
    except UsageError as error:
        return [str(error)]
    return wrong_points(layout, assignment, suites)


def _imports(layout: Layout, assignment: Assignment) -> Iterator[str]:
    """Where a suite imports a solution, or its beside.py cannot be read."""
    for exercise in assignment.exercise_names:
        try:
            text_beside(layout.beside(exercise))
        except UsageError as error:
            yield str(error)
        for path in filter(Path.is_file, (layout.hidden_tests(exercise), layout.public_tests(exercise))):
            for line, module in _imported(path.read_text(encoding="utf-8", errors="replace")):
                if module.partition(".")[0] in ("solutions", exercise):
                    yield (
                        f"{layout.shown(path)}, line {line}: imports {module}; the fixture `reference` has what the "
                        "solution defines: reference.NAME"
                    )


def _imported(text: str) -> Iterator[tuple[int, str]]:
    """Line and module of every import; none where it is not valid Python, which collecting it tells."""
    with contextlib.suppress(SyntaxError, ValueError):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or ""
            elif isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)


def _bank(layout: Layout, assignment: Assignment) -> list[str]:
    """Where a file of the bank does not say what it is."""
    problems: list[str] = []
    for exercise in assignment.exercises:
        name = exercise.name
        for folder in (layout.mistakes(name), layout.alternatives(name), layout.hollow(name)):
            for path in sorted(folder.glob("*.py")):
                try:
                    entry = read_entry(path)
                except UsageError as error:
                    problems.append(str(error))
                    continue
                body = ast.parse(entry.text).body
                defined = {node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
                missing = [name for name in exercise.names if name not in defined]
                if missing and entry.kind == "alternative":
                    problems.append(f"{layout.shown(path)}: does not define {', '.join(missing)}")
    return problems
