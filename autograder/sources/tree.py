"""The files of a download, zip or unpacked, by name. Nothing is followed."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.submissions.archive import BROKEN, check_kind, checked_path, member_name
from autograder.submissions.model import BadArchiveError
from autograder.submissions.names import is_clutter, plain

_MOST_FILES = 200_000
_MOST_DEEP = 8
_MAX_LIST_BYTES = 100_000_000
_MAX_LIST_BYTES_PER_FILE = 1_500
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_END, _END_BYTES = b"PK\x05\x06", 22


@dataclass(frozen=True)
class Tree:
    """Files below one folder. `names` are paths with `/`, sorted, without clutter.

    `load` returns so many bytes of one of them.
    """

    name: str
    names: tuple[str, ...]
    load: Callable[[str, int], bytes]

    def inner(self) -> Tree | None:
        """What is inside the only folder at the top, where there is nothing beside it."""
        tops = {name.partition("/")[0] for name in self.names}
        if len(tops) != 1 or not all("/" in name for name in self.names):
            return None
        (top,) = tops
        names = tuple(name.partition("/")[2] for name in self.names)
        return Tree(top, names, lambda name, at_most: self.load(f"{top}/{name}", at_most))

    def text(self, name: str, at_most: int = 100_000) -> str:
        """The beginning of a file that an LMS made."""
        return self.read(name, at_most).decode("utf-8-sig", "replace")

    def read(self, name: str, at_most: int) -> bytes:
        """So many bytes of a file. Raises UsageError."""
        try:
            return self.load(name, at_most)
        except BROKEN:
            raise UsageError(f"{self.name}: {plain(name)} is damaged; download it again.") from None


def open_tree(path: Path) -> Tree | None:
    """The files of a folder or of a zip; None for anything else, and for a zip that cannot be listed."""
    if path.is_dir():
        return _of_folder(path)
    if path.is_file() and path.suffix.casefold() == ".zip":
        return _of_zip(path)
    return None


def _of_folder(path: Path) -> Tree | None:
    names: list[str] = []
    for folder, folders, files in os.walk(path):
        inside = Path(folder).relative_to(path)
        folders[:] = sorted(name for name in folders if not is_clutter(name)) if len(inside.parts) < _MOST_DEEP else []
        names += [(inside / name).as_posix() for name in files if not is_clutter(name)]
        if len(names) > _MOST_FILES:
            return None
    return Tree(
        Path(os.path.abspath(path)).name, tuple(sorted(names)), lambda name, at_most: _read(path / name, at_most)
    )


def _read(path: Path, at_most: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW)
    except OSError as error:
        raise UsageError(f"{path} cannot be opened ({os.strerror(error.errno or 0)}); it may be a link.") from None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(at_most)


def _of_zip(path: Path) -> Tree | None:
    try:
        if _list_bytes(path) > _MAX_LIST_BYTES:
            return None
        archive = zipfile.ZipFile(path)
    except (*BROKEN, OSError):
        return None
    members = [member for member in archive.infolist() if not member.is_dir()]
    listed = [(member_name(member), member) for member in members[: _MOST_FILES + 1]]
    by_name = {name: member for name, member in listed if not any(map(is_clutter, name.split("/")))}

    def load(name: str, at_most: int) -> bytes:
        with archive.open(by_name[name]) as stream:
            return stream.read(at_most)

    return None if len(members) > _MOST_FILES else Tree(path.stem, tuple(sorted(by_name)), load)


def _list_bytes(path: Path) -> int:
    """Size of a zip's list of files, which the standard library reads as a whole."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _END_BYTES - 65_535, 0))
        tail = file.read()
    place = tail.rfind(_END)
    if place < 0:
        raise zipfile.BadZipFile
    files, length = struct.unpack("<HI", tail[place + 10 : place + 16])
    # Quadratic time goes into records of many extra fields; those of an LMS are short.
    return int(length) if length <= _MAX_LIST_BYTES_PER_FILE * max(files, 1) else _MAX_LIST_BYTES + 1


def refuse_bad_members(path: Path) -> None:
    """Raise UsageError for a download whose names lead out of it, are there twice, or are no ordinary files."""
    if path.is_dir():
        return
    with zipfile.ZipFile(path) as archive:
        seen: set[str] = set()
        for member in archive.infolist():
            try:
                name = "/".join(checked_path(member, path.name))
                check_kind(member, name, path.name)
            except BadArchiveError as error:
                raise UsageError(f"{error} Nothing was unpacked; unzip it yourself, and name the folder.") from None
            if name in seen:
                raise UsageError(f"{path.name} holds {plain(name)} twice: unzip it, and keep the one that counts.")
            seen.add(name)
