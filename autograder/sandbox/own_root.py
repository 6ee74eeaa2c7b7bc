"""A root of a worker's own: what it may read, a folder to write to, and nothing else to be seen.

Both lie in a file system in memory that no other process sees. Its size and the number of its files are limited by the
kernel, whatever hides them: files without a name, folders that cannot be listed, holes. It goes with the worker. What
may be read is mounted in it again, so closed folders on the way to it (root's home, a clone in there) do not matter.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUSER = 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
_PLACE = Path("/tmp")
"""Where the new root is mounted until it is entered; in a mount namespace of our own, so nobody notices."""
_ON_THE_WAY = (Path("/etc/alternatives"),)
"""Links within libraries lead through here, on Debian and its kin."""


class OwnRoot:
    """What is the same for all workers, found out once."""

    def __init__(self, readable: Iterable[Path]) -> None:
        """`readable` are files and folders, as they are opened: links on the way to them are made again."""
        found: set[Path] = set()
        self._links: dict[Path, Path] = {}
        for path in [*readable, *filter(Path.exists, _ON_THE_WAY)]:
            *passed, place = way(path)
            self._links.update({link: link.readlink() for link in passed if link.is_symlink()})
            found.add(place)
        self._found = sorted(path for path in found if found.isdisjoint(path.parents))
        self._links = {link: to for link, to in self._links.items() if found.isdisjoint(link.parents)}

    def enter(self, scratch: Path | None, size_mb: int, files: int) -> None:
        """Make the root and enter it, for good. `scratch` is the folder in it that can be written to.

        All files together take at most `size_mb` MiB, and there are at most `files`, folders included. Root may do
        that; an ordinary user needs a kernel that lets him make user namespaces. Raises OSError where it is not
        allowed.
        """
        user, group, umask = os.geteuid(), os.getegid(), os.umask(0o022)
        checked(libc().unshare(_CLONE_NEWNS | (_CLONE_NEWUSER if user else 0)), "unshare")
        if user:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        mount(None, Path("/"), None, _MS_REC | _MS_PRIVATE)
        with contextlib.ExitStack() as handles:
            # They may lie where the new root is going to be.
            opened = {path: os.open(path, os.O_PATH | os.O_CLOEXEC) for path in self._found}
            for handle in opened.values():
                handles.callback(os.close, handle)
            options = f"mode=755,size={size_mb}m,nr_inodes={files + 20 * len((*opened, *self._links))}"
            mount("tmpfs", _PLACE, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
            for link, target in self._links.items():
                inside = _inside(link)
                inside.parent.mkdir(parents=True, exist_ok=True)
                inside.symlink_to(target)
            for path, handle in opened.items():
                inside = _inside(path)
                inside.parent.mkdir(parents=True, exist_ok=True)
                (inside.mkdir if stat.S_ISDIR(os.fstat(handle).st_mode) else inside.touch)()
                mount(f"/proc/self/fd/{handle}", inside, None, _MS_BIND | _MS_REC)
        if scratch is not None:
            _inside(scratch).mkdir(mode=0o700, parents=True)
        # Not pivot_root: to unmount the old root takes as long as all the rest, and without capabilities and folders
        # that are open already there is no way back from here, either.
        os.chroot(_PLACE)
        os.chdir("/")
        os.umask(umask)


def _inside(path: Path) -> Path:
    return _PLACE / path.relative_to("/")


def way(path: Path) -> list[Path]:
    """Every place that is passed when `path` is opened, also by links; the last is what is found there."""
    passed, here, ahead = [], Path("/"), [*reversed(path.absolute().parts[1:])]
    while ahead:
        place = here / ahead.pop()
        passed.append(place)
        if place.is_symlink():
            # An absolute link starts again at the top, for its first part is "/".
            ahead += reversed(place.readlink().parts)
        else:
            here = place.parent.parent if place.name == ".." else place
    return [*passed, here]


def mount(source: str | None, target: Path, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if part is None else os.fsencode(part) for part in (source, target, kind, data)]
    checked(libc().mount(*encoded[:3], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


@functools.cache
def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int, call: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")
