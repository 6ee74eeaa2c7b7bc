"""A container like Gradescope's, made with what Debian and Ubuntu have at hand: unshare, mount, chroot, setpriv.

Inside one is root without the right to make namespaces or mounts. Memory is watched and capped; processor time is
capped through a control group where one can be made. Needs root and Linux.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
import psutil

from autograder.errors import UsageError
from tools.gradescope import enter
from tools.gradescope.enter import Mount, Plan

_PERIOD = 100_000
"""Microseconds over which processor time is shared out."""
_WATCH_SECONDS = 0.1
_TOOLS = ("unshare", "mount", "chroot", "setpriv")
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Size:
    """What a container may use; None for no limit."""

    cpus: float | None = None
    memory_mib: int | None = None
    seconds: float | None = None


GRADESCOPE = Size(cpus=0.5, memory_mib=768, seconds=600.0)
"""The smallest container that Gradescope offers, which is its default, and its time limit."""


@dataclass(frozen=True)
class Ended:
    """How a command in a container ended."""

    status: int
    seconds: float
    peak_bytes: int
    """Most memory at one moment: PSS of all processes together. 0 where memory is not limited: nobody looked."""
    killed: int
    """Processes that were ended because the memory was used up."""
    overrun: bool
    """Whether everything was ended because the time was used up."""
    cpus: float | None
    """The limit that held; None where no control group could be made."""


def require_root() -> None:
    """Raises UsageError where no container can be made."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise UsageError("a simulated Gradescope container needs Linux and root: run this with sudo, or in a container")
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise UsageError(f"{', '.join(missing)} missing: install the packages util-linux, mount and coreutils")


def run_in_container(
    root: Path,
    mounts: Sequence[Mount],
    command: Sequence[str],
    environment: Mapping[str, str],
    size: Size,
    output: Path | None = None,
) -> Ended:
    """Run a command as root in a container on the file system below `root`, and wait for its end.

    What it prints goes to the file `output`, or else where our own goes.
    """
    plan = msgspec.json.encode(Plan(str(root.resolve()), tuple(mounts), tuple(command))).decode()
    inside = [sys.executable, enter.__file__, plan]  # by its path: it needs nothing of this package
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
    sys.stdout.flush()
    with _processor_share(size.cpus) as group, _opened(output) as printed:
        started = time.monotonic()
        process = subprocess.Popen(
            [*unshare, *inside],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=None if printed is None else subprocess.STDOUT,
            preexec_fn=None if group is None else lambda: group.write_text("0"),
        )
        try:
            peak, killed, overrun = _watch(process, size, started)
        finally:
            process.kill()
            process.wait()
    return Ended(
        process.returncode, time.monotonic() - started, peak, killed, overrun, None if group is None else size.cpus
    )


def _opened(output: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    return nullcontext() if output is None else output.open("wb")


def _watch(process: subprocess.Popen[bytes], size: Size, started: float) -> tuple[int, int, bool]:
    """Wait for the end; the peak of memory, how many processes were ended for it, and whether time ran out."""
    peak = killed = 0
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_WATCH_SECONDS)
            return peak, killed, False
        if size.seconds is not None and time.monotonic() - started > size.seconds:
            return peak, killed, True
        if size.memory_mib is None:
            continue
        family = _memory(process.pid)
        total = sum(family.values())
        peak = max(peak, total)
        if total > size.memory_mib << 20:
            # As the kernel does where memory is used up: first whoever has offered to go, then the largest.
            killed += 1
            with contextlib.suppress(psutil.Error):
                max(family, key=lambda each: (_offer(each.pid), family[each])).kill()


def _memory(pid: int) -> dict[psutil.Process, int]:
    """PSS, in bytes, of each process below `pid`."""
    found: dict[psutil.Process, int] = {}
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error, AttributeError):
                found[process] = process.memory_full_info().pss
    return found


def _offer(pid: int) -> int:
    """How readily a process is ended for want of memory, from -1000 to 1000."""
    try:
        return int(Path(f"/proc/{pid}/oom_score_adj").read_text())
    except (OSError, ValueError):
        return 0


@contextmanager
def _processor_share(cpus: float | None) -> Iterator[Path | None]:
    """The file that a process joins a control group with that gets so much processor time; None without one."""
    folder = None if cpus is None else _control_group(cpus)
    try:
        yield None if folder is None else folder / "cgroup.procs"
    finally:
        if folder is not None:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _control_group(cpus: float) -> Path | None:
    """A new control group below our own (version 1), or at the top (version 2, where ours may not have any below)."""
    groups = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    version_1 = next((name for name in groups if "cpu" in name.split(",")), None)
    parent = _CGROUPS if version_1 is None else _CGROUPS / version_1 / groups[version_1].lstrip("/")
    folder = parent / f"torch-autograder-{os.getpid()}"
    try:
        folder.mkdir()
        if version_1 is None:
            (folder / "cpu.max").write_text(f"{int(cpus * _PERIOD)} {_PERIOD}")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(int(cpus * _PERIOD)))
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()
        return None
    return folder
