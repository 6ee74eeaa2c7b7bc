"""Folders for a worker to write to, and their removal, whatever it has made of them.

`shutil.rmtree` recurses, which a folder five thousand deep defeats, and older versions of `tempfile` open closed
folders by following links. Here nothing is followed, and nothing recursed into.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Iterator

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PREFIX, _RUN = "autograder-", "autograder-run-"
PLACE = "/tmp" if os.path.isdir("/tmp") else None
"""Where runs have their folders, whatever TMPDIR says: None means where Python has its own."""


class Scratch:
    """A new private folder. `name` is its path."""

    def __init__(self, folder: str | None = None) -> None:
        self.name = tempfile.mkdtemp(prefix=_PREFIX, dir=folder)

    def cleanup(self) -> None:
        """Remove the folder with all that is in it. What cannot be removed stays; it never raises."""
        _remove(self.name)


class RunScratch(Scratch):
    """The folder that holds all scratch folders of one run; those of runs that were killed are removed first.

    A run holds a lock on its folder for as long as it lives. Only a folder that is locked gets the name that is looked
    for.
    """

    def __init__(self, folder: str | None = None) -> None:
        super().__init__(folder)
        place, own = os.path.split(self.name)
        _remove_left_over(place)
        self._lock = _locked(self.name)
        if self._lock is not None:
            name = os.path.join(place, _RUN + own.removeprefix(_PREFIX))
            os.rename(self.name, name)
            self.name = name

    def let_others_pass(self) -> None:
        """Other users may go through the folder, and not look into it: a worker has a folder of its own in there."""
        os.chmod(self.name, 0o711)

    def cleanup(self) -> None:
        super().cleanup()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _remove_left_over(place: str) -> None:
    """Remove the folders in `place` of this user's runs that have ended. Never raises."""
    with contextlib.suppress(OSError):
        for name in filter(lambda name: name.startswith(_RUN), os.listdir(place)):
            path = os.path.join(place, name)
            lock = _locked(path)
            if lock is not None:
                _remove(path)
                os.close(lock)


def _locked(path: str) -> int | None:
    """A handle on a folder of our own, locked; None where it is another's, or somebody holds it."""
    try:
        handle = os.open(path, _FOLDER)
    except OSError:
        return None
    try:
        if os.fstat(handle).st_uid != os.geteuid():
            raise PermissionError
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove(path: str) -> None:
    """Remove a folder with all that is in it. What cannot be removed stays; it never raises."""
    with contextlib.suppress(OSError):
        _open_up(None, path)
    with contextlib.suppress(OSError):
        top = os.open(path, _FOLDER)
        # Names that nobody can have taken.
        names = (f"{secrets.token_hex(8)}-{number}" for number in itertools.count())
        try:
            while folders := _remove_files(top):
                # One by one, those inside them moved up first.
                if not any([_take_apart(top, name, names) for name in folders]):  # noqa: C419 (each is tried)
                    break
        finally:
            os.close(top)
    with contextlib.suppress(OSError):
        os.rmdir(path)


def _remove_files(folder: int) -> list[str]:
    """Remove all that is not a folder; the names of the folders."""
    folders = []
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                folders.append(name)
            else:
                os.unlink(name, dir_fd=folder)
    return folders


def _take_apart(top: int, name: str, names: Iterator[str]) -> bool:
    """Remove a folder below `top`, after moving the folders in it to `top`; whether that went well."""
    with contextlib.suppress(OSError):
        _open_up(top, name)
        inside = os.open(name, _FOLDER, dir_fd=top)
        try:
            for below in _remove_files(inside):
                _open_up(inside, below)  # whoever moves a folder must be allowed to write into it
                os.rename(below, next(names), src_dir_fd=inside, dst_dir_fd=top)
        finally:
            os.close(inside)
        os.rmdir(name, dir_fd=top)
        return True
    return False


def _open_up(folder: int | None, name: str) -> None:
    """Let ourselves into a folder that its owner, who may be us, has closed."""
    if sys.platform != "linux":
        return
    handle = os.open(name, os.O_PATH | _FOLDER, dir_fd=folder)
    try:
        os.chmod(f"/proc/self/fd/{handle}", 0o700)
    finally:
        os.close(handle)
