"""What students read about a check that did not pass: never a line of the suite, a path, or an expected tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from autograder.sandbox.session import (
    Frame,
    SubjectError,
    SubjectMissing,
    SubjectNotLoaded,
    SubjectTimeout,
    printable,
)
from autograder.suite.compare import BehaviourError

_MAX_MESSAGE = 6_000
"""Characters, a hint included."""

Position = Callable[[int], str]
"""Where a line of the source is, in the student's words: "line 12", or "cell 3, line 2" in a notebook."""


_OUT_OF_MEMORY = ("DefaultCPUAllocator", "std::bad_alloc")
"""How torch says that it got no memory."""


def plain_position(line: int) -> str:
    """The position in a plain file."""
    return f"line {line}"


def status_of(cause: BaseException) -> str:
    """The status of a check that raised `cause`."""
    if isinstance(cause, SubjectTimeout) or (isinstance(cause, SubjectNotLoaded) and cause.type_name == "Timeout"):
        return "timeout"
    return "error" if isinstance(cause, SubjectError) else "failed"


def message_of(cause: BaseException, title: str, position: Position = plain_position) -> str:
    """What a student may read about `cause`, which a check called `title` raised."""
    # A suite may put names and values from the code under test into its words: any characters, and as many.
    return cut(_message_of(cause, title, position), _MAX_MESSAGE)


def cut(text: str, characters: int) -> str:
    """`text` with what would act on a terminal spelled out, and without its middle where it is too long."""
    if len(text) > 2 * characters:
        text = text[:characters] + text[-characters:]
    text = printable(text)
    if len(text) <= characters:
        return text
    half = characters // 2
    return f"{text[:half]} ... {text[-half:]}"


def _message_of(cause: BaseException, title: str, position: Position) -> str:
    if isinstance(cause, BehaviourError):
        return str(cause)
    if isinstance(cause, SubjectError) and cause.ours:
        return "This check could not be carried out, and not because of your code. Please tell your instructor."
    if isinstance(cause, SubjectError):
        return describe(cause, position)
    if isinstance(cause, AssertionError) and str(cause).strip():
        return str(cause).strip()
    if isinstance(cause, AssertionError | pytest.fail.Exception):
        return f"This check failed: {title}."
    if isinstance(cause, MemoryError) or any(sign in str(cause) for sign in _OUT_OF_MEMORY):
        return "What your code returned is too large for this check."
    return f"The check could not go on with what your code returned ({type(cause).__name__}: {str(cause)[:200]})."


def describe(error: SubjectError, position: Position = plain_position) -> str:
    """An exception of the student's code in words: what was raised, and on which of the student's lines."""
    if isinstance(error, SubjectMissing) or error.type_name in ("Timeout", "ProcessEnded"):
        return error.text
    if error.type_name == "NotImplementedError":
        return f"Not implemented yet ({error.text})." if error.text else "Not implemented yet."
    raised = f"{error.type_name}: {error.text}" if error.text else error.type_name
    where = _where(error.frames, position)
    if error.type_name == "StateDictError":
        return f"{error.text}."
    if error.type_name == "MemoryError" or any(sign in error.text for sign in _OUT_OF_MEMORY):
        return f"Your code asked for more memory than it may use{where}"
    if error.type_name in ("SystemExit", "KeyboardInterrupt"):
        return f"Your code stopped the program ({raised}) instead of returning a result{where}"
    if isinstance(error, SubjectNotLoaded):
        return _not_loaded(error, raised, where, position)
    return f"Your code raised {raised}{where}"


def seen_use(name: str, line: int, position: Position = plain_position) -> str:
    """A use of something that the exercise does not allow, noticed while the code ran; `line` is 0 where unknown."""
    where = position(line) if line else "your code"
    return f"{where} reaches {name} while it runs, which this exercise does not allow"


def _not_loaded(error: SubjectNotLoaded, raised: str, where: str, position: Position) -> str:
    text = f"Your file could not be imported. It raised {raised}{where}"
    if error.type_name == "ModuleNotFoundError":
        return (
            f"{text}\nOnly this one file is loaded. Helpers of your own belong in it; PyTorch, torchvision, NumPy and "
            "the standard library are there, and nothing else."
        )
    if len(error.frames) > 1 and error.frames[0].function == "<module>":
        call = error.frames[0]
        return (
            f"{text}\nIt was called from {position(call.line)}: `{call.text.strip()}`. What stands at the top level "
            'runs when your file is imported; keep your own trials under `if __name__ == "__main__":`.'
        )
    return text


def _where(frames: Sequence[Frame], position: Position) -> str:
    """The innermost of the student's lines, as the end of a sentence."""
    if not frames:
        return "."
    last = frames[-1]
    inside = f", in `{last.function}`" if last.function and not last.function.startswith("<") else ""
    code = last.text.strip()
    return f" ({position(last.line)}{inside}" + (f": `{code}`)." if code else ").")
