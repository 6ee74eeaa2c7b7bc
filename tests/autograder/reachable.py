"""For tests that become an ordinary user: what they need is reachable then, though it lies in a closed folder."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from autograder.sandbox import own_root

_CLONE_NEWNS = 0x00020000
_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000


def make_reachable(paths: Iterable[Path]) -> None:
    """Let other users reach `paths` in this process and its children, where a closed folder is in the way.

    What lies below root's home (pyenv's interpreter, a clone in /root) cannot be read by another user. In a mount
    namespace of our own the closed folder is replaced by an empty one that holds nothing but these paths, and the links
    that lead to them. Of a folder that may be closed itself, name what is in it. Raises OSError where mounting is not
    allowed.
    """
    blocked: dict[Path, list[Path]] = {}
    for path in paths:
        *_, found = passed = own_root.way(path)
        for place in passed:
            closed = (folder for folder in reversed(place.parents) if not folder.stat().st_mode & stat.S_IXOTH)
            if (place.is_symlink() or place == found) and (folder := next(closed, None)) is not None:
                blocked.setdefault(folder, []).append(place)
    if not blocked:
        return
    umask = os.umask(0o022)
    own_root.checked(ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS), "unshare")
    own_root.mount(None, Path("/"), None, _MS_REC | _MS_PRIVATE)
    for folder, inside in blocked.items():
        _replace(folder, [place for place in dict.fromkeys(inside) if not set(inside) & set(place.parents)])
    os.umask(umask)


def _replace(folder: Path, kept: Iterable[Path]) -> None:
    """Mount an empty folder in the place of this one, and in it again these folders and links."""
    links = {place: place.readlink() for place in kept if place.is_symlink()}
    handles = {place: os.open(place, os.O_PATH | os.O_CLOEXEC) for place in kept if place not in links}
    own_root.mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=1m")
    for place, target in links.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)
    for place, handle in handles.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        (place.mkdir if stat.S_ISDIR(os.fstat(handle).st_mode) else place.touch)()
        own_root.mount(f"/proc/self/fd/{handle}", place, None, _MS_BIND | _MS_REC)
        os.close(handle)
