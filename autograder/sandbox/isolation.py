"""Takes away from a worker, layer by layer, everything that running a student's file does not need.

Runs in a freshly forked child before the file is opened. `probe` tries every layer once, in a child that then attempts
what the layer forbids, so that a level is never claimed because a call returned without an error.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import resource
import signal
import site
import socket
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.own_root import OwnRoot, checked, libc
from autograder.sandbox.system_calls import only_own_signals, seccomp_filter

if sys.platform == "linux":
    import landlockpy

LAYERS = (
    "process",
    "limits",
    "no_new_privs",
    "capabilities",
    "landlock",
    "seccomp",
    "user",
    "pid_namespace",
    "net_namespace",
    "ipc_namespace",
    "own_root",
)
"""Every layer there is, in the order in which they are told."""
_NEEDED = frozenset({"process", "limits", "no_new_privs", "capabilities", "landlock", "seccomp"})
"""Without one of these the level is not "full". Namespaces come on top: where there are none, as in Gradescope's
containers, the others hold by themselves."""

_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_CLONE_NEWIPC = 0x08000000
_NAMESPACES = (("net_namespace", _CLONE_NEWNET), ("ipc_namespace", _CLONE_NEWIPC))
"""Those that a worker enters by itself: no network, nobody else's shared memory. Into its PID namespace it is born."""
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_PR_GET_NO_NEW_PRIVS = 39
_CAPABILITY_VERSION = 0x20080522
_ROOTS = frozenset({"user", "pid_namespace", "net_namespace", "ipc_namespace"})
"""Layers that only root can apply."""
_LIBRARIES = tuple(filter(None, map(importlib.util.find_spec, ("torch", "torchvision", "numpy"))))
_ELSEWHERE = {str(Path(folder).parent) for spec in _LIBRARIES for folder in spec.submodule_search_locations or ()}
"""Where libraries lie, as the user's own packages or where PYTHONPATH or a .pth file leads."""
# Debian's Python names folders in a virtual environment that nobody makes.
_PLACES = {*site.getsitepackages(), *_ELSEWHERE, sysconfig.get_paths()["stdlib"]}
_PACKAGES = tuple(sorted(filter(os.path.isdir, _PLACES)))
_WITH = {"landlock": ("no_new_privs",), "seccomp": ("no_new_privs",)}
"""What a layer cannot be applied without."""
_SOCKET = 3
_FIRST_UID = 61_000
_UIDS = 3_000


@dataclass(frozen=True)
class Allowance:
    """What a worker may use."""

    memory_mb: int = 2048
    """Address space on top of what the zygote has mapped already, in MiB."""
    cpu_seconds: int = 120
    file_mb: int = 16
    """Largest file it may write, in MiB."""
    disk_mb: int = 256
    """All files of its scratch folder together, in MiB. In a root of its own they take memory on top of the above."""
    files: int = 10_000
    """How many of them there may be, folders included."""
    open_files: int = 64
    processes: int = 256
    """Threads and processes of its user; where that user is the grader's, on top of what he has running already."""


@dataclass(frozen=True)
class TimeLimits:
    """Limits that the grader keeps: wall-clock time in seconds without that in line for a processor (see
    `WorkerClock`), and what it takes in.
    """

    load: float = 15.0
    question: float = 10.0
    exercise: float = 60.0
    timeouts: int = 2
    """After so many questions without an answer in time, the rest of the exercise is not asked."""
    comparing: float = 120.0
    """Processor time of the grader itself; for honest answers it needs a few seconds, our own solution's included."""
    answer_bytes: int = 1 << 30
    """All answers of an exercise together: the grader keeps them for diagnosis until its end."""


@dataclass(frozen=True)
class Report:
    """Which layers hold on this machine, and why others do not."""

    level: str
    """full | reduced | none"""
    layers: tuple[str, ...]
    reasons: tuple[str, ...]
    processor: str = ""
    """Instructions that torch uses: where it has others, the last digits of float32 may differ. Empty without torch."""


class Isolation:
    """Applies the layers that this machine offers. Made once in the parent of workers: what can be prepared, is."""

    def __init__(self, layers: tuple[str, ...] = LAYERS) -> None:
        self.layers = layers
        self._parent = _Status().ids()[0]
        self._filter = seccomp_filter() if "seccomp" in layers else None
        self._root = OwnRoot(readable_paths()) if "own_root" in layers else None
        self._readable = _what_is_allowed(readable_paths()) if "landlock" in layers else ()
        self._running = 0 if "user" in layers or "limits" not in layers else _threads_of(os.getuid())

    def apply(self, allowance: Allowance, scratch: Path | None, slot: int) -> None:
        """Confine the calling process for good. `slot` picks its user id, `scratch` the one folder it may write to.

        Raises when a layer that should hold cannot be applied: the worker must not go on then.
        """
        layers = self.layers
        process = _Status()  # there is no /proc where it is going
        if "process" in layers:
            os.setsid()
            # Where a container's memory runs out, the kernel ends this process rather than the grader.
            with contextlib.suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text("1000")
        namespaces = [flag for layer, flag in _NAMESPACES if layer in layers]
        if namespaces:
            checked(libc().unshare(sum(namespaces)), "unshare")
        if "limits" in layers:
            _limit(allowance, self._running)
        if self._root is not None:
            self._root.enter(scratch, allowance.disk_mb, allowance.files)
        # The rules are written while the paths can still be opened, and enforced at the end.
        ruleset = _ruleset(self._readable, scratch) if "landlock" in layers else None
        if "user" in layers:
            uid = _FIRST_UID + slot % _UIDS
            if scratch is not None:
                os.chown(scratch, uid, uid)
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        if "process" in layers:
            end_with_parent(self._parent, process)  # not sooner: a change of user clears it
        process.close()
        if scratch is not None:
            os.chdir(scratch)
        if "capabilities" in layers:
            _drop_capabilities()
        if "no_new_privs" in layers:
            _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if ruleset is not None:
            ruleset.restrict()
            ruleset.close()
        if "process" in layers:
            _prctl(_PR_SET_DUMPABLE, 0)
        if self._filter is not None:
            only_own_signals()
            self._filter()


def probe(wanted: str = "full") -> Report:
    """Find out which layers hold here, trying each in a child process. `wanted` "none" asks for no isolation at all."""
    if wanted == "none":
        return Report("none", (), ("isolation was switched off on the command line",))
    # An ordinary user's worker cannot become somebody else, nor enter namespaces.
    offered = tuple(layer for layer in LAYERS if os.geteuid() == 0 or layer not in _ROOTS)
    layers, reasons = list(offered), []
    # With all layers on, nothing is left to see a namespace by: those are proven one by one.
    together = [layer for layer in offered if layer not in dict(_NAMESPACES)]
    if _try(offered, together) is not None or any(
        _try((layer,), (layer,)) for layer in offered if layer not in together
    ):
        # Something is missing: one by one, to say what.
        attempts = {layer: _try((*_WITH.get(layer, ()), layer), (layer,)) for layer in offered}
        if attempts.get("user") is not None and attempts["own_root"] is None:
            attempts["user"] = _try(("own_root", "user"), ("user",))
        layers = [layer for layer, reason in attempts.items() if reason is None]
        reasons = [f"{layer}: {reason}" for layer, reason in attempts.items() if reason is not None]
    needed = _NEEDED | ({"user"} if os.geteuid() == 0 else set())
    level = "full" if needed <= set(layers) else "reduced"
    return Report(level, tuple(layers), tuple(reasons))


def fork_into_namespace() -> int:
    """`os.fork`, with the child as the first process of a PID namespace: when it ends, all that it started ends."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        checked(libc().unshare(_CLONE_NEWPID), "unshare(CLONE_NEWPID)")
        try:
            return os.fork()
        finally:
            # Only the parent's next children are meant; in the child this is without effect and may fail.
            libc().setns(own, _CLONE_NEWPID)
    finally:
        os.close(own)


def only_socket(connection: socket.socket) -> socket.socket:
    """For a freshly forked process: close every file but `connection`, which is returned anew; standard streams lead
    nowhere.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.dup2(connection.fileno(), _SOCKET, inheritable=False)
    connection.detach()
    most = os.sysconf("SC_OPEN_MAX")  # below 0 where there is no limit
    os.closerange(_SOCKET + 1, min(most, 65_536) if most > 0 else 65_536)
    return socket.socket(fileno=_SOCKET)


def readable_paths() -> tuple[Path, ...]:
    """What a worker may read: the interpreter, its packages, system libraries and harmless devices.

    The paths are those that are opened: a link in them is not yet followed.
    """
    paths = sysconfig.get_paths()
    found = [Path(paths[name]) for name in ("platstdlib", "purelib", "platlib")]
    found += map(Path, _PACKAGES)
    found += [Path(sys.base_prefix, "lib"), Path(sys.base_exec_prefix, "lib")]
    found += map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo"))
    found += map(Path, ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom"))
    found += map(Path, ("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu"))
    return tuple(sorted({path for path in found if os.path.exists(path)}))


def _limit(allowance: Allowance, running: int) -> None:
    page = resource.getpagesize()
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * page if sys.platform == "linux" else 4 << 30
    limits = [
        (resource.RLIMIT_AS, mapped + (allowance.memory_mb << 20)),
        (resource.RLIMIT_CPU, allowance.cpu_seconds),
        (resource.RLIMIT_FSIZE, allowance.file_mb << 20),
        (resource.RLIMIT_NOFILE, allowance.open_files),
        (resource.RLIMIT_CORE, 0),
    ]
    if hasattr(resource, "RLIMIT_NPROC"):
        limits.append((resource.RLIMIT_NPROC, running + allowance.processes))
    for kind, value in limits:
        hard = resource.getrlimit(kind)[1]
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (ceiling, ceiling))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file over the limit is an OSError, not the end


def _threads_of(uid: int) -> int:
    """How many threads a user has on this machine: RLIMIT_NPROC counts all of them, not those of one worker."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # it may end meanwhile
            status = (process / "status").read_text()
            if int(status.partition("\nUid:")[2].split(maxsplit=1)[0]) == uid:
                total += int(status.partition("\nThreads:")[2].split(maxsplit=1)[0])
    return total


class _Status:
    """What /proc says of this process, where /proc is out of sight."""

    def __init__(self) -> None:
        self._file = os.open("/proc/self/stat", os.O_RDONLY | os.O_CLOEXEC) if sys.platform == "linux" else -1

    def ids(self) -> tuple[int, int]:
        """This process's id and its parent's, both as /proc counts: within a PID namespace `os.getppid` says 0."""
        if self._file < 0:
            return os.getpid(), os.getppid()
        # The second field is a name in brackets, which may hold anything.
        pid, _, rest = os.pread(self._file, 1000, 0).decode(errors="replace").partition(" ")
        return int(pid), int(rest.rpartition(")")[2].split()[1])

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)


def end_with_parent(parent: int, process: _Status | None = None) -> None:
    """Have the calling process killed when its parent ends. Raises OSError when that is not `parent` any more."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if (process or _Status()).ids()[1] != parent:
        raise OSError("the parent ended before its end could be this process's, too")


def _drop_capabilities() -> None:
    """Give up every capability. A change of user has done so already; a root who may not change still holds them."""
    if sys.platform != "linux":
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    checked(libc().capset(header, nothing), "capset")


def _holds_capabilities() -> bool:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()
    checked(libc().capget(header, held), "capget")
    return any(held)


def _what_is_allowed(readable: Iterable[Path]) -> tuple[tuple[str, landlockpy.AccessFS], ...]:
    """Landlock's rules for paths that may be read. To work with its flags takes longer than to apply them."""
    landlockpy.supported()  # it looks for the C library when it is first asked, which starts a program
    access = landlockpy.AccessFS
    read = access.READ_FILE | access.READ_DIR | access.EXECUTE
    rules = {str(path): read if path.is_dir() else access.READ_FILE for path in readable}
    if "/dev/null" in rules:
        rules["/dev/null"] |= access.WRITE_FILE
    return tuple(rules.items())


def _ruleset(readable: Iterable[tuple[str, landlockpy.AccessFS]], scratch: Path | None) -> landlockpy.Ruleset:
    """Landlock's rules: read what is readable, write the scratch folder; newer kernels scope signals and sockets."""
    access, scope = landlockpy.AccessFS, landlockpy.Scope
    ruleset = landlockpy.Ruleset(scoped=scope.SIGNAL | scope.ABSTRACT_UNIX_SOCKET)
    for path, allowed in readable:
        ruleset.allow_path(path, allowed & ruleset.handled_fs)
    if scratch is not None:
        kinds = access.MAKE_CHAR | access.MAKE_BLOCK | access.MAKE_SOCK | access.MAKE_FIFO | access.EXECUTE
        ruleset.allow_path(str(scratch), ruleset.handled_fs & ~kinds)
    return ruleset


def _try(layers: Iterable[str], proven: Iterable[str]) -> str | None:
    """None when all of `layers` can be applied in a child process and those in `proven` hold there, else why not."""
    layers = tuple(layers)
    outside = {layer: _namespace(layer) for layer, _ in _NAMESPACES}
    read_end, write_end = os.pipe()
    try:
        isolation = Isolation(layers)
        child = fork_into_namespace() if "pid_namespace" in layers else os.fork()
    except Exception as error:  # no libseccomp, or no right to make namespaces
        os.close(read_end)
        os.close(write_end)
        return f"{type(error).__name__}: {error}"
    if child == 0:
        verdict = "it could not be tried"
        try:
            isolation.apply(Allowance(), None, 0)
            verdict = next((found for layer in proven if (found := _escape(layer, outside)) is not None), "")
        except BaseException as error:
            verdict = f"{type(error).__name__}: {error}"
        os.write(write_end, verdict.encode(errors="replace")[:500])
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        verdict = pipe.read().decode(errors="replace")
    os.waitpid(child, 0)
    return verdict or None


def _namespace(layer: str) -> str:
    """The namespace of that kind that this process is in, by its name in the kernel."""
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/self/ns/{layer.partition('_')[0]}")
    return ""


def _escape(layer: str, outside: Mapping[str, str]) -> str | None:
    """Attempt what `layer` forbids; says what succeeded. `outside` are the namespaces of the parent."""
    if layer == "landlock":
        with contextlib.suppress(PermissionError, FileNotFoundError):  # in a root of its own, it is not there at all
            Path("/etc/passwd").read_bytes()
            return "files outside could still be read"
        with contextlib.suppress(PermissionError):
            os.listdir("/")
            return "folders outside could still be listed"
    elif layer == "seccomp":
        try:
            socket.socket().close()
        except PermissionError:
            pass
        else:
            return "a socket could still be opened"
        with contextlib.suppress(PermissionError):
            os.kill(os.getppid(), 0)
            return "another process could still be signalled"
        with contextlib.suppress(PermissionError):
            if os.fork() == 0:
                os._exit(0)
            return "a process could still be started"
    elif layer == "user":
        if 0 in (*os.getresuid(), *os.getresgid()):
            return "the process is still root's"
        for path in _PACKAGES:
            if not os.access(path, os.R_OK | os.X_OK):
                return f"another user cannot read {path}; move the project or its Python to where others may read"
    elif layer == "capabilities":
        if sys.platform == "linux" and _holds_capabilities():
            return "the process still holds capabilities"
    elif layer == "no_new_privs":
        if libc().prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
            return "the flag did not stick"
    elif layer == "pid_namespace":
        if os.getpid() != 1:
            return "the child is not the first of its namespace"
    elif layer in outside:
        if _namespace(layer) in ("", outside[layer]):
            return "the process is still where its parent is"
    elif layer == "own_root":
        if os.path.lexists("/etc/passwd"):
            return "files outside could still be seen"
    elif layer == "limits" and resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return "the memory limit did not stick"
    return None


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        checked(libc().prctl(option, value, 0, 0, 0), f"prctl({option})")
