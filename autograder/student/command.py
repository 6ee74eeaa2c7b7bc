"""The command line of the student's folder, behind `python check.py`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.errors import UsageError
from autograder.language import languages, tr
from autograder.results.whole import write_whole
from autograder.results.words import NOT_STARTED, verdict
from autograder.student import told
from autograder.student.example import by_hand
from autograder.student.folder import StudentFolder, exercise_named, file_item
from autograder.student.imports import notes_of
from autograder.student.results import Found, PublicResult
from autograder.student.terminal import Terminal, wrapped
from autograder.submissions.archive import Budget, open_zip
from autograder.submissions.model import BadArchiveError, Contents
from autograder.submissions.read import read_pile

_HANDED_IN = (".ipynb", ".zip")
PASSED, NOT_YET, USAGE, STOPPED = 0, 1, 2, 130
"""The exit statuses."""


def main(path: Path, arguments: Sequence[str] | None = None) -> int:
    """Check the files in the folder `path`; the exit status: 0 when all public checks pass, else 1."""
    folder = StudentFolder.open(path, _language(arguments))
    names = folder.assignment.exercise_names
    options = _options(arguments, names)
    typed = [name for name in options.what if not name.endswith(_HANDED_IN)]
    asked = [found for name in typed if (found := exercise_named(name, names))]
    files = [Path(name) for name in options.what if name.endswith(_HANDED_IN)]
    terminal = Terminal()
    unknown = [name for name in typed if exercise_named(name, names) is None]
    if unknown:
        told.no_such(terminal, unknown[0], names)
        return USAGE
    try:
        if len(files) > 1:
            raise UsageError(tr("Name one notebook or zip, not several."))
        if options.explain and not asked:
            raise UsageError(tr("Name an exercise: python check.py {exercise} --explain", exercise=names[0]))
        if options.watch:
            from autograder.student.watch import watch

            return watch(folder, terminal, asked or list(names))
        from autograder.student.checks import run_checks  # torch, which takes seconds

        if options.wait:
            return _check_for_watch(folder, options.wait)
        contents = _handed_in(folder, files[0]) if files else folder.contents()
        if options.explain:
            return _explain(folder, terminal, contents, asked, options.seed)
        width = max(map(len, names))
        results = run_checks(
            folder,
            contents,
            asked or names,
            options.seed,
            tell=lambda exercise, result: told.exercise(terminal, exercise, result, width),
        )
    except FileNotFoundError as error:
        terminal.line(tr("There is no file {name}.", name=error.filename))
        return USAGE
    except (BadArchiveError, OSError, UsageError) as error:
        terminal.line(str(error))
        return USAGE
    except KeyboardInterrupt:
        terminal.line(tr("Stopped."))
        return STOPPED
    return _tell(folder, terminal, notes_of(contents, results), results, options)


def _language(arguments: Sequence[str] | None) -> str:
    """The language that is asked for, before anything is said in it."""
    parser = argparse.ArgumentParser(prog="check.py", add_help=False, allow_abbrev=False)
    parser.add_argument("--language", default="", choices=languages())
    chosen: str = parser.parse_known_args(arguments)[0].language
    return chosen


def _options(arguments: Sequence[str] | None, names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="check.py",
        formatter_class=_Help,
        add_help=False,
        description=tr("Run the public checks on your files. Without names, on all of them."),
        epilog=tr("Exercises: {names}", names=", ".join(names)),
    )
    parser.add_argument(
        "what",
        nargs="*",
        metavar="EXERCISE",
        help=tr("an exercise; or a notebook or zip, to see what is read in it"),
    )
    parser.add_argument("-h", "--help", action="help", help=tr("show this help"))
    parser.add_argument("--watch", action="store_true", help=tr("check again whenever you save a file"))
    parser.add_argument("--hint", action="store_true", help=tr("show the next hint for the exercise"))
    parser.add_argument(
        "--explain", action="store_true", help=tr("show the exercise's worked example, step by step in your code")
    )
    parser.add_argument(
        "--all", action="store_true", help=tr("show every check that does not pass, not the first alone")
    )
    parser.add_argument(
        "--seed", type=int, default=0, help=tr("another seed draws other sizes and numbers (default: 0)")
    )
    parser.add_argument("--language", choices=languages(), help=tr("the language of what is said"))
    parser.add_argument("--wait", type=Path, help=argparse.SUPPRESS)  # for --watch: begin when told to, write there
    return parser.parse_intermixed_args(arguments)


class _Help(argparse.HelpFormatter):
    """Breaks lines by the columns that they take."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in wrapped(text, width - len(indent)))


def _handed_in(folder: StudentFolder, file: Path) -> Contents:
    """What the grader reads in one file. Raises OSError or BadArchiveError."""
    item = file_item(file)
    content = item.load()  # a file that is not there is a slip on the command line, not in the notebook
    items = open_zip(content, item.where, 0, Budget()) if item.suffix == ".zip" else [item]
    return read_pile(items, folder.expected)


def _check_for_watch(folder: StudentFolder, file: Path) -> int:
    """Check what is asked for on standard input, write what is found to a file, exercise by exercise, and end the
    process; the exit status where nothing was asked for.
    """
    from autograder.student.checks import run_checks

    exercises = sys.stdin.readline().split()
    if not exercises:
        return STOPPED
    contents = folder.contents()
    found = Found(notes=notes_of(contents, exercises))

    def keep(exercise: str, result: PublicResult) -> None:
        found.results[exercise] = result
        write_whole(file, msgspec.json.encode(found))

    run_checks(folder, contents, exercises, tell=keep)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(PASSED)  # torch takes longer to clean up, half a second and more, than most checks do


def _explain(folder: StudentFolder, terminal: Terminal, contents: Contents, exercises: Sequence[str], seed: int) -> int:
    """Take the worked examples of these exercises apart; the exit status."""
    from autograder.student.steps import explained

    found = {name: explained(folder, contents, name, seed) for name in exercises}
    for name, each in found.items():
        told.worked_example(terminal, name, by_hand(folder, name), each)
    return PASSED if all(each.result.has_passed for each in found.values()) else NOT_YET


def _tell(
    folder: StudentFolder,
    terminal: Terminal,
    notes: Sequence[str],
    results: Mapping[str, PublicResult],
    options: argparse.Namespace,
) -> int:
    """Say what does not pass, and what to do next; the exit status."""
    told.notes(terminal, notes)
    failing = [name for name in results if not results[name].has_passed]
    for name in failing if options.all else failing[:1]:
        told.failure(terminal, name, results[name], every=options.all)
    if options.hint:
        exercise = failing[0] if failing else next(iter(results))
        terminal.line()
        terminal.indented(folder.next_hint(exercise))
    terminal.line()
    told.progress(terminal, len(results), results)
    if failing and not options.hint:
        terminal.line(tr("Stuck? python check.py {exercise} --hint", exercise=failing[0]), "dim")
        terminal.line(
            tr("Its worked example, step by step: python check.py {exercise} --explain", exercise=failing[0]), "dim"
        )
        if not options.what and folder.has_notebook and all(verdict(results[name]) == NOT_STARTED for name in failing):
            terminal.line(
                tr("Working in the notebook? python check.py {notebook}", notebook=folder.assignment.notebook), "dim"
            )
    elif not failing:
        told.all_pass(terminal, folder.assignment, results)
    return NOT_YET if failing else PASSED
