"""Ends code that does not come to an end: a thread that interrupts the main thread, as Ctrl-C does, on every system."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autograder.sandbox.protocol import Load, Message
from autograder.sandbox.session import Line, not_run, took_too_long


class StoppedByUser(BaseException):
    """Ctrl-C was pressed while code under test was running."""


class ClockedLine:
    """A line to code in this process that may take only so long for one question.

    Code that is inside one long call of a library is interrupted when that returns, not before.
    """

    def __init__(self, line: Line, load_seconds: float, question_seconds: float) -> None:
        self._line, self._load_seconds, self._question_seconds = line, load_seconds, question_seconds
        self._late = False

    def exchange(self, question: Message) -> Message:
        """The answer. Raises SubjectTimeout when it took too long, and for every later question."""
        if self._late:
            raise not_run()
        loading = isinstance(question.body, Load)
        seconds = self._load_seconds if loading else self._question_seconds
        with _interrupted_after(seconds) as interrupts:
            answer = self._line.exchange(question)
        if interrupts.by_clock:
            self._late = True
            raise took_too_long(loading, seconds) from None
        if interrupts.by_user:
            raise StoppedByUser
        return answer

    def close(self) -> None:
        self._line.close()


class _Interrupts:
    """Who has interrupted, so far."""

    def __init__(self) -> None:
        self.by_clock = self.by_user = self.over = False
        self.lock = threading.Lock()

    def on_signal(self, *_: Any) -> None:
        if not self.by_clock:
            self.by_user = True
        raise KeyboardInterrupt

    def on_time(self) -> None:
        with self.lock:  # not once the answer is there, or it would hit what comes after
            if not self.over:
                self.by_clock = True
                _interrupt_main_thread()


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # a real signal wakes a call that sleeps, too
    else:
        _thread.interrupt_main()


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[_Interrupts]:
    """Raise KeyboardInterrupt in what runs inside once `seconds` are over; only in the main thread, where it can be."""
    interrupts = _Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, interrupts.on_signal)
    timer = threading.Timer(seconds, interrupts.on_time)
    timer.daemon = True
    timer.start()
    try:
        try:
            yield interrupts
        finally:
            with interrupts.lock:
                interrupts.over = True
            timer.cancel()
    except KeyboardInterrupt:
        # It came between two lines of ours; who wanted it is known.
        if not (interrupts.by_clock or interrupts.by_user):
            raise
    finally:
        signal.signal(signal.SIGINT, before)
