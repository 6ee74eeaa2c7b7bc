"""Workers that loop, die, lie or flood: each costs one answer, and the next question finds a fresh worker."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.sandbox import client
from autograder.sandbox.client import ForwardSupply, WorkerLine, WorkerSupply
from autograder.sandbox.framing import Bounds, ConnectionEnded, Incoming, Patience, decode_reply, receive_frame, send
from autograder.sandbox.isolation import Allowance
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.limits import NoWorkerError
from autograder.sandbox.protocol import Call, Described, Done, Load, Loaded, Message, Returned
from autograder.sandbox.rehearsal import rehearse
from autograder.sandbox.session import Session, Source, SubjectDied, SubjectError, SubjectNotLoaded, SubjectTimeout
from autograder.sandbox.time_limits import TimeLimits
from autograder.sandbox.worker import LOST, READY
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

FOREVER = "while True: pass"
ALLOWANCE = Allowance(memory_mb=512)
NUMBER = struct.Struct("<q")


@pytest.fixture
def open_session(open_line):
    """A session about a text in a worker, and its line."""

    def open_(text, allowance=None, **limits):
        line = open_line(allowance, **limits)
        return Session(Source("exercise", "exercise.py", text), line), line

    return open_


def gone(pid):
    """Whether no process has this id any more. The zygote has waited for it, so there is not even a zombie."""
    return not psutil.pid_exists(pid)


def ask(line, text=""):
    """Has a text loaded."""
    return line.exchange(Message(Load("exercise", text, 1)))


def reply_on(connection):
    """The next reply that comes on a connection."""
    incoming, patience = Incoming(connection), Patience(time.monotonic() + 120)
    return decode_reply(*receive_frame(incoming, Bounds(), patience), Bounds())


def call(session, name, *args):
    """What a function of the file returns."""
    return getattr(Namespace(session, Random(0, "test")), name)(*args)


# -- time -------------------------------------------------------------------------------------------------------------


def test_an_endless_loop_at_import_is_stopped(open_session):
    # Were it not, it would be stopped for its processor time.
    session, line = open_session(FOREVER, Allowance(memory_mb=512, cpu_seconds=5), load=0.3)
    with pytest.raises(SubjectNotLoaded) as caught:
        session.begin("test")
    assert caught.value.type_name == "Timeout"
    assert caught.value.text == (
        "Importing your file took longer than 0.3 s and was stopped. Is there a loop that does not end?"
    )
    assert line.forks == 1


def test_a_file_that_could_not_be_imported_in_time_is_not_tried_again(open_session):
    session, line = open_session(FOREVER, load=0.2)
    for stream in ("first", "second", "third"):
        with pytest.raises(SubjectNotLoaded, match="took longer"):
            session.begin(stream)
    assert line.forks == 1


def test_an_endless_loop_in_a_call_is_stopped(in_worker):
    subject = in_worker(f"def f():\n    {FOREVER}", question=0.3)
    with pytest.raises(SubjectTimeout) as caught:
        subject.f()
    assert caught.value.text == (
        "One call of your code took longer than 0.3 s and was stopped. Is there a loop that does not end?"
    )


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


def test_the_next_question_after_a_timeout_goes_to_a_fresh_worker(open_session):
    session, line = open_session(
        f"n = 0\ndef f():\n    global n; n += 1; return n\ndef loop():\n    {FOREVER}", question=0.3
    )
    session.begin("first")
    assert call(session, "f") == 1
    with pytest.raises(SubjectTimeout):
        call(session, "loop")
    session.begin("second")
    assert call(session, "f") == 1
    assert line.forks == 2


def test_after_two_timeouts_nothing_is_asked_any_more(open_session):
    session, line = open_session(f"def loop():\n    {FOREVER}", question=0.2)
    for stream in ("first", "second"):
        session.begin(stream)
        with pytest.raises(SubjectTimeout, match="took longer"):
            call(session, "loop")
    with pytest.raises(
        SubjectTimeout, match="Not run: earlier checks of this exercise already ran out of time"
    ) as caught:
        session.begin("third")
    assert not isinstance(caught.value, SubjectNotLoaded)
    assert line.forks == 2


def test_where_an_exercise_runs_out_of_time_no_call_is_said_to_have_been_too_long(open_line):
    line = open_line(exercise=0.5, question=60)
    ask(line, text=f"def f():\n    {FOREVER}")
    with pytest.raises(SubjectTimeout) as caught:
        line.exchange(Message(Call({"s": "f"}, {"u": []}, {"d": []}, 1)))
    assert "the 0.5 s for this exercise were used up" in caught.value.text


def test_the_time_for_an_exercise_is_shared_by_its_questions(open_line):
    line = open_line(exercise=0.3, question=60)
    with pytest.raises(SubjectTimeout):
        ask(line, text=FOREVER)
    with pytest.raises(SubjectTimeout, match=r"Not run: the 0\.3 s for this exercise are used up"):
        ask(line, text="")
    assert line.forks == 1


def test_answers_that_take_too_long_to_compare_end_the_exercise(open_line):
    line = open_line(comparing=0.2)
    ask(line, text="")
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    with pytest.raises(SubjectTimeout, match="Not run: comparing what your code returned takes too long"):
        ask(line, text="")


@pytest.mark.parametrize(
    ("claimed", "told"), [(129, "a message is too large"), (127, "the header is not one of the protocol")]
)
def test_an_answer_is_no_larger_than_an_honest_worker_could_send(open_line, claimed, told):
    frame = f"struct.pack('<8sIQ', b'AGRDFRM1', 2, {claimed} << 20) + b'{{' + bytes({claimed} << 20)"
    line = open_line(allowance=Allowance(memory_mb=512))
    with pytest.raises(SubjectDied, match=told):
        ask(line, text=f"import socket, struct\nsocket.socket(fileno=3).sendall({frame} + b' ')")


def test_time_between_questions_is_the_graders_own(open_line):
    line = open_line(load=30)
    ask(line, text="")
    assert line._spent < 30


# -- ends -------------------------------------------------------------------------------------------------------------

CLOSED = "The Python process that ran your code was ended (it closed its connection, or ran out of memory)."
CRASHED = "Your code crashed the Python process (segmentation fault)."
DEATHS = {
    "os._exit(0)": "Your code ended the Python process (exit status 0) instead of returning a result.",
    "os._exit(3)": "Your code ended the Python process (exit status 3) instead of returning a result.",
    "ctypes.string_at(0)": CRASHED,
    "os.close(3)": CLOSED,
    "os.closerange(0, 100)": CLOSED,
    "socket.socket(fileno=3).shutdown(socket.SHUT_RDWR)": CLOSED,
}
IMPORTS = "import ctypes, os, socket, struct, sys, threading\n"


@pytest.mark.parametrize(("code", "message"), DEATHS.items(), ids=DEATHS)
def test_an_end_of_the_process_is_told_in_words(in_worker, code, message):
    subject = in_worker(f"{IMPORTS}def f(): {code}\ndef g(): return 1")
    with pytest.raises(SubjectDied) as caught:
        subject.f()
    assert caught.value.type_name == "ProcessEnded"
    assert caught.value.text == message


@pytest.mark.parametrize("code", DEATHS)
def test_the_next_test_after_an_end_finds_the_file_again(open_session, code):
    session, line = open_session(f"{IMPORTS}def f(): {code}\ndef g(): return 1")
    session.begin("first")
    with pytest.raises(SubjectDied):
        call(session, "f")
    session.begin("second")
    assert session.kind("g") == "function"
    assert call(session, "g") == 1
    assert line.forks == 2


@pytest.mark.parametrize("code", ["os._exit(0)", "ctypes.string_at(0)", "os.close(3)"])
def test_an_end_at_import_is_told_and_not_tried_again(open_session, code):
    session, line = open_session(IMPORTS + code)
    for stream in ("first", "second"):
        with pytest.raises(SubjectNotLoaded) as caught:
            session.begin(stream)
        assert caught.value.type_name == "ProcessEnded"
    assert line.forks == 1


SURVIVED = {
    "sys.exit": ("sys.exit(0)", "SystemExit"),
    "exit": ("raise SystemExit", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "out of memory in Python": ("return [0] * 2**33", "MemoryError"),
    "out of memory in torch": ("import torch; return torch.ones(2**33)", "RuntimeError"),
    "recursion": ("return f()", "RecursionError"),
}


@pytest.mark.parametrize(("code", "type_name"), SURVIVED.values(), ids=SURVIVED)
def test_what_is_only_an_exception_leaves_the_worker_alive(open_session, code, type_name):
    session, line = open_session(f"{IMPORTS}def f(): {code}\ndef g(): return 1")
    session.begin("test")
    with pytest.raises(SubjectError) as caught:
        call(session, "f")
    assert caught.value.type_name == type_name
    assert call(session, "g") == 1
    assert line.forks == 1


def test_sys_exit_at_import_is_told(open_session):
    session, _ = open_session("import sys\nsys.exit('done')")
    with pytest.raises(SubjectNotLoaded) as caught:
        session.begin("test")
    assert (caught.value.type_name, caught.value.text) == ("SystemExit", "done")


# -- lies -------------------------------------------------------------------------------------------------------------

PREFIX = 'struct.pack("<8sIQ", b"AGRDFRM1", {}, {})'
LIES = {
    "garbage": 'b"x" * 1000',
    "a wrong magic number": 'b"AGRDFRM2" + bytes(100)',
    "an enormous header": PREFIX.format(2**32 - 1, 0),
    "an enormous payload": PREFIX.format(2, 2**62),
    "a header that is no message": PREFIX.format(2, 0) + ' + b"{}"',
    "an answer that is nothing": PREFIX.format(26, 0) + """ + b'{"body": 1, "tensors": []}'""",
    "an answer to another question": PREFIX.format(40, 0) + """ + b'{"body": {"is": "done"}, "tensors": [] }'""",
    "an answer that builds": PREFIX.format(105, 0)
    + """ + b'{"body": {"is": "returned", "call": 0, "effects": [],"""
    + """ "result": {"c": ["os.system", ["x"], []]}}, "tensors": []}'""",
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_an_answer_that_is_none_is_refused(open_session, lie):
    session, _ = open_session(f"{IMPORTS}def f(): os.write(3, {lie})\n")
    session.begin("test")
    with pytest.raises(SubjectDied) as caught:
        call(session, "f")
    assert caught.value.type_name == "ProtocolError"
    assert caught.value.text.startswith("the answer could not be read: ")


def test_a_worker_that_lied_is_replaced(open_session):
    session, line = open_session(f"{IMPORTS}def f(): os.write(3, bytes(100))\ndef g(): return 1")
    session.begin("first")
    with pytest.raises(SubjectDied):
        call(session, "f")
    session.begin("second")
    assert call(session, "g") == 1
    assert line.forks == 2


def test_an_answer_that_is_too_large_is_refused(in_worker):
    subject = in_worker("import torch\ndef f(): return torch.zeros(2**26, dtype=torch.float64).expand(2**26)")
    with pytest.raises(SubjectError, match=r"memory|too large"):
        subject.f()


# -- honest code ------------------------------------------------------------------------------------------------------


def test_threads_work(in_worker):
    subject = in_worker("""
import threading, torch
def f():
    results = []
    threads = [threading.Thread(target=lambda: results.append(torch.ones(100, 100) @ torch.ones(100, 100)))] * 1
    threads += [threading.Thread(target=lambda: results.append(1)) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return len(results)
""")
    assert subject.f() == 9


def test_printing_a_lot_works(in_worker):
    subject = in_worker("""
import os, sys
def f():
    for _ in range(100):
        print("x" * 100_000)
        sys.stderr.write("y" * 100_000)
        os.write(1, b"z" * 100_000)
    return sys.stdin.read()
""")
    assert subject.f() == ""


def test_a_thread_that_goes_on_does_not_keep_the_worker(open_line):
    line = open_line()
    ask(line, text="import threading; threading.Thread(target=threading.Event().wait).start()")
    pid = line._worker.pid
    line.close()
    line._supply.settle()
    assert gone(pid)


def test_memory_that_was_never_written_shows_as_not_a_number(in_worker):
    assert in_worker("import torch\ndef f(): return torch.empty(100)").f().isnan().all()


def test_one_thread_computes(in_worker):
    assert in_worker("import torch\ndef f(): return torch.get_num_threads()").f() == 1


# -- limits -----------------------------------------------------------------------------------------------------------


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


# -- nothing is left --------------------------------------------------------------------------------------------------


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


def test_a_scratch_folder_is_the_workers_own_and_removed_with_it(open_session):
    session, line = open_session("""
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


def test_a_machine_that_cannot_start_a_worker_is_no_fault_of_the_code():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(NUMBER.pack(-errno.EAGAIN))
        line = WorkerLine(WorkerSupply(ours), "exercise", ALLOWANCE, TimeLimits())
        with pytest.raises(NoWorkerError, match="no worker could be forked: Resource temporarily unavailable"):
            ask(line, text="")


def test_each_worker_has_another_scratch_folder(in_worker):
    text = "import os\ndef f(): return os.getcwd()"
    assert in_worker(text).f() != in_worker(text).f()


def test_a_worker_ends_when_the_grader_hangs_up(supply):
    pid, connection = supply.fork("exercise", Allowance(), None)
    with connection:
        assert reply_on(connection) == READY
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert os.WEXITSTATUS(supply.end(pid)) == LOST


def test_workers_are_gone_when_their_grader_is(zygote):
    line = zygote.connect()
    pid, connection = WorkerSupply(line).fork("exercise", Allowance(), None)
    worker = psutil.Process(pid)
    assert reply_on(connection) == READY
    line.close()
    with connection, pytest.raises(ConnectionEnded):
        reply_on(connection)
    worker.wait(timeout=120)
    assert gone(pid)


def test_workers_are_gone_when_the_zygote_was_killed():
    with Zygote() as zygote:
        supply = WorkerSupply(zygote.connect())  # whose end would be the worker's
        pid, connection = supply.fork("exercise", Allowance(), None)
        worker = psutil.Process(pid)
        assert reply_on(connection) == READY
        psutil.Process(zygote.pid).kill()
        with connection, pytest.raises(ConnectionEnded):
            reply_on(connection)

    def is_gone() -> bool:
        try:
            return worker.status() == psutil.STATUS_ZOMBIE  # where nobody waits for orphans
        except psutil.NoSuchProcess:
            return True

    end = time.monotonic() + 120
    while not is_gone() and time.monotonic() < end:  # its files are closed a moment before it is gone
        time.sleep(0.01)
    assert is_gone()


# -- workers ahead of time --------------------------------------------------------------------------------------------


@pytest.fixture
def forward(zygote):
    """A supply that has the next worker forked before it is asked for."""
    with zygote.connect() as line:
        supply = ForwardSupply(line)
        yield supply
        supply.close()


def number_of(supply, number, allowance=ALLOWANCE):
    """Loads a file that knows a number in a worker of its own; the number that it tells, and its process id."""
    line = WorkerLine(supply, "exercise", allowance, TimeLimits())
    session = Session(Source("exercise", "exercise.py", f"number = {number}\ndef f(): return number, __name__"), line)
    session.begin("test")
    result = call(session, "f")
    pid = line._worker.pid
    session.close()
    return result, pid


def test_each_line_gets_a_fresh_worker_though_it_was_forked_before(forward):
    (first, first_pid), (second, second_pid) = number_of(forward, 1), number_of(forward, 2)
    assert (first, second) == ((1, "exercise"), (2, "exercise"))
    assert first_pid != second_pid


def test_the_next_worker_is_there_before_it_is_asked_for(forward, zygote, workers_of):
    number_of(forward, 1)
    forward.settle()
    (spare,) = workers_of(zygote.pid)
    assert number_of(forward, 2)[1] == spare.pid


def test_a_worker_that_nobody_came_for_ends_with_the_supply(zygote, workers_of):
    with zygote.connect() as line:
        supply = ForwardSupply(line)
        number_of(supply, 1)
        supply.close()
        assert workers_of(zygote.pid) == []


def test_a_worker_with_another_allowance_is_forked_when_it_is_asked_for(forward):
    limits = "import resource\nnumber = resource.getrlimit(resource.RLIMIT_FSIZE)[0] >> 20"
    number_of(forward, 1)
    (number, _), _ = number_of(forward, f"0\n{limits}", Allowance(file_mb=7))
    assert number == 7


def test_a_worker_that_could_not_be_forked_ahead_is_missed_when_it_is_asked_for(forward):
    number_of(forward, 1)
    forward.settle()
    spare_pid, forward._spare.answer = forward._spare.answer, -errno.EAGAIN
    with pytest.raises(NoWorkerError, match="Resource temporarily unavailable"):
        number_of(forward, 2)
    forward.end(spare_pid)
    assert number_of(forward, 3)[0] == (3, "exercise")


def test_a_worker_that_cannot_be_confined_costs_no_student_anything(zygote):
    with zygote.connect() as connection:
        # Nobody may be given that much address space: the limits fail before the file is opened.
        line = WorkerLine(WorkerSupply(connection), "exercise", Allowance(memory_mb=1 << 50), TimeLimits())
        with pytest.raises(NoWorkerError, match="before it was confined"):
            ask(line, text="")


def test_a_worker_that_ends_itself_like_an_unconfined_one_is_its_students_fault(open_line):
    with pytest.raises(SubjectDied, match="exit status 70"):
        ask(open_line(), text="import os; os._exit(70)")


def test_what_a_worker_rehearses_works():
    assert [type(reply.body) for reply in rehearse()] == [Loaded, Done, Returned, Done, Returned, Described]
    assert "example" not in sys.modules


# -- questions whose answers nobody waits for -------------------------------------------------------------------------

STUBBORN = """
from torch import nn
class Block(nn.Module):
    def train(self, mode=True):
        raise ValueError("I do not train")
    def forward(self, x):
        return x
"""


def make_block(session):
    session.begin("test")
    return call(session, "Block")


def test_what_fails_unheard_is_told_by_the_next_answer(open_session):
    session, _ = open_session(STUBBORN)
    block = make_block(session)
    block.train()
    with pytest.raises(SubjectError, match="I do not train"):
        block.modules_by_name()
    assert block.modules_by_name()[""].type == "Block"


def test_what_fails_unheard_is_forgotten_with_its_check(open_session):
    session, _ = open_session(STUBBORN)
    make_block(session).train()
    assert make_block(session) is not None


def test_any_number_of_questions_may_go_unheard(open_session):
    session, _ = open_session(STUBBORN.replace('raise ValueError("I do not train")', "return self"))
    block = make_block(session)
    assert [block.train() for _ in range(1000)] == [block] * 1000


# -- the zygote -------------------------------------------------------------------------------------------------------


def request(line, data, *sockets):
    socket.send_fds(line, [data], [one.fileno() for one in sockets])
    return NUMBER.unpack(line.recv(NUMBER.size))[0]


@pytest.fixture
def zygote_line(zygote):
    with zygote.connect() as line:
        yield line


@pytest.mark.parametrize("data", [b"X", b"W", b"G", b"C", b"R" + NUMBER.pack(2**40)])
def test_a_request_that_is_none_is_refused(zygote_line, data):
    assert request(zygote_line, data) < 0  # an error number


def test_nobody_can_end_somebody_elses_worker(zygote_line, open_line):
    line = open_line()
    ask(line, text="")
    pid = line._worker.pid
    assert request(zygote_line, b"R" + NUMBER.pack(pid)) == -1
    assert psutil.pid_exists(pid)


def test_questions_go_to_several_workers_in_any_order(open_line):
    lines = [open_line() for _ in range(3)]
    for number, line in enumerate(lines):
        ask(line, text=f"number = {number}\ndef f(): return number")
    question = Message(Call({"s": "f"}, {"u": []}, {"d": []}, 1))
    assert [line.exchange(question).body.result for line in reversed(lines)] == [2, 1, 0]


def test_a_worker_answers_what_a_socket_carries(supply):
    pid, connection = supply.fork("exercise", Allowance(), None)
    with connection:
        assert reply_on(connection) == READY
        send(connection, Message(Load("exercise", "class A: pass", 0)))
        assert reply_on(connection).body == Loaded(names={"A": "class"})
    supply.end(pid)


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


@pytest.mark.parametrize(
    "request_", [b"W{", b"W", b"W\xff", b'W{"module": 1}', b"R", b"R123", b"?", b"Gx", b"C"], ids=repr
)
def test_a_request_that_makes_no_sense_is_refused_and_the_next_one_served(zygote, request_):
    with zygote.connect() as line:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            sockets = [theirs.fileno()] if request_.startswith(b"W") else []
            socket.send_fds(line, [request_], sockets)
            assert struct.unpack("<q", line.recv(8))[0] == -errno.EINVAL
        assert number_of(WorkerSupply(line), 4)[0] == (4, "exercise")


def test_a_request_with_something_that_is_no_socket_is_refused_and_the_next_one_served(zygote):
    with zygote.connect() as line:
        socket.send_fds(line, [b"W{}"], [0])
        assert struct.unpack("<q", line.recv(8))[0] == -errno.EINVAL
        assert number_of(WorkerSupply(line), 4)[0] == (4, "exercise")


def test_a_grader_holds_no_end_of_a_line_but_its_own(zygote):
    """It would otherwise wait for ever for a zygote that has ended."""
    pid, jobs = zygote.fork_grader("autograder.batch.grader:serve")

    def sockets():
        found = []
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                found.append(os.readlink(file))
        return [target for target in found if target.startswith("socket:")]

    with jobs:
        end = time.monotonic() + 120
        while len(sockets()) > 3 and time.monotonic() < end:  # it closes what it was forked with
            time.sleep(0.01)
        assert len(sockets()) == 3  # its jobs, and one line to each process that forks
    zygote.end_grader(pid)
