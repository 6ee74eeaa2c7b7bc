"""A Python that has imported torch already: every program that it runs is a fork of it, and a process of its own.

`import torch` takes a second of processor time, which is most of what a test costs that runs a small program with it.
What this Python is given to run finds `torch` in memory; all else is as in any other: folder, environment, arguments,
streams, exit status, and nothing of the project, so that a student's zip is tried with its own copy of the engine.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import types
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = ("numpy", "torch", "pytest", "rich.console", "msgspec", "watchfiles", "ipykernel.kernelapp")
"""What is imported beforehand."""
CLIENT = """#!{python} -IS
import json, os, signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
socket.send_fds(server, [b"."], [0, 1, 2])
server.sendall(json.dumps([os.getcwd(), dict(os.environ), sys.argv]).encode() + b"\\n")
sys.exit(int(server.recv(8) or 1))
"""


@contextlib.contextmanager
def forked_python() -> Iterator[str]:
    """The path of a Python that runs programs in forks of a process with torch."""
    if sys.platform != "linux":  # the tests pass there, too, with more patience
        yield sys.executable
        return
    with tempfile.TemporaryDirectory(prefix="python-") as folder:
        address, client = Path(folder, "socket"), Path(folder, "python")
        client.write_text(CLIENT.format(python=sys.executable, address=str(address)))
        client.chmod(0o700)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        with subprocess.Popen(
            [sys.executable, __file__, address],
            env=environment | {"PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,  # it ends when this is closed
            stdout=subprocess.PIPE,
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline()
            yield str(client)


def next_client(listener: socket.socket) -> socket.socket:
    """Fork for every client; returns in the forks."""
    waiting: set[int] = set()
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        pid = os.fork()
        if pid == 0:
            return connection
        connection.close()
        waiting = {pid for pid in {*waiting, pid} if os.waitpid(pid, os.WNOHANG) == (0, 0)}
    sys.exit()


def become(connection: socket.socket) -> list[str]:
    """Fork once more for the program of a client; returns its command line there, with its folder and streams.

    What has forked waits for the program, tells the client how it ended, and ends it when the client is gone.
    """
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    folder, environment, command = json.loads(connection.makefile().readline())
    pid = os.fork()
    if pid:
        for stream in streams:
            os.close(stream)
        ended = os.pidfd_open(pid)
        if ended not in select.select([connection, ended], [], [])[0]:
            os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with contextlib.suppress(OSError):
            connection.sendall(b"%d" % (status if status >= 0 else 128 - status))
        os._exit(0)
    connection.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        os.dup2(streams[number], number)
        os.close(streams[number])
        stream = os.fdopen(number, mode, buffering=1 if name == "stderr" else -1, encoding=encoding, closefd=False)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    return list(command)


def run(python: str, what: str, *arguments: str) -> None:
    """As `python what arguments` would: a script, `-m` with a module, or `-c` with a program."""
    sys.executable = python
    sys.path[0] = {"-c": "", "-m": os.getcwd()}.get(what) or os.path.dirname(os.path.abspath(what))
    sys.path[1:1] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    if what == "-c":
        program, *arguments = arguments
        sys.argv = [what, *arguments]
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(program, "<string>", "exec"), vars(main))
    elif what == "-m":
        sys.argv = list(arguments)
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [what, *arguments]
        runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # forks that end do not look through all of torch for what could be freed
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        print("ready", flush=True)
        connection = next_client(listener)
    run(*become(connection))
