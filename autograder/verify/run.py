"""`autograder verify`: tries every implementation through the real boundary and says whether the suites are proven."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.batch.grader import Setup, Trial
from autograder.batch.graders import Batch, Done
from autograder.course.assignment import open_assignment
from autograder.course.layout import Layout, find_project
from autograder.course.suites import suite_hash
from autograder.course.translation import speak_of
from autograder.errors import UsageError
from autograder.language import tr
from autograder.results.model import ExerciseResult
from autograder.results.whole import require_writable, write_whole
from autograder.sandbox.launcher import Zygote
from autograder.verify.matrix import Matrix, Row, row_of
from autograder.verify.page import page
from autograder.verify.report import as_json, print_messages, print_report
from autograder.verify.trials import Implementation, implementations

PROVEN, NOT_PROVEN = 0, 1


def verify(
    zygote: Zygote,
    name: str,
    kinds: Sequence[str],
    exercises: Sequence[str],
    seeds: Sequence[int],
    jobs: int,
    json: Path | None,
    html: Path | None,
    language: str = "",
    only: str = "",
    messages: bool = False,
) -> int:
    """Try the implementations of `kinds` with `only` in their names; exit status 0 when everything is as it should be,
    else 1. `language` is spoken, where it is not the assignment's; with `messages`, what checks say is printed, too.
    """
    console = Console(highlight=False)
    for path in filter(None, (json, html)):
        require_writable(path.parent, f"{path} cannot be written", "name another file")
    root = find_project(Path.cwd())
    layout, assignment = open_assignment(root, name)
    assignment = speak_of(layout, assignment, language)
    chosen = [assignment.exercise(exercise).name for exercise in exercises] or list(assignment.exercise_names)
    found = [each for each in implementations(layout, chosen, kinds) if only in each.name]
    if only and not found:
        raise UsageError(f"--only {only}: no {', '.join(kinds)} has that in its name")
    trials = {
        # A mutant is killed by the first check that fails; there are so many that the rest would double the time.
        Trial(each.label, each.exercise, each.text, seed, all_checks=each.mutant is None): each
        # What is asked alike comes together: much of it is answered alike, and need not be judged again.
        for exercise in chosen
        for seed in seeds
        for each in found
        if each.exercise == exercise
    }
    level = zygote.report().level
    setup = Setup(str(root), name, suite_hash(layout), seeds[0], level, diagnosis=False, language=assignment.language)
    results, faults = _try(Batch(zygote, assignment, setup, jobs), trials, console)
    matrices = []
    for exercise in chosen:
        explained = _explained_mutants(layout, exercise)
        matrix = Matrix(exercise, {mutant: why for mutant, why in explained.items() if only in mutant})
        for implementation in (entry for entry in found if entry.exercise == exercise):
            label = implementation.label
            if label in faults:
                matrix.rows.append(Row(implementation, 0.0, 0.0, 0.0, "", (), {}, fault=faults[label]))
            else:
                matrix.rows.append(row_of(implementation, results[label]))
                tests = results[label][0].tests
                if len(tests) > len(matrix.tests):
                    matrix.tests = [test.name for test in tests]
                    matrix.public = [test.name for test in tests if test.public]
        matrices.append(matrix)
    for path in filter(None, (json, html)):
        path.parent.mkdir(parents=True, exist_ok=True)
    if json is not None:
        write_whole(json, msgspec.json.format(msgspec.json.encode(as_json(name, matrices)), indent=2) + b"\n")
    if html is not None:
        write_whole(html, page(assignment.title, matrices))
    if messages:
        print_messages(console, matrices)
    print_report(console, name, matrices, html)
    return PROVEN if all(matrix.proven for matrix in matrices) else NOT_PROVEN


def _explained_mutants(layout: Layout, exercise: str) -> dict[str, str]:
    """Why mutants may survive, by their ids; empty when there is no file. Raises UsageError when it is malformed."""
    path = layout.explained_mutants(exercise)
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        reasons = msgspec.toml.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f'{path}: {error}; every line is "mutant id" = "why it is equivalent or harmless"') from None
    for name, why in reasons.items():
        if not why.strip():
            raise UsageError(f'{path}: "{name}" has no reason; say why it is equivalent or harmless')
    return reasons


def _try(
    batch: Batch, trials: dict[Trial, Implementation], console: Console
) -> tuple[dict[str, list[ExerciseResult]], dict[str, str]]:
    """Results of every implementation by label, and the faults of those that have none."""
    results: dict[str, list[ExerciseResult]] = defaultdict(list)
    faults: dict[str, str] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task(tr("collecting the suites"), total=len(trials))
        for event in batch.events(list(trials)):
            label = event.task.label
            if isinstance(event, Done):
                if event.answer.tried is not None:
                    results[label].append(event.answer.tried)
                else:
                    faults[label] = event.answer.fault.strip() or tr("no result came back")
                progress.advance(task)
            progress.update(task, description=label[-60:])
    return results, faults
