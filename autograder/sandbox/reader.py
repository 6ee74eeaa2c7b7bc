"""The process that reads one submission: confines itself, takes its bytes, hands back what is in it, and ends."""

from __future__ import annotations

import os
import signal
import socket

from autograder.language import SOURCE, languages, speaking, tr
from autograder.sandbox.isolation import Allowance, Isolation, only_socket
from autograder.submissions.confined import answer, order
from autograder.submissions.model import Expected, File, HandedIn

ALLOWANCE = Allowance(memory_mb=1024, cpu_seconds=5, file_mb=0, disk_mb=1, files=100, processes=1)
"""What people hand in takes hundredths of a second, and a hundredth of the memory."""
READY = b"!"
"""What a reader says, unasked, when it is confined. Until then nothing of a student's has come to it."""
TOO_LARGE = 72
"""Exit status of a reader whose memory was used up."""


def prepare() -> None:
    """Read something, so that nobody who is forked from here does it for the first time."""
    text = b"import torch\n\n\nclass Block(torch.nn.Module):\n    def forward(self, x):\n        return x\n"
    expected = Expected("block", "block.py", ("Block",), text.decode(), ("torch.nn.LSTM*",))
    for language in (*languages(), *[SOURCE] * 3):  # catalogues are out of a reader's reach
        with speaking(language):
            answer(order(HandedIn(True, (File(b"block.py", text),)), [expected]))


def run(connection: socket.socket, slot: int, isolation: Isolation) -> None:
    """Become a reader: never returns. `slot` tells those that live at the same time apart."""
    status = 70
    try:
        line = only_socket(connection)
        isolation.apply(ALLOWANCE, None, slot)
        line.sendall(READY)
        line.sendall(answer(b"".join(iter(lambda: line.recv(1 << 20), b""))))
        status = 0
    except MemoryError:
        status = TOO_LARGE
    finally:
        os._exit(status)


def how_it_ended(status: int) -> str:
    """The wait status of a reader that did not say what it read, in words."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGXCPU):
        return tr("it crashes Python's own reading of it")
    if os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == TOO_LARGE:
        return tr("that takes more time or memory than there is for it")
    return tr("it is unlike anything that is handed in")
