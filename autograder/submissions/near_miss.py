"""Files that a student probably meant: the right class under a wrong name, or a name that is nearly right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from autograder.language import mark, tr
from autograder.submissions.files import Item, decode_source
from autograder.submissions.model import Expected, Problem, UnreadableError
from autograder.submissions.names import is_similar, is_variant, most_alike, shown
from autograder.submissions.stubs import is_answer
from autograder.submissions.syntax import seems_to_define

TOO_DEEP = mark("{where} is too many folders deep: hand it in at the top, or in one folder.")

_MAX_LOOKED_INTO = 50

# Public checks that students get, and may hand in again. They are named after the exercise.
_TEST_FILE = re.compile(r"(?:test_.*|conftest|.*_public)\.py$")


def texts_of(items: Sequence[Item]) -> dict[str, str]:
    """Texts of the first of some Python files, by `where`; what cannot be read is left out."""
    texts: dict[str, str] = {}
    for item in items[:_MAX_LOOKED_INTO]:
        try:
            texts[item.where] = decode_source(item.load(), item.where)
        except UnreadableError:
            continue
    return texts


def answers_among(wanted: Expected, items: Iterable[Item], texts: Mapping[str, str]) -> list[Item]:
    """The files of other names, or too many folders deep, in which something of what is wanted is written."""
    others = [item for item in items if item.suffix == ".py" and (item.name != wanted.file or item.folders > 1)]
    texts = {**texts, **texts_of([item for item in others if item.name == wanted.file])}
    return [item for item in others if is_answer(texts.get(item.where, ""), wanted)]


def misspelt(where: str, names: Iterable[str], defined: Iterable[str], expected: Sequence[Expected]) -> list[str]:
    """A phrase for each of `names` that a file or notebook seems to define under a name which is nearly right."""
    others = sorted(set(defined) - {name for wanted in expected for name in wanted.names})
    slips = [(name, most_alike(name, others)) for name in names]
    return [
        tr("{where} defines {slip}, expected {name}", where=where, slip=shown(slip), name=shown(name))
        for name, slip in slips
        if slip is not None
    ]


def near_miss(
    wanted: Expected, items: Sequence[Item], texts: Mapping[str, str], expected: Sequence[Expected]
) -> Problem | None:
    """A problem that names the file which was probably meant, or None when there is no such file.

    What a file defines counts more than its name. Another exercise's own file can only be meant by what it defines.
    """
    files_of_others = {other.file for other in expected} - {wanted.file}
    best: tuple[bool | int, ...] = (0, False, False)
    meant: Item | None = None
    for item in items:
        if item.name == wanted.file:
            return Problem(wanted.exercise, "misnamed", tr(TOO_DEEP, where=shown(item.where)))
        if item.folders > 1 or _TEST_FILE.match(item.name):
            continue
        defined = len(_defined(texts.get(item.where, ""), wanted))
        free = item.name not in files_of_others
        score = (defined, free and is_variant(item.name, wanted.file), free and is_similar(item.name, wanted.file))
        if score > best:
            best, meant = score, item
    return None if meant is None else _misnamed(wanted, meant, texts.get(meant.where, ""), expected)


def _misnamed(wanted: Expected, item: Item, text: str, expected: Sequence[Expected]) -> Problem:
    answered = [other for other in expected if _defined(text, other)]
    own_file_of_another = any(item.name == other.file for other in expected)
    if wanted in answered and (own_file_of_another or len(answered) > 1):
        names = tr(" and ").join(_defined(text, wanted))
        message = tr(
            "found {names} in {where}, expected in {file}: move it and submit again.",
            names=names,
            where=shown(item.where),
            file=shown(wanted.file),
        )
    else:
        message = tr(
            "found {where}, expected {file}: rename it and submit again.",
            where=shown(item.where),
            file=shown(wanted.file),
        )
    return Problem(wanted.exercise, "misnamed", message)


def _defined(text: str, wanted: Expected) -> list[str]:
    return [name for name in wanted.names if seems_to_define(text, name)]
