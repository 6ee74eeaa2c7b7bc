"""What is made from a gradebook: files beside it, and what the terminal says of the class."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console

from autograder.course.assignment import Assignment, open_assignment
from autograder.course.layout import find_project
from autograder.course.translation import speak_of
from autograder.errors import UsageError
from autograder.language import tr
from autograder.pages.page import prepare
from autograder.report.write import write_report
from autograder.results.database import FILE, Database
from autograder.results.files import Gradebook
from autograder.results.model import Absent, Failure, Result, Terms
from autograder.results.table import class_table, common_mistakes, faults, remarks
from autograder.sources.model import ClassList
from autograder.sources.store import class_from_bytes, submissions_of, write_class

GRADED, NOT_GRADED = 0, 3


def prepare_outputs() -> None:
    """Do what takes longest of writing outputs beforehand, while there is nothing else to do."""
    for package in ("autograder.results", "autograder.report"):
        prepare(package)


def write_outputs(
    console: Console,
    assignment: Assignment,
    gradebook: Gradebook,
    terms: Terms,
    found: ClassList,
    path: str,
    names: Sequence[str] = (),
) -> int:
    """Write and say what became of a class; the exit status: 0 when all was graded, 3 when something was not.

    `path` is where it lies, `names` is to be said besides.
    """
    gradebook.finish()
    submissions = submissions_of(found, gradebook.folder)
    left = [each.student for each in submissions if each.student not in gradebook.results and not gradebook.knows(each)]
    # What the folder still holds of students that were not reached stays in grades.csv, which is written anew.
    kept = [student for student in left if gradebook.keep(student)]
    for student in left:
        if student not in kept:
            gradebook.results[student] = Failure(student, tr("the run was stopped before"))
    for row in found.students:
        if not row.attempts:
            gradebook.fail(Absent(row.student))
    write_class(gradebook.folder, found)
    grades, mistakes = gradebook.write_grades(), gradebook.write_known_mistakes()
    for line in class_table(assignment, gradebook.results.values(), console.width, console.encoding):
        console.print(line, soft_wrap=True)
    reached = [result for result in gradebook.results.values() if result.student not in left]
    say(console, *remarks(reached), *common_mistakes(reached), *names)
    failures = [] if left else [each for each in gradebook.results.values() if type(each) is Failure]
    troubles = [
        *(tr("Not graded: {student}: {reason}", student=each.student, reason=each.reason) for each in failures),
        *faults(reached),
    ]
    if left:
        told = [tr("{left} of {count} submissions were not graded.", left=len(left), count=len(submissions))]
        if kept:
            told.append(
                tr(
                    "{count} of them keep the result of an earlier run; the status in grades.csv says whose.",
                    count=len(kept),
                )
            )
        told.append(tr("Run this again: what is graded is kept."))
        console.print(f"[bold red]{tr('Stopped:')}[/]", *told, soft_wrap=True)
    say(console, *troubles)
    scores = [result.score for result in reached if isinstance(result, Result)]
    if scores:
        console.print(
            tr(
                "{count} graded, median {median:g} of {most}, isolation {isolation}",
                count=len(scores),
                median=statistics.median(scores),
                most=assignment.total_points,
                isolation=terms.isolation,
            )
        )
    say(
        console,
        f"{tr('Grades')}: {grades}",
        f"{tr('Known mistakes')}: {mistakes}",
        f"{tr('Details')}: {gradebook.folder / 'results'}",
        f"{tr('For students')}: {gradebook.folder / 'feedback'}",
        f"{tr('For you, with tracebacks')}: {gradebook.folder / 'instructor'}",
    )
    if others := gradebook.left_over():
        apart = tr(
            "{folder} also holds results of students who are not in this class ({count}); grades.csv does not. One "
            "folder per class keeps them apart.",
            folder=gradebook.folder,
            count=len(others),
        )
        say(console, apart)
    seed = tr("Seed {seed} (--seed {seed} repeats this run exactly)", seed=terms.seed)
    say(console, seed, tr("Graded: {path}", path=path))
    try:
        # A run that was stopped is compared with none before it is resumed.
        page = str(write_report(gradebook.folder, after_run=not left))
    except (OSError, UsageError) as error:  # marks are written already; `autograder report` makes it later
        page = tr("not written ({error})", error=error)
    say(console, tr("The class in one page: {page}", page=page))
    return NOT_GRADED if left or troubles else GRADED


def write_outputs_again(out: Path) -> int:
    """The same from OUT/gradebook.db alone: nothing is graded, and nothing that was handed in is read."""
    with closing(open_gradebook(out)) as database:
        terms, class_list = about(database, out)
    found = class_from_bytes(class_list)
    assignment = speak_of(*open_assignment(find_project(Path.cwd()), terms.assignment), found.language)
    with closing(Gradebook(out, assignment)) as gradebook:
        gradebook.begin(terms, class_list)
        return write_outputs(Console(highlight=False), assignment, gradebook, terms, found, found.path)


def open_gradebook(out: Path) -> Database:
    """Raises UsageError where there is none."""
    if not (out / FILE).is_file():
        raise UsageError(f"{out} holds no {FILE}: name the folder that `autograder grade --out` wrote.")
    return Database(out / FILE)


def about(database: Database, out: Path) -> tuple[Terms, bytes]:
    """The terms and the class of the last run. Raises UsageError where there was none."""
    run = database.last_run()
    if run is None:
        raise UsageError(f"{out / FILE} is empty: grade first.")
    return run


def say(console: Console, *lines: str) -> None:
    """Lines as they are and not wrapped: paths are there to be copied."""
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
