"""What a fuzzing run measures of its own process."""

from __future__ import annotations

import contextlib
import ctypes
import gc

import psutil


def memory() -> int:
    """MiB that are in use: garbage, and free blocks that the allocator only keeps for later, are given back first."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss) >> 20
