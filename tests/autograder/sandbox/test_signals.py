"""A worker may signal itself, which costs its own student only, and nobody else, whoever runs it."""

from __future__ import annotations

import pytest

TEXT = """
import ctypes, os, signal

def attempt(code):
    try:
        return eval(code)
    except BaseException as error:
        return type(error).__name__

def thread_signal(group, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    return os.strerror(ctypes.get_errno()) if libc.syscall(234, group, thread, 0) < 0 else 0
"""


@pytest.fixture
def attempt(in_worker, needs_layer):
    needs_layer("seccomp")
    return in_worker(TEXT).attempt


@pytest.mark.parametrize(
    "target", ["os.getppid()", "1 if os.getpid() > 1 else 2", "-1", "0", "-os.getpid()", "-os.getppid()", "2"]
)
def test_nobody_else_is_signalled(attempt, target):
    assert attempt(f"os.kill({target}, 0)") == "PermissionError"


def test_a_thread_of_somebody_else_is_not_signalled(attempt):
    assert attempt("thread_signal(os.getppid(), os.getppid())") == "Operation not permitted"


def test_it_may_signal_itself(attempt):
    assert attempt("os.kill(os.getpid(), 0)") is None
    assert attempt("thread_signal(os.getpid(), os.getpid())") == 0
    assert attempt("(signal.signal(signal.SIGUSR1, signal.SIG_IGN), signal.raise_signal(signal.SIGUSR1))[1]") is None
