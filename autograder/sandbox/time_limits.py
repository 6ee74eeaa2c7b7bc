"""How long code may take. Imports no torch, which the process that hands out submissions does without."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeLimits:
    """Limits that the grader keeps: wall-clock time in seconds without that in line for a processor (see `clock`), and
    what it takes in."""

    load: float = 15.0
    question: float = 10.0
    exercise: float = 60.0
    timeouts: int = 2
    """After so many questions without an answer in time, the rest of the exercise is not asked."""
    comparing: float = 120.0
    """Processor time of the grader itself; for honest answers it needs a few seconds, our own solution's included."""
    answer_bytes: int = 1 << 30
    """All answers of an exercise together: the grader keeps them for diagnosis until its end."""
