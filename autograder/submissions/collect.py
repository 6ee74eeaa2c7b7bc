"""The bytes of what a student handed in: opened and counted here, understood elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from autograder.submissions.files import READ, Item, list_folder, not_opened, read_file
from autograder.submissions.model import File, HandedIn, UnreadableError

MAX_BYTES = 150_000_000
"""Of all files of a submission together."""


def collect(path: Path, kinds: Sequence[str] = READ) -> HandedIn:
    """The files of a folder, or one file, with the bytes of those of these kinds.

    Links are not followed, and too much is not read. Never raises.
    """
    try:
        if _is_folder(path):
            return HandedIn(True, _with_bytes(list_folder(path), kinds))
    except UnreadableError as error:
        return HandedIn(False, (), str(error))
    return HandedIn(False, _with_bytes([Item(path.name, path.name, 0, 0, lambda: read_file(path))], kinds))


def digest_of(handed_in: HandedIn) -> str:
    """SHA-256 of names and bytes, as they are read; files of other kinds count by their names."""
    parts = [handed_in.refused.encode(errors="backslashreplace")]
    for file in handed_in.files:
        parts += [file.where, file.data, file.refused.encode(errors="backslashreplace")]
    digest = hashlib.sha256(b"%d" % handed_in.is_folder)
    for part in parts:  # the length keeps one from running into the next
        digest.update(b" %d " % len(part))
        digest.update(part)
    return digest.hexdigest()


def items_of(handed_in: HandedIn) -> list[Item]:
    """The same as the rest of this room knows files."""
    return [_item(file) for file in handed_in.files]


def _item(file: File) -> Item:
    where = os.fsdecode(file.where)
    *folders, name = where.split("/")

    def load() -> bytes:
        if file.refused:
            raise UnreadableError(file.refused)
        return file.data

    return Item(name, where, len(folders), 0, load)


def _with_bytes(items: list[Item], kinds: Sequence[str]) -> tuple[File, ...]:
    files = {item.where: File(os.fsencode(item.where)) for item in items}
    left = MAX_BYTES
    for item in sorted((item for item in items if item.suffix in kinds), key=lambda item: kinds.index(item.suffix)):
        where = os.fsencode(item.where)
        try:
            data = item.load()
            left -= len(data)
            if left < 0:
                raise UnreadableError(
                    "{where} is not read: what was handed in is larger than {size} MB in all.",
                    item.where,
                    size=MAX_BYTES // 1_000_000,
                )
            files[item.where] = File(where, data)
        except UnreadableError as error:
            files[item.where] = File(where, refused=str(error))
    return tuple(files.values())


def _is_folder(path: Path) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise not_opened(path.name, error) from None
    except ValueError:
        raise UnreadableError("{where} has a name that cannot be opened.", path.name) from None
    if stat.S_ISLNK(mode):
        raise UnreadableError("{where} is a link: hand in the file itself.", path.name)
    return stat.S_ISDIR(mode)
