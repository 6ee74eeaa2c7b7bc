"""Which system a download is from. Never a guess: what could be several people's ends in UsageError."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.sources import by_folder, by_name
from autograder.sources.model import OTHER, Download, Handed, Member
from autograder.sources.tree import Tree, open_tree
from autograder.submissions.files import READ
from autograder.submissions.names import listed, plain

_MOST_WRAPPERS = 2


def recognise(path: Path, assignment: str) -> tuple[Tree, Download] | None:
    """What is at `path`, where it is a download of a system that we know; None for a plain folder or submission.

    Where a download was unpacked into a folder of its own, or holds one, that is looked into. Raises UsageError where
    a file could be several people's.
    """
    tree = open_tree(path)
    for _ in range(_MOST_WRAPPERS + 1):
        if tree is None or not tree.names:
            return None
        if found := _system(tree, path, assignment):
            return tree, found
        tree = tree.inner()
    return None


def _system(tree: Tree, path: Path, assignment: str) -> Download | None:
    return (
        by_folder.gradescope(tree, path)
        or _named(tree, "Moodle", by_name.moodle)
        or _blackboard(tree)
        or _brightspace(tree)
        or _canvas(tree)
        or by_folder.nbgrader(tree, assignment)
        or by_folder.github(tree)
    )


def _named(tree: Tree, source: str, read: Callable[[str], Handed | None]) -> Download | None:
    """A download in which more than half of the entries at the top have names that this system makes."""
    handed = [found for name in tree.names if (found := read(name)) is not None]
    known = {each.where for each in handed}
    others = [name for name in tree.names if name not in known]
    if _tops(known) <= _tops(others):
        return None
    if code := [name for name in others if "/" in name or name.casefold().endswith(READ)]:
        raise UsageError(
            f"{tree.name} is a download of {source}, but for {listed(code)}, whose names do not say whose they are. "
            "Take them out, or download again."
        )
    return Download(source, tuple(handed), tuple(others))


def _tops(names: set[str] | list[str]) -> int:
    return len({name.partition("/")[0] for name in names})


def _canvas(tree: Tree) -> Download | None:
    found = _named(tree, "Canvas", by_name.canvas)
    if found is None:
        return None
    uploads = [each.order for each in found.handed if each.order]
    if len(set(uploads)) < len(uploads):
        return None  # Canvas numbers each file; these are numbers of something else
    title_of: dict[str, str] = {}
    for each in found.handed:
        if (title := title_of.setdefault(each.key, each.title)) != each.title:
            raise UsageError(
                f"{tree.name}: the files of user {each.key} have two names, {plain(title)} and {plain(each.title)}. "
                "Download again from Canvas, without changing names."
            )
    return found


def _blackboard(tree: Tree) -> Download | None:
    found = _named(tree, "Blackboard", by_name.blackboard)
    if found is None:
        return None
    texts = {each.key: tree.text(each.where) for each in found.handed if each.kind == OTHER}
    people = by_name.blackboard_names(found.handed, texts)
    by_user: defaultdict[str, set[str]] = defaultdict(set)
    for key, member in people.items():
        by_user[member.username].add(key)
    for user, keys in by_user.items():
        if len(keys) > 1:
            raise UsageError(
                f"{tree.name}: {listed(sorted(keys))} could all be of user {plain(user)}. Put the downloads of "
                "different assignments into different folders."
            )
    return replace(found, handed=tuple(replace(each, members=(people[each.key],)) for each in found.handed))


def _brightspace(tree: Tree) -> Download | None:
    found = _named(tree, "Brightspace", by_name.brightspace)
    if found is None:
        return None
    pairs = {tuple(each.members[0].id.split("-")) for each in found.handed}
    names = {each.key.partition(" ")[2] for each in found.handed}
    firsts, seconds = {first for first, _ in pairs}, {second for _, second in pairs}
    # One number is the assignment's folder, the same for all; the other is the student's.
    place = 0 if len(seconds) == 1 else 1 if len(firsts) == 1 else None
    if place is None and len(pairs) > len(names):
        raise UsageError(
            f"{tree.name}: some students have several numbers ({len(pairs)} for {len(names)} names), so that it cannot "
            "be told which are one person's. Download one assignment at a time."
        )
    handed = []
    for each in found.handed:
        member = each.members[0]
        number = member.id.split("-")[place] if place is not None else member.id
        whole = Member(member.name, number, member.username)
        handed.append(replace(each, key=f"{number} {member.name}", members=(whole,)))
    return replace(found, handed=tuple(handed))
