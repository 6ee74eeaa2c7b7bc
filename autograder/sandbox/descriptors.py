"""What a freshly forked process holds open: nothing but the socket to the one who asked for it."""

from __future__ import annotations

import os
import socket
from typing import Any

_SOCKET = 3


def only_socket(connection: socket.socket) -> socket.socket:
    """Close every file but `connection`, which is returned anew; standard streams lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.dup2(connection.fileno(), _SOCKET, inheritable=False)
    connection.detach()
    os.closerange(_SOCKET + 1, _most_files())
    return socket.socket(fileno=_SOCKET)


def _most_files() -> int:
    most: Any = os.sysconf("SC_OPEN_MAX")
    return min(int(most), 65_536) if most > 0 else 65_536
