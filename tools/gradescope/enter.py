"""Inside fresh mount and PID namespaces: makes the container's file system, gives up what Docker takes away, starts it.

`python enter.py <plan>` is started by `container`; it never returns.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pyseccomp  # type: ignore[import-untyped]
from msgspec import Struct

# fmt: off
_KEPT = (
    "chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "net_bind_service", "net_raw",
    "sys_chroot", "mknod", "audit_write", "setfcap",
)
# fmt: on
"""The capabilities that Docker leaves to root."""
# fmt: off
_REFUSED = (
    "unshare", "setns", "mount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig",
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "init_module", "finit_module",
    "delete_module", "kexec_load", "reboot", "swapon", "swapoff",
)
# fmt: on
"""What its profile refuses to a container without extra rights."""
_NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
"""Flags of clone(2), each of which would make a namespace."""
_DEVICES = ("null", "zero", "full", "random", "urandom")


class Mount(Struct, frozen=True):
    """Something to be seen at `target`, a path inside the container."""

    target: str
    source: str
    """A folder or file outside; seen as it is."""
    writable: bool = False
    upper: str = ""
    """Where changes to `source` are kept, with a folder beside it for the kernel's own use."""


class Plan(Struct, frozen=True):
    """What to start, and where."""

    root: str
    mounts: tuple[Mount, ...]
    command: tuple[str, ...]


def enter(plan: Plan) -> None:
    """Become the command inside the container. Raises OSError and CalledProcessError."""
    root = Path(plan.root)
    for mount in plan.mounts:
        _mount(root, mount)
    _system_folders(root)
    _filter().load()
    capabilities = ",".join(["-all", *(f"+{name}" for name in _KEPT)])
    drop = ("setpriv", f"--bounding-set={capabilities}", "--inh-caps=-all", "--")
    os.execvp("chroot", ("chroot", str(root), *drop, *plan.command))


def _mount(root: Path, mount: Mount) -> None:
    target, source = root / mount.target.lstrip("/"), Path(mount.source)
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    if mount.upper:
        upper, work = Path(mount.upper), Path(f"{mount.upper}.work")
        upper.mkdir(parents=True, exist_ok=True)
        work.mkdir(parents=True, exist_ok=True)
        options = f"lowerdir={source},upperdir={upper},workdir={work}"
        _call("mount", "-t", "overlay", "overlay", "-o", options, str(target))
        return
    _call("mount", "--bind", str(source), str(target))
    if not mount.writable:
        _call("mount", "-o", "remount,bind,ro", str(target))


def _system_folders(root: Path) -> None:
    for name in ("proc", "sys", "dev", "tmp"):
        (root / name).mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    _call("mount", "-t", "proc", "proc", str(root / "proc"))
    _call("mount", "--bind", "/sys", str(root / "sys"))
    _call("mount", "-o", "remount,bind,ro", str(root / "sys"))
    _call("mount", "-t", "tmpfs", "-o", "mode=755,size=64k", "tmpfs", str(root / "dev"))
    for name in _DEVICES:
        (root / "dev" / name).touch()
        _call("mount", "--bind", f"/dev/{name}", str(root / "dev" / name))
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        (root / "dev" / name).symlink_to(f"/proc/self/{target}")
    (root / "dev" / "shm").mkdir()
    _call("mount", "-t", "tmpfs", "-o", "mode=1777,size=64m", "tmpfs", str(root / "dev" / "shm"))


def _filter() -> pyseccomp.SyscallFilter:
    """No namespaces, no mounts: what Docker's profile refuses to a container without extra rights."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.set_attr(pyseccomp.Attr.CTL_NNP, 0)  # programs with other users' rights work, as they do in Docker
    for name in _REFUSED:
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    for flag in _NAMESPACES:
        asked = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag)
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", asked)
    # Its flags are behind a pointer; the C library falls back to clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    return rules


def _call(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    enter(msgspec.json.decode(sys.argv[1], type=Plan))
