"""Time as a worker has it: what it stands in line for a processor that others use costs it nothing.

A busy machine would otherwise take marks away, and the same seed would not give the same results.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time


class WorkerClock:
    """The clock of one worker, read by its grader. Where the kernel tells nothing, as on macOS, nothing is late."""

    def __init__(self, pid: int) -> None:
        self._processor = (~pid << 3) | 2  # as clock_getcpuclockid(3) makes it of a process
        self._lines: list[int] = []
        if sys.platform == "linux":
            # While the grader stands in line itself, an answer that came in time is not read.
            for process in (str(pid), "thread-self"):
                with contextlib.suppress(OSError):
                    self._lines.append(os.open(f"/proc/{process}/schedstat", os.O_RDONLY | os.O_CLOEXEC))
        self._start = self._read() if self._lines else (0.0, 0.0)

    def late(self) -> float:
        """Seconds since its start that do not count: those in line for a processor, unless its own threads had it."""
        try:
            waited, idle = self._read() if self._lines else (0.0, 0.0)
        except OSError:  # it has ended
            return 0.0
        return max(0.0, min(waited - self._start[0], idle - self._start[1]))

    def close(self) -> None:
        """Read no more of it."""
        while self._lines:
            os.close(self._lines.pop())

    def _read(self) -> tuple[float, float]:
        """Seconds that its main thread and the grader stood in line, and those in which none of its threads worked."""
        waited = sum(int(os.pread(line, 80, 0).split()[1]) for line in self._lines) * 1e-9
        return waited, time.monotonic() - time.clock_gettime(self._processor)
