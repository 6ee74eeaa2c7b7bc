"""Zip archives, read into memory and never extracted to disk.

Anything that an honest archive of a few source files does not have is refused as a whole: names that leave the folder,
links, devices, encryption, duplicates, too much of anything. Sizes are counted while reading; what the archive says of
itself only makes refusing faster.
"""

from __future__ import annotations

import contextlib
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from autograder.language import mark, tr
from autograder.submissions.files import MAX_ARCHIVE_BYTES, READ, Item, byte_limit, too_large
from autograder.submissions.model import BadArchiveError, UnreadableError
from autograder.submissions.names import is_clutter, same_name_key, shown

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 100_000_000
MAX_RATIO = 200
_RATIO_FROM_BYTES = 1_000_000

_MAX_NAME = 500

# The standard library can do more, but unpacks bzip2 without a limit: 4 KB can become 4 GB in one step.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_CHUNK = 1 << 16

# What zipfile raises besides OSError, documented or not, for archives that were damaged or made to fool it.
BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, LookupError)


@dataclass
class Budget:
    """What may still be read, over all archives of one submission together."""

    entries: int = MAX_ENTRIES
    unpacked_bytes: int = MAX_UNPACKED_BYTES


def open_zip(data: bytes, where: str, layer: int, budget: Budget) -> list[Item]:
    """The files of a zip archive, and of zip archives directly inside it, nearest first, then by name.

    The files get this `layer`, those of archives inside the next one. Spends the budget. Raises BadArchiveError.
    """
    items = _open_one(data, where, layer, budget)
    inner: list[Item] = []
    for item in items:
        if item.suffix == ".zip":
            inside = _open_one(loaded(item), item.where, layer + 1, budget)
            if any(deeper.suffix == ".zip" for deeper in inside):
                raise BadArchiveError("{where} holds archives inside an archive inside it: zip the files once.", where)
            inner += inside
    return [item for item in items if item.suffix != ".zip"] + inner


def loaded(item: Item) -> bytes:
    """The bytes of an archive. Raises BadArchiveError."""
    try:
        return item.load()
    except UnreadableError as error:
        raise BadArchiveError(str(error)) from None


def _open_one(data: bytes, where: str, layer: int, budget: Budget) -> list[Item]:
    if len(data) > MAX_ARCHIVE_BYTES:
        raise BadArchiveError(
            "{where} is larger than {size} MB: zip only your own files.", where, size=MAX_ARCHIVE_BYTES // 1_000_000
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            paths = _checked(members, where, budget)
            items: list[Item] = []
            for member, path in zip(members, paths, strict=True):
                if not member.is_dir() and not any(is_clutter(part) for part in path):
                    load = _reader(archive, member, where, path, budget)
                    items.append(Item(path[-1], "/".join((where, *path)), len(path) - 1, layer, load))
    except BadArchiveError:
        raise
    except (*BROKEN, OSError):
        raise BadArchiveError("{where} is damaged, or is not a zip archive: make it again.", where) from None
    return sorted(items, key=lambda item: (item.folders, item.where))


def _too_much(where: str) -> BadArchiveError:
    return BadArchiveError(
        "{where} unpacks to more than {size} MB: zip only your own files.", where, size=MAX_UNPACKED_BYTES // 1_000_000
    )


def _checked(members: list[zipfile.ZipInfo], where: str, budget: Budget) -> list[tuple[str, ...]]:
    """The path of every member, as parts. Nothing has been unpacked yet."""
    budget.entries -= len(members)
    if budget.entries < 0:
        raise BadArchiveError("{where} holds more than {most:,} files: zip only your own.", where, most=MAX_ENTRIES)
    if sum(member.file_size for member in members) > budget.unpacked_bytes:
        raise _too_much(where)
    paths = [checked_path(member, where) for member in members]
    seen: dict[str, str] = {}
    for path in paths:
        name = "/".join(path)
        key = same_name_key(name)
        if key in seen:
            same = (
                shown(name)
                if name == seen[key]
                else tr("{first} and {second}", first=shown(seen[key]), second=shown(name))
            )
            raise BadArchiveError(
                "{where} holds two files of the same name ({same}): keep the one that counts.", where, same=same
            )
        seen[key] = name
    for member, path in zip(members, paths, strict=True):
        check_kind(member, "/".join(path), where)
        _check_ratio(member.file_size, member, "/".join(path), where)
    return paths


def checked_path(member: zipfile.ZipInfo, where: str) -> tuple[str, ...]:
    """The parts of a member's path. Raises BadArchiveError for a path that is not one inside the archive."""
    name = member_name(member)
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if len(name) > _MAX_NAME:
        problem = mark("{where} holds a file whose name is longer than {most} characters: {name}.")
    elif any(unicodedata.category(c) in ("Cc", "Cs") for c in name):
        problem = mark("{where} holds a file whose name has control characters: {name}.")
    elif name.startswith("/") or re.match(r"[A-Za-z]:", name):
        problem = mark("{where} holds an absolute path, {name}: zip the folder from where it is.")
    elif ".." in parts:
        problem = mark("{where} holds a path that leads out of its folder: {name}.")
    elif not parts:
        problem = mark("{where} holds a file without a name.")
    else:
        return parts
    raise BadArchiveError(problem, where, name=name, most=_MAX_NAME)


def member_name(member: zipfile.ZipInfo) -> str:
    """The path of a member, with `/` between its parts.

    Some programs on Windows write backslashes instead, never both: in Big5 and Shift-JIS, a backslash's byte may be the
    second half of a character. Names in UTF-8 that do not say so are read as what they are.
    """
    name = member.orig_filename  # not `filename`, which zipfile has cut at the first NUL
    if not member.flag_bits & _UTF8:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name if "/" in name else name.replace("\\", "/")


def check_kind(member: zipfile.ZipInfo, name: str, where: str) -> None:
    """Raises BadArchiveError for what is no ordinary file, and for one that is packed in an odd way."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise BadArchiveError("{where} holds a link, {name}: zip the file itself.", where, name=name)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadArchiveError("{where} holds something that is not a file: {name}.", where, name=name)
    if member.flag_bits & _ENCRYPTED:
        raise BadArchiveError("{where} is encrypted: make it without a password.", where)
    if member.compress_type not in _METHODS:
        raise BadArchiveError(
            "{where} is packed in a way that is not accepted: make it with your system's own zip.", where
        )


def _check_ratio(unpacked: int, member: zipfile.ZipInfo, name: str, where: str) -> None:
    if unpacked > _RATIO_FROM_BYTES and unpacked > MAX_RATIO * member.compress_size:
        raise BadArchiveError(
            "{where} holds {name}, which unpacks to more than {ratio} times its size.",
            where,
            name=name,
            ratio=MAX_RATIO,
        )


def _reader(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, path: tuple[str, ...], budget: Budget
) -> Callable[[], bytes]:
    """Reads now what may be needed, so that a bad archive is known as a whole before any of it is used."""
    full = "/".join((where, *path))
    if not path[-1].casefold().endswith(READ):
        return partial(_refuse, UnreadableError("{where} was not unpacked.", full))
    limit = byte_limit(path[-1])
    chunks: list[bytes] = []
    unpacked = 0
    with archive.open(member) as stream:
        while unpacked <= limit and (chunk := stream.read(_CHUNK)):
            chunks.append(chunk)
            unpacked += len(chunk)
            budget.unpacked_bytes -= len(chunk)
            if budget.unpacked_bytes < 0:
                raise _too_much(where)
            _check_ratio(unpacked, member, "/".join(path), where)
    if unpacked > limit:
        return partial(_refuse, too_large(full))
    if unpacked != member.file_size:
        raise zipfile.BadZipFile
    data = b"".join(chunks)
    return lambda: data


def _refuse(error: UnreadableError) -> bytes:
    raise error
