"""Opening what students handed in: regular files only, no links followed, never more bytes than allowed, text decoded.

Every check is made on what was opened, never on a path that may have become something else since.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePath

from autograder.submissions.model import UnreadableError
from autograder.submissions.names import is_clutter, shown

MAX_SOURCE_BYTES = 1_000_000
MAX_NOTEBOOK_BYTES = 20_000_000
MAX_ARCHIVE_BYTES = 50_000_000
MAX_FILES = 2_000
_MAX_ENTRIES = 100_000
_MAX_FOLDERS_DEEP = 4

# O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOCTTY: a terminal must not become ours.
# Windows, where students' laptops use this room, has none of them.
_FLAGS = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"):
    _FLAGS |= getattr(os, _flag, 0)

_LIMITS = {".py": MAX_SOURCE_BYTES, ".zip": MAX_ARCHIVE_BYTES, ".ipynb": MAX_NOTEBOOK_BYTES}
READ = tuple(_LIMITS)
"""Kinds of files that are read, the one that counts most first."""
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".alz", ".egg", ".zipx")
"""Kinds that cannot be read, but may hold a student's work."""


@dataclass(frozen=True)
class Item:
    """One file handed in. `where` is its path inside the submission, through archives, with `/` between the parts.

    `folders` counts the folders around it, `layer` the archives. `load` returns its bytes, or raises UnreadableError.
    """

    name: str
    where: str
    folders: int
    layer: int
    load: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        return PurePath(self.name).suffix.casefold()


def byte_limit(name: str) -> int:
    """How many bytes of a file of this name are read at most."""
    return _LIMITS.get(PurePath(name).suffix.casefold(), MAX_SOURCE_BYTES)


def too_large(where: str) -> UnreadableError:
    """The error for a file of more bytes than are read."""
    return UnreadableError("{where} is larger than {size} MB.", where, size=byte_limit(where) // 1_000_000)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file. Raises UnreadableError for anything else, and for too many bytes."""
    with _opened(path.name, path, _FLAGS, None) as descriptor:
        return _read_regular(descriptor, path.name)


def list_folder(root: Path) -> list[Item]:
    """Every file of a folder, also in folders inside, nearest first, then by name; clutter is left out.

    Raises UnreadableError when the folder cannot be listed or holds more files than are read.
    """
    items: list[Item] = []
    entries_left = _MAX_ENTRIES
    files_left = MAX_FILES
    folders: list[tuple[str, ...]] = [()]
    for parts in folders:
        try:
            entries = _entries(root, parts, entries_left)
        except UnreadableError:
            if not parts:
                raise
            continue  # a folder inside that cannot be listed holds nothing that we can read
        entries_left -= len(entries)
        inside: list[tuple[str, ...]] = []
        for name, is_folder in entries:
            path = (*parts, name)
            if is_folder and not is_clutter(name):
                inside.append(path)
            elif not is_clutter(name):
                items.append(Item(name, "/".join(path), len(parts), 0, partial(_load_inside, root, path)))
                files_left -= items[-1].suffix in _LIMITS
        if entries_left <= 0 or files_left < 0:
            if len(parts) > 1:
                break  # so far down, files are listed only to tell a student what is in the wrong place
            raise UnreadableError(
                "{where} holds more than {most:,} files: hand in only your own.", root.name, most=MAX_FILES
            )
        if len(parts) < _MAX_FOLDERS_DEEP:
            folders += inside
    return items


def _entries(root: Path, parts: tuple[str, ...], most: int) -> list[tuple[str, bool]]:
    """The names of what lies directly in one folder, sorted, and whether each is a folder."""
    with _opened_folder(root, parts) as descriptor:
        try:
            with os.scandir(descriptor) as entries:
                # A link counts as a file, so that opening it says what is wrong with it.
                return sorted((each.name, each.is_dir(follow_symlinks=False)) for each in islice(entries, most))
        except OSError as error:
            raise not_opened(root.name, error) from None


def _load_inside(root: Path, parts: tuple[str, ...]) -> bytes:
    where = "/".join(parts)
    with _opened_folder(root, parts[:-1]) as folder, _opened(where, parts[-1], _FLAGS, folder) as descriptor:
        return _read_regular(descriptor, where)


@contextmanager
def _opened_folder(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """Descriptor of a folder that is reached from `root` without following a link on the way."""
    flags = _FLAGS | os.O_DIRECTORY
    with ExitStack() as stack:
        descriptor = stack.enter_context(_opened(root.name, root, flags, None))
        for part in parts:
            descriptor = stack.enter_context(_opened(part, part, flags, descriptor))
        yield descriptor


@contextmanager
def _opened(where: str, path: Path | str, flags: int, folder: int | None) -> Iterator[int]:
    try:
        descriptor = os.open(path, flags, dir_fd=folder)
    except OSError as error:
        raise not_opened(where, error) from None
    except ValueError:  # a NUL in the name
        raise UnreadableError("{where} has a name that cannot be opened.", where) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def not_opened(where: str, error: OSError) -> UnreadableError:
    """The error for what the system refuses to open or to read."""
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
        return UnreadableError("{where} is a link: hand in the file itself.", where)
    if error.errno in (errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP):
        return UnreadableError("{where} is not an ordinary file.", where)
    return UnreadableError("{where} cannot be opened ({why}).", where, why=os.strerror(error.errno or 0))


def _read_regular(descriptor: int, where: str) -> bytes:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise UnreadableError("{where} is not an ordinary file.", where)
    limit = byte_limit(where)
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise not_opened(where, error) from None
    if len(data) > limit:
        raise too_large(where)
    return data


# PEP 263: the coding line is one of the first two; the second counts only after a blank or a comment.
_CODING = re.compile(r"\A((?:[ \t\f]*(?:#.*)?\n)??[ \t\f]*#.*?coding[:=][ \t]*)([-\w.]+)", re.ASCII)
# As Python does, what is for an editor is left out: Emacs names line ends, `utf-8-unix`.
_FOR_EDITORS = re.compile(r"\A(utf[-_]8|latin[-_]1|iso[-_]8859[-_]1|iso[-_]latin[-_]1)-.*", re.IGNORECASE)
# These decode in more than linear time, or to something that no editor shows.
_ODD_CODECS = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem"}
)


def decode_source(data: bytes, where: str) -> str:
    """The text of a Python file, with `\\n` line ends.

    UTF-8 with or without a byte order mark, or what a PEP 263 coding line names. The coding line then says utf-8.
    Raises UnreadableError when the bytes are something else.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError("{where} is saved as UTF-16: save it as UTF-8.", where)
    if b"\0" in data:
        raise UnreadableError("{where} is not a text file: it contains NUL bytes.", where)
    has_mark = data.startswith(codecs.BOM_UTF8)
    data = data.removeprefix(codecs.BOM_UTF8)
    # Two lines are always within the first kilobytes; Latin-1 leaves every ASCII character as it is.
    coding = _CODING.match(unix_lines(data[:4096].decode("latin-1")))
    codec = _codec_name(coding[2], where) if coding else "utf-8"
    if coding is None or codec in ("utf-8", "utf-8-sig"):
        return unix_lines(_decoded(data, "utf-8", where))
    if has_mark:
        raise UnreadableError(
            "{where} is UTF-8 by its byte order mark, but its coding line says {named}.", where, named=shown(coding[2])
        )
    return _CODING.sub(r"\1utf-8", unix_lines(_decoded(data, codec, where)), count=1)


def unix_lines(text: str) -> str:
    """The text with the line ends that Python itself reads as such (`\\r\\n`, `\\r`) written as `\\n`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _codec_name(named: str, where: str) -> str:
    try:
        codec = codecs.lookup(_FOR_EDITORS.sub(r"\1", named)).name
        "".encode(codec)  # refuses codecs that are not for text, such as rot13
    except (LookupError, ValueError):
        codec = "undefined"
    if codec in _ODD_CODECS:
        raise UnreadableError(
            "{where} names the encoding {named}, which is not known: save it as UTF-8.", where, named=shown(named)
        )
    return codec


def _decoded(data: bytes, codec: str, where: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = unix_lines(data[:start].decode("latin-1")).count("\n") + 1
        name = "UTF-8" if codec == "utf-8" else codec
        raise UnreadableError(
            "{where} is not {encoding} text (line {line}): save it as UTF-8.", where, encoding=name, line=line
        ) from None
