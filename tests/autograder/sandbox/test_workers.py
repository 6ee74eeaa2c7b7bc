"""Workers that loop, die, lie or flood: each costs one answer, and the next question finds a fresh worker."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import struct
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from asking import FOREVER, NUMBER, ask, call, reply_on, request

from autograder.sandbox.client import ForwardSupply, WorkerLine, WorkerSupply
from autograder.sandbox.framing import Bounds, Incoming, decode_reply, receive_frame, send
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.protocol import Call, Described, Load, Loaded, Message, Returned
from autograder.sandbox.session import (
    NoWorkerError,
    Session,
    Source,
    SubjectDied,
    SubjectError,
    SubjectNotLoaded,
    SubjectTimeout,
    SuiteError,
)
from autograder.sandbox.worker import READY, rehearse

ALLOWANCE = Allowance(memory_mb=512)


# -- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["x" * (5 << 20), torch.zeros(1).expand(70 << 20)], ids=["header", "payload"])
def test_arguments_that_are_too_large_are_the_suites_error_and_cost_no_worker(open_worker, value):
    session, line = open_worker("def f(x): return 1")
    session.begin("test")
    with pytest.raises(SuiteError, match="the arguments cannot be sent: a message is too large"):
        call(session, "f", value)
    assert call(session, "f", 1) == 1
    assert line.forks == 1


def test_an_endless_loop_at_import_is_stopped(open_worker):
    # Were it not, it would be stopped for its processor time.
    session, line = open_worker(FOREVER, Allowance(memory_mb=512, cpu_seconds=5), load=0.3)
    with pytest.raises(SubjectNotLoaded) as caught:
        session.begin("test")
    assert caught.value.type_name == "Timeout"
    assert caught.value.text == (
        "Importing your file took longer than 0.3 s and was stopped. Is there a loop that does not end?"
    )
    assert line.forks == 1


def test_a_file_that_could_not_be_imported_in_time_is_not_tried_again(open_worker):
    session, line = open_worker(FOREVER, load=0.2)
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


def test_the_next_question_after_a_timeout_goes_to_a_fresh_worker(open_worker):
    session, line = open_worker(
        f"n = 0\ndef f():\n    global n; n += 1; return n\ndef loop():\n    {FOREVER}", question=0.3
    )
    session.begin("first")
    assert call(session, "f") == 1
    with pytest.raises(SubjectTimeout):
        call(session, "loop")
    session.begin("second")
    assert call(session, "f") == 1
    assert line.forks == 2


def test_after_two_timeouts_nothing_is_asked_any_more(open_worker):
    session, line = open_worker(f"def loop():\n    {FOREVER}", question=0.2)
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

IMPORTS = "import ctypes, os, socket, struct, sys, threading\n"


@pytest.mark.parametrize("code", ["os._exit(0)", "ctypes.string_at(0)", "os.close(3)"])
def test_an_end_at_import_is_told_and_not_tried_again(open_worker, code):
    session, line = open_worker(IMPORTS + code)
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
def test_what_is_only_an_exception_leaves_the_worker_alive(open_worker, code, type_name):
    session, line = open_worker(f"{IMPORTS}def f(): {code}\ndef g(): return 1")
    session.begin("test")
    with pytest.raises(SubjectError) as caught:
        call(session, "f")
    assert caught.value.type_name == type_name
    assert call(session, "g") == 1
    assert line.forks == 1


def test_sys_exit_at_import_is_told(open_worker):
    session, _ = open_worker("import sys\nsys.exit('done')")
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
def test_an_answer_that_is_none_is_refused(open_worker, lie):
    session, _ = open_worker(f"{IMPORTS}def f(): os.write(3, {lie})\n")
    session.begin("test")
    with pytest.raises(SubjectDied) as caught:
        call(session, "f")
    assert caught.value.type_name == "ProtocolError"
    assert caught.value.text.startswith("the answer could not be read: ")


def test_a_worker_that_lied_is_replaced(open_worker):
    session, line = open_worker(f"{IMPORTS}def f(): os.write(3, bytes(100))\ndef g(): return 1")
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


def test_memory_that_was_never_written_shows_as_not_a_number(in_worker):
    assert in_worker("import torch\ndef f(): return torch.empty(100)").f().isnan().all()


def test_one_thread_computes(in_worker):
    assert in_worker("import torch\ndef f(): return torch.get_num_threads()").f() == 1


# -- limits -----------------------------------------------------------------------------------------------------------


# -- nothing is left --------------------------------------------------------------------------------------------------


def test_a_machine_that_cannot_start_a_worker_is_no_fault_of_the_code():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(NUMBER.pack(-errno.EAGAIN))
        line = WorkerLine(WorkerSupply(ours), ALLOWANCE, TimeLimits())
        with pytest.raises(NoWorkerError, match="no worker could be forked: Resource temporarily unavailable"):
            ask(line, text="")


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
    line = WorkerLine(supply, allowance, TimeLimits())
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
    spare = replace(forward._spare)
    forward._spare.pid = -errno.EAGAIN
    with pytest.raises(NoWorkerError, match="Resource temporarily unavailable"):
        number_of(forward, 2)
    forward.end(spare)
    assert number_of(forward, 3)[0] == (3, "exercise")


def test_what_a_worker_rehearses_works():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(rehearse())
        incoming = Incoming(ours)
        replies = [decode_reply(*receive_frame(incoming, Bounds()), Bounds()) for _ in range(4)]
    assert [type(reply.body) for reply in replies] == [Loaded, Returned, Returned, Described]
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


def test_what_fails_unheard_is_told_by_the_next_answer(open_worker):
    session, _ = open_worker(STUBBORN)
    block = make_block(session)
    block.train()
    with pytest.raises(SubjectError, match="I do not train"):
        block.modules_by_name()
    assert block.modules_by_name()[""].type == "Block"


def test_what_fails_unheard_is_forgotten_with_its_check(open_worker):
    session, _ = open_worker(STUBBORN)
    make_block(session).train()
    assert make_block(session) is not None


def test_any_number_of_questions_may_go_unheard(open_worker):
    session, _ = open_worker(STUBBORN.replace('raise ValueError("I do not train")', "return self"))
    block = make_block(session)
    assert [block.train() for _ in range(1000)] == [block] * 1000


# -- the zygote -------------------------------------------------------------------------------------------------------


@pytest.fixture
def zygote_line(zygote):
    with zygote.connect() as line:
        yield line


@pytest.mark.parametrize("data", [b"X", b"W", b"G", b"C", b"R" + NUMBER.pack(2**40)])
def test_a_request_that_is_none_is_refused(zygote_line, data):
    assert request(zygote_line, data) < 0  # an error number


def test_questions_go_to_several_workers_in_any_order(open_line):
    lines = [open_line() for _ in range(3)]
    for number, line in enumerate(lines):
        ask(line, text=f"number = {number}\ndef f(): return number")
    question = Message(Call({"s": "f"}, {"u": []}, {"d": []}, 1))
    assert [line.exchange(question).body.result for line in reversed(lines)] == [2, 1, 0]


def test_a_worker_answers_what_a_socket_carries(supply):
    worker = supply.start(Allowance())
    assert reply_on(worker.connection) == READY
    send(worker.connection, Message(Load("exercise", "class A: pass", 0)))
    assert reply_on(worker.connection).body == Loaded(names={"A": "class"})
    supply.end(worker)


@pytest.mark.parametrize(
    "request_", [b"W{", b"W", b"W\xff", b'W{"scratch": 1}', b"R", b"R123", b"?", b"Gx", b"C"], ids=repr
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
