"""Whether files that look like one submission are the work of several people, who must never be mixed.

Folders and archives are people's when two of them hold the same: a file of one exercise, or a notebook. Names that
anybody gives to folders of their own (`old`, `week4`, `src`, `core (1)`) are nobody's, and so are those of assignments.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from autograder.submissions.archive import Budget, open_zip
from autograder.submissions.collect import collect, items_of
from autograder.submissions.exercise_files import without_our_own
from autograder.submissions.files import Item
from autograder.submissions.model import BadArchiveError, Expected, UnreadableError
from autograder.submissions.names import is_variant, same_name_key

_MOST_ARCHIVES = 50
_MOST_PARTS = 20
_MOST_FILES = 200
_OWN_WORDS = """
answer answers archive assignment assignments attempt attempts backup backups bak check checks code copy core data demo
desktop documents done downloads draft drafts ex exercise exercises experiment experiments files final finished first
fixed folder folders handout homework hw lab labs last late main material mine model models my new notebook notebooks
old older original own part practice previous project py python report resubmission resubmit revised second solution
solutions source sources src stub stubs submit task tasks temp test tests tmp train training trial trials try unfinished
untitled utils v ver version versions week wip wk work 과제 백업 사본 새 수정 연습 제출 최종 코드 폴더
"""
_COPY = re.compile(r"^copy of |(?:\s*\(\d+\)|[-_ ]+copy)+$", re.IGNORECASE)


People = Callable[[Path, Sequence[Expected]], list[str]]
"""Says which folders and archives of a submission seem to be different people's."""


def people_at(path: Path, expected: Sequence[Expected]) -> list[str]:
    """The folders and archives of a submission that seem to be different people's, found out in this process."""
    return several_people(items_of(collect(path, (".zip",))), expected)


def several_people(items: Sequence[Item], expected: Sequence[Expected]) -> list[str]:
    """Folders and archives among files, each of which seems to be another person's; empty when there are not two."""
    found = without_our_own(_with_archives(items), expected)
    work = [(_parts(item, kind), kind) for item in found if (kind := _kind(item, expected))]
    return _search([(parts, kind) for parts, kind in work if len(parts) <= _MOST_PARTS], expected)


def _search(work: list[tuple[tuple[str, ...], str]], expected: Sequence[Expected]) -> list[str]:
    inside: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for parts, kind in work:
        if len(parts) > 1:
            inside[parts[0]].append((parts[1:], kind))
    people = _people({name: {kind for _, kind in files} for name, files in inside.items()}, expected)
    return people or next(filter(None, (_search(files, expected) for files in inside.values())), [])


def several_files(items: Iterable[Item], expected: Sequence[Expected]) -> list[str]:
    """The same for files that lie side by side, named after people: `kim.py` and `lee.ipynb`."""
    beside = (item for item in items if item.folders == 0 and item.suffix in (".py", ".ipynb"))
    files = [item for item in islice(beside, _MOST_FILES) if not any(is_variant(item.name, w.file) for w in expected)]
    return _people({item.name: _defined(item, expected) for item in files}, expected)


def _people(holders: Mapping[str, Collection[str]], expected: Sequence[Expected]) -> list[str]:
    given = {name for wanted in expected for name in (wanted.exercise, *wanted.folders)}
    own = {*_OWN_WORDS.split(), *(word for name in given for word in _words(name))}
    of_kind: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name in sorted(holders):
        if person := _person(name, own):
            for kind in holders[name]:
                of_kind[kind].setdefault(person, name)
    several = [names.values() for names in of_kind.values() if len(names) > 1]
    return sorted({name for names in several for name in names})


def _with_archives(items: Iterable[Item]) -> list[Item]:
    found: list[Item] = []
    budget = Budget()
    archives = 0
    for item in items:
        if item.suffix != ".zip":
            found.append(item)
        elif archives < _MOST_ARCHIVES:
            archives += 1
            try:
                found += open_zip(item.load(), item.where, item.layer + 1, budget)
            except (BadArchiveError, UnreadableError):
                continue  # what is wrong with it is told when it is graded
    return found


def _kind(item: Item, expected: Sequence[Expected]) -> str:
    if item.suffix == ".ipynb":
        return ".ipynb"
    return next((wanted.file for wanted in expected if _in_front(item.name, wanted.file) is not None), "")


def _parts(item: Item, kind: str) -> tuple[str, ...]:
    """The folders around a file, among them what stands in front of its name."""
    *around, name = PurePosixPath(item.where).parts
    front = _in_front(name, kind)
    return (*around, front, kind) if front else (*around, name)


def _in_front(name: str, file: str) -> str | None:
    """What a learning system put before a file's name, `lovelaceada_4411_67890_`, or "" if nothing; None for others."""
    key, end = same_name_key(name), same_name_key(file)
    front = key.removesuffix(end)
    is_fitting = not front or (front.endswith(("_", " ")) and re.search("[0-9]{4}", front))
    return front if key.endswith(end) and is_fitting else None


def _defined(item: Item, expected: Sequence[Expected]) -> set[str]:
    """Wanted names that a file or notebook seems to define."""
    try:
        text = item.load().decode("utf-8", "replace")
    except UnreadableError:
        return set()
    names = [name for wanted in expected for name in wanted.names]
    return {name for name in names if re.search(rf"\b(?:class|def)[ \t]+{re.escape(name)}\b", text)}


def _person(name: str, own: Collection[str]) -> str:
    """What may tell whose it is: `kim` of `kim_hw4_final`, without words that anybody gives and their short numbers."""
    kept: list[str] = []
    before = ""
    for part in re.findall(r"[^\W\d_]+|\d+", _without_copy(name)):
        if part.isdigit():
            is_own = len(part) <= 2 and (not before or before in own)
        else:
            is_own = part in own or part == "submission"  # whose number tells people apart: not among the words
        kept += [] if is_own else [part]
        before = before if is_own and part.isdigit() else part  # `hw4 2`
    return " ".join(kept)


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", same_name_key(name))


def _without_copy(name: str) -> str:
    return _COPY.sub("", re.sub(r"\.(?:zip|py|ipynb)$", "", same_name_key(name)).strip())
