"""One submission: for every exercise its source, or a sentence that tells the student why there is none.

An exercise's own file counts first, nearest the top; then a file in an archive; then a notebook. What is not used is
said in the notes. Nothing that a student can hand in makes this raise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Literal

from autograder.language import mark, tr
from autograder.submissions.archive import Budget, loaded, open_zip
from autograder.submissions.collect import collect, items_of
from autograder.submissions.evidence import with_evidence
from autograder.submissions.exercise_cells import read_exercises
from autograder.submissions.exercise_files import find_own_files, from_text, ignored_files, nearest, without_our_own
from autograder.submissions.files import OTHER_ARCHIVES, READ, Item, decode_source
from autograder.submissions.model import (
    BadArchiveError,
    Contents,
    Expected,
    HandedIn,
    Outcome,
    Problem,
    SourceFile,
    Submission,
    UnreadableError,
)
from autograder.submissions.names import RENAMED_NOTEBOOK, listed, shown
from autograder.submissions.near_miss import TOO_DEEP, answers_among, misspelt, near_miss, texts_of
from autograder.submissions.reach import bound_in
from autograder.submissions.stubs import is_untouched
from autograder.submissions.syntax import Definition, fault_in, parse, seems_to_define
from autograder.submissions.trim import trimmed

_MAX_ARCHIVES = 10
_MAX_NOTEBOOKS = 10
# Where nothing else was handed in, a student's work may be in one of these.
_DOCUMENTS = frozenset({".doc", ".docx", ".hwp", ".hwpx", ".odt", ".pages", ".pdf", ".rtf", ".html", ".htm", ".json"})

_HAND_IN = mark("hand in .py files, a .zip of them, or a notebook.")

# From the least to the most that a student learns from it.
_TELLING = ("missing", "unreadable", "archive", "misnamed", "syntax")


def read_submission(submission: Submission, expected: Sequence[Expected]) -> Contents:
    """Finds the source of every expected exercise in what a student handed in, in this process."""
    return read(collect(submission.path), expected)


def read(handed_in: HandedIn, expected: Sequence[Expected]) -> Contents:
    """Finds the source of every expected exercise in the bytes that a student handed in."""
    try:
        return _read(handed_in, expected)
    except BadArchiveError as error:
        return _nothing(expected, "archive", str(error))
    except UnreadableError as error:
        return _nothing(expected, "unreadable", str(error))


def _read(handed_in: HandedIn, expected: Sequence[Expected]) -> Contents:
    if handed_in.refused:
        raise UnreadableError(handed_in.refused)
    items = items_of(handed_in)
    if handed_in.is_folder:
        return read_pile(items, expected)
    (item,) = items
    if item.suffix == ".zip":
        return read_pile(open_zip(loaded(item), item.where, 0, Budget()), expected)
    if item.suffix == ".ipynb":
        item.load()  # what cannot be opened is no notebook in which something is missing
        return read_pile(items, expected)
    if item.suffix == ".py":
        return _read_single_file(item, expected)
    return _nothing(expected, *_not_readable([item.where]))


def _nothing(expected: Sequence[Expected], kind: Literal["unreadable", "archive"], message: str) -> Contents:
    return Contents({}, {wanted.exercise: Problem(wanted.exercise, kind, message) for wanted in expected}, ())


def _contents(outcomes: Mapping[str, Outcome], notes: Sequence[str], expected: Sequence[Expected]) -> Contents:
    sources: dict[str, SourceFile] = {}
    problems: dict[str, Problem] = {}
    told = list(notes)
    for wanted in expected:
        outcome = outcomes[wanted.exercise]
        if isinstance(outcome, Problem):
            problems[wanted.exercise] = outcome
            continue
        slips = _misspelt(outcome, wanted, expected)
        if slips and len(slips) == len(wanted.names):
            message = tr("{slips}: rename it and submit again.", slips="; ".join(slips))
            problems[wanted.exercise] = Problem(wanted.exercise, "misnamed", message)
            continue
        source, left_out = trimmed(outcome, wanted)
        sources[wanted.exercise] = with_evidence(source, wanted)
        told += [*(f"{slip}." for slip in slips), *left_out]
    return Contents(sources, problems, tuple(told))


def _misspelt(source: SourceFile, wanted: Expected, expected: Sequence[Expected]) -> list[str]:
    """A phrase for each wanted name that a source has only under a name which is nearly right."""
    tree = parse(source.text)
    bound = bound_in(tree)
    absent = [name for name in wanted.names if not bound.intersection((name, "*"))]
    top = [node.name for node in tree.body if isinstance(node, Definition)]
    return misspelt(shown(source.origin), absent, top, expected)


def read_pile(handed_in: Sequence[Item], expected: Sequence[Expected]) -> Contents:
    """Finds every expected exercise among files, wherever they come from.

    Files first, then archives, then notebooks, each only for the exercises that are still to be found.
    """
    items = without_our_own(handed_in, expected)
    outcomes = find_own_files(items, expected)
    notes: list[str] = []
    possible: dict[str, list[Problem]] = {wanted.exercise: [] for wanted in expected}

    def unanswered() -> list[Expected]:
        """Exercises that were not found, or only as they were given out."""
        return [
            each for each in expected if (found := outcomes.get(each.exercise)) is None or is_untouched(found, each)
        ]

    archives = nearest(items, ".zip")
    if archives and unanswered():
        inside, faults = _open_archives(archives)
        items += without_our_own(inside, expected)
        outcomes = find_own_files(items, expected)
        notes += faults
        for exercise, problems in possible.items():
            problems += [Problem(exercise, "archive", fault) for fault in faults]
    elif archives:
        notes.append(
            tr(
                "Ignored {archives}: every exercise has its own file beside it.",
                archives=listed([item.where for item in archives]),
            )
        )

    in_files = [wanted for wanted in expected if wanted not in unanswered()]
    for number, notebook in enumerate(nearest(items, ".ipynb")):
        missing = unanswered()
        if not missing or number >= _MAX_NOTEBOOKS:
            reason = tr("hand in one notebook") if missing else tr("every exercise was found without it")
            notes.append(tr("Ignored {where}: {reason}.", where=shown(notebook.where), reason=reason))
            continue
        found, notebook_notes = read_exercises(notebook, missing, in_files)
        notes += notebook_notes
        for exercise, outcome in found.items():
            if isinstance(outcome, SourceFile):
                if exercise in outcomes:
                    given = shown(f"{exercise}.py")
                    notes.append(
                        tr(
                            "{given} is the stub as it was given out: {where} counts.",
                            given=given,
                            where=shown(notebook.where),
                        )
                    )
                outcomes[exercise] = outcome
            else:
                possible[exercise].append(outcome)

    notes += ignored_files(items, expected, outcomes)
    texts = texts_of(nearest(items, ".py")) if unanswered() else {}
    for wanted in unanswered():
        is_missing = wanted.exercise not in outcomes
        elsewhere = items if is_missing else answers_among(wanted, items, texts)
        slip = near_miss(wanted, elsewhere, texts, expected)
        problems = [*possible[wanted.exercise], *([slip] if slip else [])]
        if is_missing:
            problems += [*_unread(wanted, items), *_too_deep(wanted, items), _not_handed_in(wanted, items)]
        else:  # a stub: better to be told what is wrong with the answer
            problems = [problem for problem in problems if problem.kind in ("misnamed", "syntax")]
        if problems:
            outcomes[wanted.exercise] = max(problems, key=lambda problem: _TELLING.index(problem.kind))
    return _contents(outcomes, notes, expected)


def _open_archives(archives: Sequence[Item]) -> tuple[list[Item], list[str]]:
    """The files of archives that lie in a folder, and a sentence for each archive that is not accepted."""
    items: list[Item] = []
    faults: list[str] = []
    budget = Budget()
    for archive in archives[:_MAX_ARCHIVES]:
        try:
            items += open_zip(archive.load(), archive.where, 1, budget)
        except (BadArchiveError, UnreadableError) as error:
            faults.append(str(error))
    if len(archives) > _MAX_ARCHIVES:
        faults.append(
            tr(
                "Only {opened} of {count} archives were opened: hand in one.",
                opened=_MAX_ARCHIVES,
                count=len(archives),
            )
        )
    return items, faults


def _unread(wanted: Expected, items: Sequence[Item]) -> list[Problem]:
    """What cannot be read although it may hold the exercise: another kind of archive, a renamed notebook, a report."""
    names = [item.where for item in items if item.suffix in OTHER_ARCHIVES or RENAMED_NOTEBOOK.search(item.name)]
    if not names and not any(item.suffix in READ for item in items):
        names = [item.where for item in items if item.suffix in _DOCUMENTS]
    return [Problem(wanted.exercise, *_not_readable(names))] if names else []


def _too_deep(wanted: Expected, items: Sequence[Item]) -> list[Problem]:
    """The first notebook or archive that is not looked into because of where it lies."""
    far = [item for item in items if item.suffix in (".ipynb", ".zip") and item.folders > 1]
    return [Problem(wanted.exercise, "unreadable", tr(TOO_DEEP, where=shown(item.where))) for item in far[:1]]


def _not_readable(names: Sequence[str]) -> tuple[Literal["unreadable", "archive"], str]:
    """What kind of problem it is that these files cannot be read, and a sentence on it."""
    if all(map(RENAMED_NOTEBOOK.search, names)):
        right = RENAMED_NOTEBOOK.sub(".ipynb", names[0].rpartition("/")[2])
        return "unreadable", tr(
            "{names} cannot be read: rename it to {right} and submit again.", names=listed(names), right=shown(right)
        )
    kind: Literal["unreadable", "archive"]
    kind = "archive" if any(PurePath(name).suffix.casefold() in OTHER_ARCHIVES for name in names) else "unreadable"
    return kind, tr("{names} cannot be read: {hand_in}", names=listed(names), hand_in=tr(_HAND_IN))


def _not_handed_in(wanted: Expected, items: Sequence[Item]) -> Problem:
    found = (
        tr("Found: {files}.", files=listed([item.where for item in items])) if items else tr("Nothing was handed in.")
    )
    if any(item.suffix == ".txt" for item in items) and not any(item.suffix in READ for item in items):
        found += f" {tr('Text is not read: {hand_in}', hand_in=tr(_HAND_IN))}"
    told = tr("{file} was not handed in.", file=shown(wanted.file))
    return Problem(wanted.exercise, "missing", f"{told} {found}")


def _read_single_file(item: Item, expected: Sequence[Expected]) -> Contents:
    """One .py file as a whole submission. Where its name is the student's, what it defines says what it answers."""
    if any(wanted.file == item.name for wanted in expected):
        return read_pile([item], expected)
    text = decode_source(item.load(), item.where)
    answered = [wanted for wanted in expected if any(seems_to_define(text, name) for name in wanted.names)]
    if len(expected) == 1 or (not answered and fault_in(text) is not None):
        answered = list(expected)
    outcomes: dict[str, Outcome] = {}
    for wanted in expected:
        found = from_text(text, item, wanted.exercise)
        is_notebook = isinstance(found, Problem) and found.kind == "unreadable"
        if wanted in answered or is_notebook or (isinstance(found, SourceFile) and _misspelt(found, wanted, expected)):
            outcomes[wanted.exercise] = found
        else:
            message = tr(
                "{where} does not define {names}.", where=shown(item.where), names=tr(" or ").join(wanted.names)
            )
            outcomes[wanted.exercise] = Problem(wanted.exercise, "missing", message)
    return _contents(outcomes, (), expected)
