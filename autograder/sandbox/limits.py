"""How it is told that code took too long. Imports nothing that only some systems have, so students' laptops use it."""

from __future__ import annotations

from autograder.language import mark, tr
from autograder.sandbox.session import SubjectTimeout


class NoWorkerError(Exception):
    """The machine cannot start a worker: a fault of ours, which must not cost a student anything."""


def took_too_long(loading: bool, seconds: float) -> SubjectTimeout:
    """The error for one question whose answer did not come in time: the file's import, or a call."""
    text = (
        mark("Importing your file took longer than {seconds:g} s and was stopped. Is there a loop that does not end?")
        if loading
        else mark(
            "One call of your code took longer than {seconds:g} s and was stopped. Is there a loop that does not end?"
        )
    )
    return SubjectTimeout("Timeout", tr(text, seconds=seconds))


def used_up(seconds: float) -> SubjectTimeout:
    """The error for the question during which an exercise's time, `seconds` in all, came to an end."""
    text = tr(
        "Stopped: with this call, the {seconds:g} s for this exercise were used up. Is every call slow?",
        seconds=seconds,
    )
    return SubjectTimeout("Timeout", text)


def not_run() -> SubjectTimeout:
    """The error for a question that is not put any more."""
    return SubjectTimeout("Timeout", tr("Not run: earlier checks of this exercise already ran out of time."))
