"""What a worker may use, how it is ended, and that nothing of it is left. The kernel sees to that, by the rights that a
worker and its grader have: so these tests are run again where they have others.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path

import psutil
import pytest
from asking import FOREVER, NUMBER, ask, call, gone, reply_on, request

from autograder.sandbox import client
from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.framing import ConnectionEnded
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.session import NoWorkerError, Session, Source, SubjectDied, SubjectTimeout
from autograder.sandbox.worker import LOST, READY

# -- ends --------------------------------------------------------------------------------------------------------------


DODGES = {
    "sleeping": "import time; time.sleep(1000)",
    "catching everything": "while True:\n        try: 1 / 0\n        except BaseException: pass",
    "blocking signals": "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65)); signal.pause()",
    "ignoring signals": "import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 14, 15)]; signal.pause()",
    "a loop in C": "sum(range(10**12))",
    "a thread": "import threading; t = threading.Thread(target=threading.Event().wait); t.start(); t.join()",
    "a signal handler": "import signal; signal.raise_signal(signal.SIGSTOP); signal.pause()",
}


@pytest.mark.parametrize("code", DODGES.values(), ids=DODGES)
def test_the_clock_is_the_graders(in_worker, code):
    subject = in_worker(f"def f():\n    {code}", question=0.15)
    with pytest.raises(SubjectTimeout):
        subject.f()


CLOSED = "The Python process that ran your code was ended (it closed its connection, or ran out of memory)."
CRASHED = "Your code crashed the Python process (segmentation fault)."
ENDING = "import ctypes, os, socket\ndef f(): {}\ndef g(): return 1"
DEATHS = {
    "os._exit(0)": "Your code ended the Python process (exit status 0) instead of returning a result.",
    "os._exit(3)": "Your code ended the Python process (exit status 3) instead of returning a result.",
    "ctypes.string_at(0)": CRASHED,
    "os.close(3)": CLOSED,
    "os.closerange(0, 100)": CLOSED,
    "socket.socket(fileno=3).shutdown(socket.SHUT_RDWR)": CLOSED,
}


@pytest.mark.parametrize(("code", "message"), DEATHS.items(), ids=DEATHS)
def test_an_end_of_the_process_is_told_in_words(in_worker, code, message):
    subject = in_worker(ENDING.format(code))
    with pytest.raises(SubjectDied) as caught:
        subject.f()
    assert caught.value.type_name == "ProcessEnded"
    assert caught.value.text == message


@pytest.mark.parametrize("code", DEATHS)
def test_the_next_test_after_an_end_finds_the_file_again(open_worker, code):
    session, line = open_worker(ENDING.format(code))
    session.begin("first")
    with pytest.raises(SubjectDied):
        call(session, "f")
    session.begin("second")
    assert session.kind("g") == "function"
    assert call(session, "g") == 1
    assert line.forks == 2


def test_a_thread_that_goes_on_does_not_keep_the_worker(open_line):
    line = open_line()
    ask(line, text="import threading; threading.Thread(target=threading.Event().wait).start()")
    pid = line._worker.pid
    line.close()
    line._supply.settle()
    assert gone(pid)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_memory_is_limited(open_line):
    session = Session(
        Source("exercise", "exercise.py", "def f(mb): return len(bytearray(mb << 20))"),
        open_line(Allowance(memory_mb=256)),
    )
    session.begin("test")
    assert call(session, "f", 64) == 64 << 20
    with pytest.raises(MemoryError):
        call(session, "f", 300)


def test_the_size_of_files_is_limited(in_worker):
    subject = in_worker("""
def f(mb):
    with open("file", "wb") as file:
        for _ in range(mb):
            file.write(bytes(1 << 20))
""")
    subject.f(15)
    with pytest.raises(OSError, match="File too large"):
        subject.f(20)


def test_the_number_of_open_files_is_limited(in_worker):
    with pytest.raises(OSError, match="Too many open files"):
        in_worker("def f(): return len([open('/dev/null') for _ in range(100)])").f()


# -- nothing is left ---------------------------------------------------------------------------------------------------


def test_a_worker_is_gone_when_its_line_is_closed(open_line):
    line = open_line()
    ask(line, text="")
    pid = line._worker.pid
    assert psutil.pid_exists(pid)
    line.close()
    line._supply.settle()
    assert gone(pid)


def test_a_worker_is_gone_when_it_ran_out_of_time(open_line, zygote):
    line = open_line(load=0.1)
    before = set(psutil.Process(zygote.pid).children(recursive=True))
    with pytest.raises(SubjectTimeout):
        ask(line, text=FOREVER)
    assert set(psutil.Process(zygote.pid).children(recursive=True)) <= before


def test_a_scratch_folder_is_the_workers_own_and_removed_with_it(open_worker):
    session, line = open_worker("""
import os, tempfile
def f():
    with open("file", "w") as file:
        file.write("kept")
    os.mkdir("a", 0o300)  # nobody may list it
    os.mkdir("a/b")
    os.symlink("/etc/passwd", "link")
    with tempfile.NamedTemporaryFile() as file:
        inside = os.path.dirname(file.name) == os.getcwd()
    return os.getcwd(), open("file").read(), inside
""")
    session.begin("test")
    folder, text, inside = call(session, "f")
    assert (text, inside) == ("kept", True)
    assert Path(folder).is_dir()
    session.close()
    line._supply.settle()
    assert not Path(folder).exists()


def test_each_worker_has_another_scratch_folder(in_worker):
    text = "import os\ndef f(): return os.getcwd()"
    assert in_worker(text).f() != in_worker(text).f()


def test_a_worker_ends_when_the_grader_hangs_up(supply):
    worker = supply.start(Allowance())
    assert reply_on(worker.connection) == READY
    worker.connection.shutdown(socket.SHUT_WR)
    assert worker.connection.recv(1) == b""
    assert os.WEXITSTATUS(supply.end(worker)) == LOST


def test_workers_are_gone_when_their_grader_is(zygote):
    line = zygote.connect()
    worker = WorkerSupply(line).start(Allowance())
    process = psutil.Process(worker.pid)
    assert reply_on(worker.connection) == READY
    line.close()
    with pytest.raises(ConnectionEnded):
        reply_on(worker.connection)
    worker.remove_traces()
    process.wait(timeout=120)
    assert gone(worker.pid)


def test_workers_are_gone_when_the_zygote_was_killed():
    with Zygote() as zygote:
        supply = WorkerSupply(zygote.connect())  # whose end would be the worker's
        worker = supply.start(Allowance())
        process = psutil.Process(worker.pid)
        assert reply_on(worker.connection) == READY
        psutil.Process(zygote.pid).kill()
        with pytest.raises(ConnectionEnded):
            reply_on(worker.connection)
        worker.remove_traces()

    def is_gone() -> bool:
        try:
            return process.status() == psutil.STATUS_ZOMBIE  # where nobody waits for orphans
        except psutil.NoSuchProcess:
            return True

    end = time.monotonic() + 120
    while not is_gone() and time.monotonic() < end:  # its files are closed a moment before it is gone
        time.sleep(0.01)
    assert is_gone()


# -- rights ------------------------------------------------------------------------------------------------------------


def test_a_worker_that_cannot_be_confined_costs_no_student_anything(zygote):
    with zygote.connect() as connection:
        # Nobody may be given that much address space: the limits fail before the file is opened.
        line = WorkerLine(WorkerSupply(connection), Allowance(memory_mb=1 << 50), TimeLimits())
        with pytest.raises(NoWorkerError, match="before it was confined"):
            ask(line, text="")


def test_a_worker_that_ends_itself_like_an_unconfined_one_is_its_students_fault(open_line):
    with pytest.raises(SubjectDied, match="exit status 70"):
        ask(open_line(), text="import os; os._exit(70)")


def test_nobody_can_end_somebody_elses_worker(zygote, open_line):
    line = open_line()
    ask(line, text="")
    pid = line._worker.pid
    with zygote.connect() as another:
        assert request(another, b"R" + NUMBER.pack(pid)) == -1
    assert psutil.pid_exists(pid)


# -- disk --------------------------------------------------------------------------------------------------------------


FLOOD = """
import itertools

def flood():
    for i in itertools.count():
        with open(f"file{i}", "wb") as file:
            file.write(bytes(1 << 20))
"""


CLOSED_FLOOD = """
import itertools, os

def flood():
    os.mkdir("inside")
    os.chdir("inside")
    for i in itertools.count():
        with open(f"file{i}", "wb") as file:
            file.write(b"x")
"""


@pytest.mark.parametrize("text", [FLOOD, CLOSED_FLOOD], ids=["many bytes", "many files"])
def test_code_that_fills_the_disk_is_stopped_long_before_its_time_is_up(open_line, text):
    line = open_line(Allowance(disk_mb=64), question=60)
    session = Session(Source("exercise", "exercise.py", text), line)
    session.begin("test")
    # In a root of its own, the kernel refuses what is too much; elsewhere the grader sees it.
    with pytest.raises((SubjectDied, OSError), match=r"wrote more than 64 MB of files|No space left on device"):
        call(session, "flood")


QUICK = """
written = 0

def write():
    global written
    written += 1
    with open(f"file{written}", "wb") as file:
        file.write(bytes(1 << 20))
    return written
"""


def test_code_that_answers_quickly_fills_no_disk_either(open_line, monkeypatch):
    """It is looked at by the clock, which goes on from question to question."""
    monkeypatch.setattr("autograder.sandbox.client.LOOK_SECONDS", 0.0)
    line = open_line(Allowance(disk_mb=8))
    session = Session(Source("exercise", "exercise.py", QUICK), line)
    session.begin("test")
    assert [call(session, "write") for _ in range(7)] == list(range(1, 8))
    with pytest.raises((SubjectDied, OSError), match=r"wrote more than 8 MB of files|No space left on device"):
        [call(session, "write") for _ in range(3)]


def test_time_that_passes_between_questions_does_not_put_off_the_look(open_line, monkeypatch):
    looks = []
    monkeypatch.setattr("autograder.sandbox.client._bytes_in", lambda *_: looks.append(1) or 0)
    monkeypatch.setattr("autograder.sandbox.client.LOOK_SECONDS", 0.0)
    line = open_line()
    for _ in range(5):
        ask(line, text="")
    assert len(looks) >= 4


def test_what_cannot_be_listed_is_too_much(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root lists any folder; tried again as an ordinary user")
    (tmp_path / "hidden").mkdir(0o300)
    assert client._bytes_in(str(tmp_path), 10_000) > 1 << 40


@pytest.mark.parametrize("kind", ["files", "folders"])
def test_too_many_files_are_too_much(tmp_path, kind):
    for number in range(11):
        (tmp_path / str(number)).touch() if kind == "files" else (tmp_path / str(number)).mkdir()
    assert client._bytes_in(str(tmp_path), 10) > 1 << 40
    assert client._bytes_in(str(tmp_path), 11) < 1 << 20


NAMELESS = """
import ctypes, os

def attempt(code):
    try:
        return eval(code)
    except OSError as error:
        return type(error).__name__
"""


@pytest.mark.parametrize(
    "code", ["os.open('.', os.O_TMPFILE | os.O_RDWR)", "os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o600)"]
)
def test_a_file_without_a_name_cannot_be_made(in_worker, needs_layer, code):
    needs_layer("seccomp")
    assert in_worker(NAMELESS).attempt(code) == "PermissionError"


def test_no_blocks_are_reserved_without_writing_them(in_worker, needs_layer):
    """Other than writing, that takes no time: 16 MB between two looks and another."""
    needs_layer("seccomp")
    code = "(ctypes.CDLL(None, use_errno=True).fallocate(os.open('f', 65), 0, 0, 1 << 20), ctypes.get_errno())"
    assert in_worker(NAMELESS).attempt(code) == (-1, errno.EPERM)


def test_files_that_have_lost_their_names_count_in_a_root_of_its_own(open_line, needs_layer):
    needs_layer("own_root")
    text = """
import mmap, os

def keep():
    kept = []
    while True:
        with open("file", "w+b") as file:
            file.write(bytes(1 << 20))
            kept.append(mmap.mmap(file.fileno(), 4096))
        os.remove("file")
"""
    session = Session(Source("exercise", "exercise.py", text), open_line(Allowance(disk_mb=8), question=60))
    session.begin("test")
    with pytest.raises(OSError, match="No space left on device"):
        call(session, "keep")
