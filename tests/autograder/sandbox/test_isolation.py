"""What code in a worker cannot do. Each layer is attacked from inside, by a file as a student might hand it in."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import landlockpy
import pytest

import autograder
from autograder.sandbox import isolation
from autograder.sandbox.isolation import LAYERS, Allowance, Isolation, probe, readable_paths

PROJECT = Path(autograder.__file__).parents[1]

ATTEMPT = """
import ctypes, fcntl, os, resource, signal, socket, subprocess, sys

def attempt(code):
    "What became of it: the name of an exception, or what the code evaluates to."
    try:
        return eval(code)
    except BaseException as error:
        return type(error).__name__

def syscall(name, number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *arguments)
    return os.strerror(ctypes.get_errno()) if result < 0 else result
"""
REFUSED = ("PermissionError", "FileNotFoundError", "NotADirectoryError")


@pytest.fixture
def attempt(in_worker):
    """Evaluates an expression in a worker; an exception is told by its name."""
    return in_worker(ATTEMPT).attempt


@pytest.fixture
def others_work(tmp_path):
    """The file of another student, which its permissions would let everybody read."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    file = tmp_path / "double.py"
    file.write_text("def f(): pass\n")
    file.chmod(0o644)
    return file


# -- files ------------------------------------------------------------------------------------------------------------


def test_files_outside_cannot_be_read(attempt, needs_layer):
    needs_layer("landlock")
    paths = [
        "/etc/passwd",
        "/etc/hostname",
        "/proc/1/environ",
        "/proc/self/mem",
        "/proc/self/maps",
        "/proc/self/environ",
        *(f"/proc/{os.getpid()}/{name}" for name in ("environ", "cmdline", "mem")),
        *map(str, sorted(PROJECT.glob("solutions/*/*.py"))),
        *map(str, sorted(PROJECT.glob("tests/*/*/test_*.py"))),
        str(PROJECT / "assignments/core/assignment.toml"),
        str(PROJECT / "pyproject.toml"),
        autograder.__file__,
        __file__,
    ]
    assert len(paths) > 100
    assert [path for path in paths if attempt(f"open({path!r}, 'rb').read()") not in REFUSED] == []


def test_the_work_of_others_cannot_be_read(attempt, needs_layer, others_work):
    needs_layer("landlock")
    assert attempt(f"open({str(others_work)!r}).read()") in REFUSED


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/tmp", "/home", "/dev/shm", "/proc", str(PROJECT), str(PROJECT / "tests")]
)
def test_folders_outside_cannot_be_listed(attempt, needs_layer, path):
    needs_layer("landlock")
    assert attempt(f"os.listdir({path!r})") in REFUSED


@pytest.mark.parametrize(
    "path", ["/tmp/written", "/dev/shm/written", "/written", str(PROJECT / "written"), "../written"]
)
def test_nothing_outside_can_be_written(attempt, needs_layer, path):
    needs_layer("landlock")
    assert attempt(f"open({path!r}, 'w')") in REFUSED
    assert not os.path.exists(path)  # it may lie in a folder that this user may not enter


def test_a_link_in_the_scratch_folder_leads_nowhere(in_worker, needs_layer):
    needs_layer("landlock")
    subject = in_worker("import os\ndef f(): os.symlink('/etc/passwd', 'link'); return open('link').read()")
    with pytest.raises(OSError, match=r"Permission denied|No such file"):
        subject.f()


@pytest.mark.parametrize("code", ["os.mkfifo('fifo')", "os.mknod('device', 0o60600, 0x0801)"])
def test_no_special_files_can_be_made(attempt, needs_layer, code):
    needs_layer("landlock")
    assert attempt(code) == "PermissionError"


def test_the_files_of_others_cannot_be_removed(attempt, needs_layer, others_work):
    needs_layer("landlock")
    assert attempt(f"os.remove({str(others_work)!r})") in REFUSED
    assert others_work.exists()


@pytest.mark.parametrize(
    "code",
    [
        "os.chmod({file!r}, 0)",
        "os.chmod({folder!r}, 0o777)",
        "os.fchmod(os.open(os.__file__, os.O_RDONLY), 0)",
        "os.utime({file!r}, (1, 1))",
        "os.chown({file!r}, -1, os.getgid())",
        "os.setxattr({file!r}, 'user.note', b'')",
        "os.truncate({file!r}, 0)",
        "os.open(os.__file__, os.O_RDONLY | os.O_TRUNC)",
        "os.rename({file!r}, 'mine')",
        "os.link({file!r}, 'mine')",
        "os.rmdir({folder!r})",
    ],
)
def test_the_files_of_others_stay_as_they_are(attempt, needs_layer, others_work, code):
    """Modes and times are nothing that Landlock judges, and an ordinary grader's files are its worker's user's, too."""
    needs_layer("landlock")
    needs_layer("seccomp")

    def state():
        return [
            (found.st_mode, found.st_mtime_ns, found.st_uid, found.st_size)
            for found in map(os.stat, (others_work, others_work.parent, os.__file__))
        ]

    before = state()
    assert attempt(code.format(file=str(others_work), folder=str(others_work.parent))) in REFUSED
    assert state() == before


@pytest.mark.parametrize("code", ["os.truncate('own', 0)", "os.open('own', os.O_RDONLY | os.O_TRUNC)"])
def test_only_who_may_write_to_a_file_empties_it(attempt, needs_layer, code):
    """Landlock before its third version does not see to that; its own file is one that any version lets it empty."""
    needs_layer("seccomp")
    assert attempt("open('own', 'w').write('text')") == 4
    assert attempt(code) == "PermissionError"
    assert attempt("open('own').read()") == "text"


def test_files_of_its_own_can_be_written_emptied_renamed_and_removed(attempt):
    steps = [
        "open('one', 'w').write('text')",
        "os.rename('one', 'two')",
        "open('two', 'r+').truncate(2)",
        "open('two').read()",
        "open('two', 'w').close()",
        "open('two', 'a+').tell()",
        "os.remove('two')",
        "os.listdir('.')",
    ]
    assert [attempt(step) for step in steps] == [4, None, 2, "te", None, 0, None, []]


def test_what_honest_code_needs_can_be_read(attempt):
    assert attempt("open(os.__file__).read(6)") not in REFUSED
    assert attempt("len(open('/dev/urandom', 'rb').read(4))") == 4
    assert attempt("__import__('sqlite3').__name__") == "sqlite3"
    assert attempt("__import__('torch.nn.utils.parametrizations').__name__") == "torch"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/proc/self", "/proc/1", "/dev/shm", "/dev/tty", "/home", "/usr/bin", __file__, "{others}"]
)
def test_whatever_cannot_be_read_cannot_be_seen_either(attempt, needs_layer, others_work, path):
    """Sizes and times of hidden files would tell what the grader and other workers are doing."""
    needs_layer("own_root")
    path = path.format(others=others_work)
    if any(Path(path) in readable.parents for readable in map(Path, readable_paths())):
        pytest.skip("what a worker needs lies below it here")
    assert Path(path).exists()
    assert attempt(f"os.stat({path!r})") == "FileNotFoundError"


def test_what_can_be_read_is_where_it_always_is(attempt):
    assert [attempt(f"os.path.exists({str(path)!r})") for path in readable_paths()] == [True] * len(readable_paths())


def test_nothing_of_ours_is_among_what_can_be_read():
    found = [path.resolve() for path in readable_paths()]
    assert [
        path for path in found if path in PROJECT.parents or path in (PROJECT, Path(autograder.__file__).parent)
    ] == []


def test_libraries_can_be_read_wherever_they_were_installed():
    """Without `site`, as where another environment is named on PYTHONPATH, no folder of packages is Python's own."""
    code = "from autograder.sandbox.isolation import readable_paths; print(*readable_paths(), sep='\\n')"
    paths = [
        str(PROJECT),
        *(str(Path(importlib.import_module(name).__file__).parents[1]) for name in ("torch", "numpy")),
    ]
    command = [sys.executable, "-S", "-c", f"import sys; sys.path += {paths}; {code}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    assert set(paths[1:]) <= set(found)
    assert str(PROJECT) not in found


@pytest.mark.parametrize(
    "code",
    [
        "fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "fcntl.lockf(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)",
        "fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), 36, bytes(32))",  # F_OFD_GETLK
        "fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), 1024, 0)",  # F_SETLEASE
    ],
)
def test_nobody_locks_a_file_that_others_may_read(attempt, needs_layer, code):
    """Whoever tries would notice, and so would learn something from another worker."""
    needs_layer("seccomp")
    assert attempt(code) == "PermissionError"


def test_only_the_connection_is_open(attempt):
    opened = "[fd for fd in range(200) if not isinstance(attempt(f'os.fstat({fd}).st_mode'), str)]"
    assert attempt(opened) == [0, 1, 2, 3]
    assert attempt("[os.path.sameopenfile(fd, os.open('/dev/null', os.O_RDONLY)) for fd in (0, 1, 2)]") == [True] * 3


# -- other programs, other processes, the network ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "os.fork()",
        "os.forkpty()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'])",
        "subprocess.run('true', shell=True)",
        "__import__('multiprocessing').Process(target=print).start()",
    ],
)
def test_no_process_can_be_started(attempt, needs_layer, code):
    needs_layer("seccomp")
    assert attempt(code) in REFUSED


@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socketpair()",
        "socket.create_connection(('127.0.0.1', 80), timeout=1)",
        "socket.socket(fileno=os.dup(3)).connect('/tmp/socket')",
        "socket.socket(fileno=os.dup(3)).bind(b'\\0abstract')",
    ],
)
def test_no_connection_can_be_opened(attempt, needs_layer, code):
    needs_layer("seccomp")
    assert attempt(code) == "PermissionError"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of system calls are those of x86-64")
@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ptrace", 101),
        ("process_vm_readv", 310),
        ("process_vm_writev", 311),
        ("keyctl", 250),
        ("add_key", 248),
        ("bpf", 321),
        ("perf_event_open", 298),
        ("userfaultfd", 323),
        ("io_uring_setup", 425),
        ("unshare", 272),
        ("mount", 165),
        ("shmget", 29),
        ("pidfd_open", 434),
        ("fork", 57),
        ("vfork", 58),
    ],
)
def test_system_calls_that_no_exercise_needs_are_refused(in_worker, needs_layer, name, number):
    needs_layer("seccomp")
    assert in_worker(ATTEMPT).syscall(name, number, 0, 0, 0, 0, 0) == "Operation not permitted"


def test_a_process_started_in_another_way_is_refused(in_worker, needs_layer):
    needs_layer("seccomp")
    clone, clone3 = 56, 435
    subject = in_worker(ATTEMPT)
    assert subject.syscall("clone", clone, int(signal.SIGCHLD), 0, 0, 0, 0) == "Operation not permitted"
    assert subject.syscall("clone3", clone3, 0, 0, 0, 0, 0) == "Function not implemented"


@pytest.mark.parametrize(
    "code",
    [
        "fcntl.fcntl(3, fcntl.F_SETOWN, {grader})",
        "fcntl.fcntl(3, 10, 9)",  # F_SETSIG
        "fcntl.fcntl(3, 15, bytes(8))",  # F_SETOWN_EX
        "fcntl.ioctl(3, 0x8901, bytes(4))",  # FIOSETOWN
        "resource.prlimit({grader}, resource.RLIMIT_NOFILE)",
        "resource.prlimit({grader}, resource.RLIMIT_CPU, (0, 0))",
        "os.sched_setaffinity({grader}, [0])",
        "os.setpriority(os.PRIO_PROCESS, {grader}, 19)",
    ],
)
def test_nothing_is_changed_about_another_process(attempt, needs_layer, code):
    """Each of these is open to any process of the same user, which the grader's may be."""
    needs_layer("seccomp")
    assert attempt(code.format(grader=os.getpid())) == "PermissionError"


def test_limits_and_processors_of_its_own_are_told(attempt):
    assert attempt("resource.getrlimit(resource.RLIMIT_CORE)") == (0, 0)
    assert attempt("os.sched_setaffinity(0, os.sched_getaffinity(0))") is None
    assert attempt("fcntl.fcntl(0, fcntl.F_GETFL) & os.O_ACCMODE") == os.O_RDWR


@pytest.mark.parametrize("target", ["os.kill({grader}, 0)", "os.kill(-1, 0)", "os.kill(os.getppid() or -1, 0)"])
def test_no_signal_reaches_another_process(attempt, needs_layer, target):
    needs_layer("pid_namespace")
    assert attempt(target.format(grader=os.getpid())) in ("ProcessLookupError", "PermissionError")


# -- shared memory ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "__import__('multiprocessing.shared_memory').shared_memory.SharedMemory(create=True, size=8)",
        "__import__('multiprocessing.shared_memory').shared_memory.SharedMemory({name!r})",
        "open('/dev/shm/{name}', 'rb').read()",
        "os.listdir('/dev/shm')",
        "os.remove('/dev/shm/{name}')",
        "os.memfd_create('memory')",
    ],
)
def test_no_memory_is_shared_by_name(attempt, needs_layer, code):
    needs_layer("landlock")
    needs_layer("seccomp")
    memory = SharedMemory(create=True, size=8)
    try:
        before = set(os.listdir("/dev/shm"))
        assert attempt(code.format(name=memory.name)) in REFUSED
        assert set(os.listdir("/dev/shm")) >= before
    finally:
        memory.close()
        memory.unlink()


@pytest.mark.parametrize("method", ["file_descriptor", "file_system"])
def test_no_tensor_is_shared_by_name(in_worker, needs_layer, method):
    needs_layer("landlock")
    needs_layer("seccomp")
    subject = in_worker(f"""
import torch
def f():
    torch.multiprocessing.set_sharing_strategy({method!r})
    torch.zeros(2).share_memory_()
""")
    before = set(os.listdir("/dev/shm"))
    with pytest.raises(RuntimeError, match=r"Operation not permitted|Permission denied|No such file|torch_shm_manager"):
        subject.f()
    assert set(os.listdir("/dev/shm")) <= before


@pytest.mark.parametrize("call", ["shmget(1, 4096, 0o1777)", "msgget(1, 0o1777)", "semget(1, 1, 0o1777)"])
def test_no_memory_queue_or_semaphore_of_system_v_can_be_made(attempt, needs_layer, call):
    needs_layer("seccomp")
    assert attempt(f"(ctypes.CDLL(None, use_errno=True).{call}, ctypes.get_errno())") == (-1, errno.EPERM)


# -- rights -----------------------------------------------------------------------------------------------------------


def test_the_user_is_nobody_in_particular(attempt, needs_layer):
    needs_layer("user")
    uids, gids, groups = attempt("(os.getresuid(), os.getresgid(), os.getgroups())")
    assert len(set(uids)) == len(set(gids)) == 1
    assert uids[0] >= 61_000
    assert gids[0] >= 61_000
    assert groups == []


@pytest.mark.parametrize("code", ["os.setuid(0)", "os.setresuid(0, 0, 0)", "os.setgroups([0])", "os.chown('.', 0, 0)"])
def test_there_is_no_way_back_to_other_rights(attempt, code):
    assert attempt(code) == "PermissionError"


def test_new_rights_cannot_be_gained(in_worker, needs_layer):
    needs_layer("no_new_privs")
    subject = in_worker("import ctypes\ndef f(): return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)")
    assert subject.f() == 1


def test_no_capability_is_held(in_worker, needs_layer):
    needs_layer("capabilities")
    subject = in_worker("""
import ctypes
def f():
    held = (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), held) == 0
    return list(held)
""")
    assert subject.f() == [0] * 6


def test_memory_cannot_be_read_by_processes_of_the_same_user(in_worker, needs_layer):
    needs_layer("process")
    subject = in_worker("import ctypes\ndef f(): return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)")
    assert subject.f() == 0


@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_NPROC"])
def test_limits_cannot_be_raised(in_worker, needs_layer, limit):
    needs_layer("limits")
    subject = in_worker(f"""
import resource
def f():
    soft, hard = resource.getrlimit(resource.{limit})
    resource.setrlimit(resource.{limit}, (hard + 1, hard + 1))
""")
    with pytest.raises(Exception, match=r"not allowed to raise|Operation not permitted"):
        subject.f()


# -- what can be known ------------------------------------------------------------------------------------------------


def test_the_environment_holds_nothing_of_the_callers(attempt, canary):
    environment = attempt("dict(os.environ)")
    assert canary not in str(environment)
    assert environment.keys() <= {
        "PATH",
        "LANG",
        "LC_CTYPE",
        "HOME",
        "TMPDIR",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHASHSEED",
        "TORCHDYNAMO_DISABLE",
        "USER",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "GLIBC_TUNABLES",
    }
    assert (environment["PATH"], environment["USER"]) == ("/usr/bin:/bin", "student")
    assert environment["HOME"] == environment["TMPDIR"] == attempt("os.getcwd()")


def test_the_arguments_hold_nothing_of_the_callers(attempt, canary):
    assert attempt("sys.argv") == ["exercise.py"]
    assert canary not in str(attempt("sys.orig_argv"))


JUDGES = (
    "pytest",
    "_pytest",
    "hypothesis",
    "autograder.bank",
    "autograder.cli",
    "autograder.course",
    "autograder.grading",
    "autograder.results",
    "autograder.run",
    "autograder.submissions",
    "autograder.suite",
)


def test_nothing_that_judges_is_loaded(attempt):
    loaded = attempt("sorted(sys.modules)")
    assert "torch" in loaded
    assert "autograder.sandbox.host" in loaded
    assert [name for name in loaded if name.startswith(JUDGES)] == []


def test_nothing_that_judges_is_reachable(attempt):
    names = attempt("[type(thing).__module__ for thing in __import__('gc').get_objects()]")
    assert not any(str(name).startswith(JUDGES) for name in names)


# -- one layer alone --------------------------------------------------------------------------------------------------


def outcome(layers, action):
    """What becomes of an action in a child process that has only these layers: an exception's name, or its value."""
    isolation = Isolation(layers)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            isolation.apply(Allowance(), None, 0)
            result = repr(action())
        except BaseException as error:
            result = type(error).__name__
        os.write(write_end, result.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    return result


def needs_landlock(version):
    if landlockpy.abi_version() < version:
        pytest.skip(f"this kernel's Landlock is older than version {version}")


def test_landlock_keeps_signals_inside():
    needs_landlock(6)
    grader = os.getpid()
    assert outcome((), lambda: os.kill(grader, 0)) == "None"
    assert outcome(("landlock",), lambda: os.kill(grader, 0)) == "PermissionError"
    assert outcome(("landlock",), lambda: os.kill(os.getpid(), 0)) == "None"


def test_landlock_keeps_abstract_sockets_inside():
    needs_landlock(6)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"\0autograder-test-{os.getpid()}")
        listening.listen()

        def connect():
            with socket.socket(socket.AF_UNIX) as connecting:
                connecting.connect(listening.getsockname())

        assert outcome((), connect) == "None"
        assert outcome(("landlock",), connect) == "PermissionError"


def test_landlock_keeps_the_network_out():
    needs_landlock(4)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def connect():
            socket.create_connection(listening.getsockname(), timeout=5).close()

        assert outcome((), connect) == "None"
        assert outcome(("landlock",), connect) == "PermissionError"
        assert outcome(("landlock",), lambda: socket.create_server(("127.0.0.1", 0))) == "PermissionError"


def test_nobody_becomes_a_worker_whose_parent_has_ended_already():
    """Its end would not be told any more, and the worker might wait for ever."""
    read_end, write_end = os.pipe()
    parent = os.fork()
    if parent == 0:
        isolation, own = Isolation(("process",)), os.getpid()
        if os.fork() == 0:
            while os.getppid() == own:
                time.sleep(0.01)
            try:
                isolation.apply(Allowance(), None, 0)
                os.write(write_end, b"confined")
            except OSError as error:
                os.write(write_end, str(error).encode())
        os._exit(0)
    os.waitpid(parent, 0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        assert pipe.read().startswith("the parent ended")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities")
def test_root_without_capabilities_cannot_do_what_they_allow():
    assert outcome(("capabilities",), lambda: os.setgroups([])) == "PermissionError"


# -- probing ----------------------------------------------------------------------------------------------------------


def test_the_level_is_told_with_its_layers_and_reasons(report):
    assert report.level in ("full", "reduced")
    assert set(report.layers) <= set(LAYERS)
    needed = {"process", "limits", "no_new_privs", "capabilities", "landlock", "seccomp"}
    assert (report.level == "reduced") or needed <= set(report.layers)


def succeeds(code):
    """Whether an expression about `ctypes` and `os`, run in a Python of its own, is 0 or None."""
    program = f"import ctypes, os, subprocess, sys\nsys.exit({code})"
    return subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL, check=False).returncode == 0


def may_become_another_user():
    return succeeds("os.setuid(61_000)")


def offered(report):
    """The layers that the kernel offers, found out in another way than by `probe`."""
    # Where others cannot reach the interpreter, a worker cannot become another user, and the report says so.
    reachable = not any("another user cannot read" in reason for reason in report.reasons)
    return {
        "process": True,
        "limits": True,
        "no_new_privs": True,
        "capabilities": True,
        "landlock": succeeds("ctypes.CDLL(None).syscall(444, None, 0, 1) < 1"),
        "seccomp": Path("/proc/sys/kernel/seccomp/actions_avail").exists(),
        "user": may_become_another_user() and reachable,
        "pid_namespace": succeeds("ctypes.CDLL(None).unshare(0x20000000) != 0"),
        "own_root": succeeds(
            "subprocess.call(['unshare', '--map-current-user', '--mount', 'mount', '-t', 'tmpfs', 't', '/tmp'])"
        ),
    }


def test_every_layer_that_the_kernel_offers_holds(report):
    assert set(report.layers) >= {layer for layer, possible in offered(report).items() if possible}, report.reasons


def test_no_isolation_is_none_and_says_why():
    report = probe("none")
    assert (report.level, report.layers) == ("none", ())
    assert "switched off" in report.reasons[0]


def test_an_interpreter_that_others_cannot_read_is_told(tmp_path, monkeypatch):
    if not may_become_another_user():
        pytest.skip("nobody becomes another user here")
    packages = tmp_path / "packages"
    packages.mkdir(mode=0o700)
    monkeypatch.setattr(isolation, "_PACKAGES", (str(packages),))
    report = probe()
    assert report.level == "reduced"
    assert "user" not in report.layers
    assert [reason for reason in report.reasons if reason.startswith("user: ")] == [
        f"user: another user cannot read {packages}; move the project or its Python to where others may read"
    ]
