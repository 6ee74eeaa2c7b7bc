"""The process that has imported torch and forks everything else: workers in milliseconds, and graders.

Before it imports anything, it forks a second one, which stays without torch, finds out which layers of isolation hold
here, and forks what reads submissions.

It is started with an empty environment and no arguments but a socket, and reads neither suites nor solutions nor
submissions: no copy of them can be in the memory of a worker. It holds no results and decides nothing.

    request "W" + order, with one socket     forks a worker that talks on it; answers its process id
    request "S", with one socket             forks a reader of one submission, which talks on it (without torch only)
    request "G" + name, with four sockets    forks a process that runs the function of that name, "module:function", a
                                             grader: [its jobs, its end and our end of its own line to us, its line to
                                             the process without torch]
    request "C", with one socket             takes requests on it, too
    request "R" + process id                 kills that child, waits for its end, answers its wait status
"""

from __future__ import annotations

import contextlib
import errno
import gc
import itertools
import os
import pkgutil
import selectors
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, NoReturn

import msgspec

from autograder.sandbox.isolation import Isolation, Report, end_with_parent, fork_into_namespace, probe

_NUMBER = struct.Struct("<q")
_MOST_BYTES = 64 << 10
_MOST_SOCKETS = 4


def main(control: int, reading: int, wanted: str) -> None:
    """Serve the coordinator at file descriptor `control` until it hangs up, and at `reading` by a second process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator decides what Ctrl-C ends
    readers, probed = _fork_without_torch(control, reading, wanted)
    gc.disable()  # it would look through half of torch again and again
    processor = _import_torch()
    with probed:
        if not (told := probed.read()):
            sys.exit("what finds out which layers of isolation hold here has ended; what it said is above")
        report = replace(msgspec.json.decode(told, type=Report), processor=processor)
    # With what little is garbage by now: the collector would write to, and so copy, every page after a fork.
    gc.freeze()
    gc.enable()
    coordinator = socket.socket(fileno=control)
    try:
        coordinator.send(msgspec.json.encode(report))
    except BrokenPipeError:  # it gave up before we were ready
        return
    _Zygote(coordinator, Isolation(report.layers)).serve()
    os.waitpid(readers, 0)  # it was hung up on, too


def _fork_without_torch(control: int, reading: int, wanted: str) -> tuple[int, BinaryIO]:
    """Fork the process that forks readers, which holds nothing but what reading needs, and first finds out which layers
    of isolation hold here, while torch is imported: its process id, and where its report can be read.
    """
    ours = os.getpid()
    probed, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reading)
        os.close(told)
        return pid, os.fdopen(probed, "rb")
    try:
        os.close(control)
        os.close(probed)
        end_with_parent(ours)
        report = probe(wanted)
        with os.fdopen(told, "wb") as pipe:
            pipe.write(msgspec.json.encode(report))
        from autograder.sandbox.reader import prepare

        prepare()
        gc.collect()
        gc.freeze()
        # Even where nothing else was asked for: memory and time are limited, as nobody's code needs them.
        layers = tuple({**dict.fromkeys(report.layers), "limits": None})
        _Zygote(socket.socket(fileno=reading), Isolation(layers), 1).serve()
    except BaseException:
        traceback.print_exc()
    os._exit(0)


def _import_torch() -> str:
    """Import torch and torchvision, and run what first calls set up lazily; the instructions that torch uses here."""
    import torch

    from autograder.sandbox.quick_torch import put_off_libraries
    from autograder.sandbox.surroundings import settle_torch
    from autograder.sandbox.vision import import_torchvision

    settle_torch()
    put_off_libraries()
    # What it sets up lazily for a convolution takes half as long as torchvision's import, and no interpreter.
    first = threading.Thread(
        target=torch.conv2d, args=(torch.zeros(1, 4, 3, 3), torch.zeros(4, 2, 3, 3)), kwargs={"groups": 2}
    )
    first.start()
    import_torchvision()
    from autograder.sandbox import guard, worker

    guard.prepare()
    first.join()
    for _ in range(worker.ROUNDS):
        worker.rehearse()
    return torch.backends.cpu.get_cpu_capability()


class _Zygote:
    def __init__(self, coordinator: socket.socket, isolation: Isolation, first: int = 0) -> None:
        self._coordinator, self._isolation = coordinator, isolation
        self._children: dict[socket.socket, set[int]] = {}
        """Of each line on which requests come, the children that were asked for on it."""
        # Numbered here, so that no two who live at the same time are the same user: workers are even, readers odd.
        self._slots = itertools.count(first, 2)
        self._selector = selectors.DefaultSelector()
        self._adopt(coordinator)

    def serve(self) -> None:
        """Answer requests until the coordinator hangs up; then end every child."""
        while self._coordinator in self._children:
            for key, _ in self._selector.select():
                if key.data in self._children:
                    self._answer(key.data)
        for line in list(self._children):
            self._part(line)

    def _adopt(self, line: socket.socket) -> None:
        self._children[line] = set()
        self._selector.register(line, selectors.EVENT_READ, line)

    def _part(self, line: socket.socket) -> None:
        for pid in list(self._children[line]):
            self._end(line, pid)
        self._selector.unregister(line)
        del self._children[line]
        line.close()

    def _answer(self, line: socket.socket) -> None:
        try:
            request, descriptors, _, _ = socket.recv_fds(line, _MOST_BYTES, _MOST_SOCKETS)
        except ConnectionResetError:
            request, descriptors = b"", []
        if not request:
            self._part(line)
            return
        sockets = _sockets(descriptors)
        match request[:1], sockets:
            case b"W", [connection]:
                answer = self._fork_worker(line, request[1:], connection)
            case b"S", [connection] if request == b"S":
                answer = self._fork_reader(line, connection)
            case b"G", [jobs, theirs, ours, reading]:
                answer = self._fork_grader(line, request[1:].decode(), ours, jobs, theirs, reading)
                if answer > 0:
                    self._adopt(ours)
                    sockets.remove(ours)
            case b"C", [ours]:
                answer = 0
                self._adopt(ours)
                sockets.remove(ours)
            case b"R", [] if len(request) == 1 + _NUMBER.size:
                answer = self._end(line, _NUMBER.unpack(request[1:])[0])
            case _:
                answer = -errno.EINVAL
        for connection in sockets:
            connection.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.send(_NUMBER.pack(answer))

    def _fork_worker(self, line: socket.socket, order: bytes, connection: socket.socket) -> int:
        from autograder.sandbox.worker import WorkerOrder, run

        try:
            read = msgspec.json.decode(order, type=WorkerOrder)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return -errno.EINVAL
        return self._fork_confined(line, lambda slot: run(connection, read, slot, self._isolation))

    def _fork_reader(self, line: socket.socket, connection: socket.socket) -> int:
        from autograder.sandbox.reader import run

        return self._fork_confined(line, lambda slot: run(connection, slot, self._isolation))

    def _fork_confined(self, line: socket.socket, become: Callable[[int], None]) -> int:
        slot = next(self._slots)
        fork = fork_into_namespace if "pid_namespace" in self._isolation.layers else os.fork
        return self._fork(line, fork, lambda: become(slot))

    def _fork_grader(self, line: socket.socket, name: str, ours: socket.socket, *theirs: socket.socket) -> int:
        def become() -> None:
            status = 70
            try:
                # With our end of its line in its own hands, it would not notice our end.
                for other in (*self._children, ours):
                    other.close()
                pkgutil.resolve_name(name)(*theirs)
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)

        return self._fork(line, os.fork, become)

    def _fork(self, line: socket.socket, fork: Callable[[], int], become: Callable[[], None]) -> int:
        """A child that was asked for on `line`, and never returns: its id, or an error number below 0."""
        try:
            pid = fork()
        except OSError as error:
            return -(error.errno or 1)
        if pid == 0:
            become()
        self._children[line].add(pid)
        return pid

    def _end(self, line: socket.socket, pid: int) -> int:
        """Kill a child that was asked for on `line`, with all that it started, and reap it; its wait status, or -1 for
        no such child.
        """
        if pid not in self._children[line]:
            return -1
        self._children[line].discard(pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # its session's; in a PID namespace its end is the end of all others
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]


def _sockets(descriptors: list[int]) -> list[socket.socket]:
    """The open sockets among what was sent; what is none is closed."""
    sockets = []
    for number in descriptors:
        try:
            sockets.append(socket.socket(fileno=number))
        except OSError:
            os.close(number)
    return sockets


def run() -> NoReturn:
    """Be the zygote that the command line asks for."""
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    os._exit(0)  # tearing down torch's modules takes a quarter of a second
