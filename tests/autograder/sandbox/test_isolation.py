"""What code in a worker cannot do. Each layer is attacked from inside, by a file as a student might hand it in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.sandbox.isolation import LAYERS, probe, readable_paths

PROJECT = Path(autograder.__file__).parents[1]

ATTEMPT = """
import ctypes, os, signal, socket, subprocess, sys

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


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/etc/hostname",
        "/proc/1/environ",
        "/proc/self/mem",
        "/proc/self/maps",
        "/proc/self/environ",
        "/proc/{grader}/environ",
        "/proc/{grader}/cmdline",
        "/proc/{grader}/mem",
        *map(str, sorted(PROJECT.glob("solutions/*/*.py"))),
        *map(str, sorted(PROJECT.glob("tests/*/*/test_*.py"))),
        str(PROJECT / "assignments/core/assignment.toml"),
        str(PROJECT / "pyproject.toml"),
        autograder.__file__,
        __file__,
    ],
)
def test_files_outside_cannot_be_read(attempt, needs_layer, path):
    needs_layer("landlock")
    assert attempt(f"open({path.format(grader=os.getpid())!r}, 'rb').read()") in REFUSED


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
    assert not Path(path).exists()


def test_a_link_in_the_scratch_folder_leads_nowhere(in_worker, needs_layer):
    needs_layer("landlock")
    subject = in_worker("import os\ndef f(): os.symlink('/etc/passwd', 'link'); return open('link').read()")
    with pytest.raises(OSError, match="Permission denied"):
        subject.f()


@pytest.mark.parametrize("code", ["os.mkfifo('fifo')", "os.mknod('device', 0o60600, 0x0801)"])
def test_no_special_files_can_be_made(attempt, needs_layer, code):
    needs_layer("landlock")
    assert attempt(code) == "PermissionError"


def test_the_files_of_others_cannot_be_removed(attempt, needs_layer, others_work):
    needs_layer("landlock")
    assert attempt(f"os.remove({str(others_work)!r})") in REFUSED
    assert others_work.exists()


def test_what_honest_code_needs_can_be_read(attempt):
    assert attempt("open(os.__file__).read(6)") not in REFUSED
    assert attempt("len(open('/dev/urandom', 'rb').read(4))") == 4
    assert attempt("__import__('sqlite3').__name__") == "sqlite3"
    assert attempt("__import__('torch.nn.utils.parametrizations').__name__") == "torch"


def test_nothing_of_ours_is_among_what_can_be_read():
    packages = [path for path in readable_paths() if path in PROJECT.parents or path == PROJECT]
    assert packages == []


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
    assert attempt(code) == "PermissionError"


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


@pytest.mark.parametrize("target", ["os.kill({grader}, 0)", "os.kill(-1, 0)", "os.kill(os.getppid() or -1, 0)"])
def test_no_signal_reaches_another_process(attempt, needs_layer, target):
    needs_layer("pid_namespace")
    assert attempt(target.format(grader=os.getpid())) in ("ProcessLookupError", "PermissionError")


# -- rights -----------------------------------------------------------------------------------------------------------


def test_the_user_is_nobody_in_particular(attempt, needs_layer):
    needs_layer("user")
    uids, gids, groups = attempt("(os.getresuid(), os.getresgid(), os.getgroups())")
    assert len(set(uids)) == len(set(gids)) == 1
    assert uids[0] >= 61_000
    assert gids[0] >= 61_000
    assert groups == []


@pytest.mark.parametrize("code", ["os.setuid(0)", "os.setresuid(0, 0, 0)", "os.setgroups([0])", "os.chown('.', 0, 0)"])
def test_there_is_no_way_back_to_other_rights(attempt, needs_layer, code):
    needs_layer("user")
    assert attempt(code) == "PermissionError"


def test_new_rights_cannot_be_gained(in_worker, needs_layer):
    needs_layer("no_new_privs")
    subject = in_worker("import ctypes\ndef f(): return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)")
    assert subject.f() == 1


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
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    }
    assert (environment["PATH"], environment["HOME"]) == ("/usr/bin:/bin", "/nonexistent")


def test_the_arguments_hold_nothing_of_the_callers(attempt, canary):
    zygote, connection, level = attempt("sys.argv")
    assert zygote.endswith("zygote.py")
    assert connection.isdigit()
    assert level == "full"
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


# -- probing ----------------------------------------------------------------------------------------------------------


def test_the_level_is_told_with_its_layers_and_reasons(report):
    assert report.level in ("full", "reduced")
    assert set(report.layers) <= set(LAYERS)
    needed = {"process", "limits", "no_new_privs", "landlock", "seccomp"}
    assert (report.level == "reduced") or needed <= set(report.layers)


def offered(report):
    """The layers that the kernel offers, found out in another way than by `probe`."""

    def succeeds(code):
        return (
            subprocess.run([sys.executable, "-c", f"import ctypes, sys\nsys.exit({code})"], check=False).returncode == 0
        )

    # Where others cannot reach the interpreter, a worker cannot become another user, and the report says so.
    reachable = not any("another user cannot read" in reason for reason in report.reasons)
    return {
        "process": True,
        "limits": True,
        "no_new_privs": True,
        "landlock": succeeds("ctypes.CDLL(None).syscall(444, None, 0, 1) < 1"),
        "seccomp": Path("/proc/sys/kernel/seccomp/actions_avail").exists(),
        "user": os.geteuid() == 0 and reachable,
        "pid_namespace": succeeds("ctypes.CDLL(None).unshare(0x20000000) != 0"),
    }


def test_every_layer_that_the_kernel_offers_holds(report):
    assert set(report.layers) >= {layer for layer, possible in offered(report).items() if possible}, report.reasons


def test_no_isolation_is_none_and_says_why():
    report = probe("none")
    assert (report.level, report.layers) == ("none", ())
    assert "switched off" in report.reasons[0]
