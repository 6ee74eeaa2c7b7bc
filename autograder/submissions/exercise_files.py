"""Exercises that were handed in as files of their own, by their exact name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from autograder.language import tr
from autograder.submissions.files import Item, decode_source
from autograder.submissions.magics import cell_magic, without_magics
from autograder.submissions.model import Expected, Outcome, Problem, Segment, SourceFile, UnreadableError
from autograder.submissions.names import is_variant, listed, plain, shown
from autograder.submissions.stubs import is_untouched
from autograder.submissions.syntax import fault_in

_MOST_COPIES = 10
_WORD = r"(?<![^\W_])(?:{})(?![^\W_])"
_SET_ASIDE = re.compile(
    r"\(\d+\)|" + _WORD.format("backup|bak|copy|drafts?|old|original|previous|백업|사본"), re.IGNORECASE
)
_FINAL = re.compile(_WORD.format(r"final|fixed|new|resubmission|resubmit|revised|v\d+|수정|최종"), re.IGNORECASE)


def nearest(items: Iterable[Item], suffix: str) -> list[Item]:
    """The files of one kind that count, at most one folder deep.

    Files before those in archives, the top before a folder, what is called final first, what was set aside last
    (`core (1).ipynb`, `old`), the second attempt before the first.
    """
    near = [item for item in items if item.suffix == suffix and item.folders <= 1]
    return sorted(near, key=lambda item: (item.layer, item.folders, *_newest_first(item.where)))


def _newest_first(where: str) -> tuple[int, list[str | int]]:
    rank = 2 if _SET_ASIDE.search(where) else 0 if _FINAL.search(where) else 1
    return rank, [-int(part) if number % 2 else part for number, part in enumerate(re.split(r"([0-9]+)", where))]


def without_our_own(items: Iterable[Item], expected: Iterable[Expected]) -> list[Item]:
    """The files but for those that students were given to check their work with: `checks/notebook/se_block.py`."""
    inside = {"notebook", "_engine", *(wanted.exercise for wanted in expected)}

    def is_ours(item: Item) -> bool:
        folders = item.where.split("/")[:-1]
        return any(one == "checks" and two in inside for one, two in pairwise(folders))

    return [item for item in items if not is_ours(item)]


def find_own_files(items: Iterable[Item], expected: Iterable[Expected]) -> dict[str, Outcome]:
    """What becomes of every exercise whose file is there; the others are left out.

    A file as it was given out counts only when there is no other.
    """
    found: dict[str, Outcome] = {}
    files = nearest(items, ".py")
    for wanted in expected:
        for item in [item for item in files if item.name == wanted.file][:_MOST_COPIES]:
            outcome = _from_file(item, wanted.exercise)
            if wanted.exercise not in found or not is_untouched(outcome, wanted):
                found[wanted.exercise] = outcome
            if not is_untouched(outcome, wanted):
                break
    return found


def from_text(text: str, item: Item, exercise: str) -> Outcome:
    """The text of a file as the source of an exercise, if it is valid Python, and not a notebook's."""
    if text.lstrip().startswith("{") and '"nbformat"' in text:
        right = shown(item.name.rpartition(".")[0] + ".ipynb")
        message = tr(
            "{names} cannot be read: rename it to {right} and submit again.", names=shown(item.where), right=right
        )
        return Problem(exercise, "unreadable", message)
    fault = fault_in(text)
    if fault is not None and cell_magic(text).keeps_body:
        text = without_magics(text)  # Colab's "Download .py" leaves `!pip install` as it is
        fault = fault_in(text)
    if fault is not None:
        position = shown(item.where) if fault.line is None else tr("line {number}", number=fault.line)
        return Problem(exercise, "syntax", fault.describe(position))
    return SourceFile(exercise, plain(item.where), text, (Segment(1, plain(item.name)),))


def ignored_files(items: Iterable[Item], expected: Sequence[Expected], outcomes: Mapping[str, Outcome]) -> list[str]:
    """A note for every exercise that was found and has files of the same or a similar name beside its source."""
    notes: list[str] = []
    files = nearest(items, ".py")
    names = {wanted.file for wanted in expected}
    for wanted in expected:
        outcome = outcomes.get(wanted.exercise)
        exact = [item.where for item in files if item.name == wanted.file]
        variants = [item.where for item in files if item.name not in names and is_variant(item.name, wanted.file)]
        counts = outcome.origin if isinstance(outcome, SourceFile) else exact[0] if exact else None
        ignored = [where for where in exact if plain(where) != counts and where != counts] + variants
        if counts is not None and ignored:
            notes.append(tr("Ignored {ignored}: {counts} counts.", ignored=listed(ignored), counts=shown(counts)))
    return notes


def _from_file(item: Item, exercise: str) -> Outcome:
    try:
        text = decode_source(item.load(), item.where)
    except UnreadableError as error:
        return Problem(exercise, "unreadable", str(error))
    return from_text(text, item, exercise)
