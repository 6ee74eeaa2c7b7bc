"""How it is told that code took too long. Imports nothing that only some systems have, so students' laptops use it."""

from __future__ import annotations

from autograder.sandbox.session import SubjectTimeout


class NoWorkerError(Exception):
    """The machine cannot start a worker: a fault of ours, which must not cost a student anything."""


def took_too_long(loading: bool, seconds: float) -> SubjectTimeout:
    """The error for one question whose answer did not come in time: the file's import, or a call."""
    what = "Importing your file" if loading else "One call of your code"
    text = f"{what} took longer than {seconds:g} s and was stopped. Is there a loop that does not end?"
    return SubjectTimeout("Timeout", text)


def used_up(seconds: float) -> SubjectTimeout:
    """The error for the question during which an exercise's time, `seconds` in all, came to an end."""
    text = f"Stopped: with this call, the {seconds:g} s for this exercise were used up. Is every call slow?"
    return SubjectTimeout("Timeout", text)


def not_run() -> SubjectTimeout:
    """The error for a question that is not put any more."""
    return SubjectTimeout("Timeout", "Not run: earlier checks of this exercise already ran out of time.")
