"""What students read about a check that did not pass: never a line of the suite, a path, or an expected tensor."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence

import pytest

from autograder.language import mark, tr
from autograder.sandbox.exceptions import CLASS_BODY, LEFTOVER
from autograder.sandbox.session import (
    Frame,
    SubjectError,
    SubjectMissing,
    SubjectNotLoaded,
    SubjectTimeout,
    SuiteError,
    printable,
)
from autograder.submissions.syntax import python_version
from autograder.suite.failures import BehaviourError

_MAX_MESSAGE = 6_000
"""Characters, a hint included."""

Position = Callable[[int], str]
"""Where a line of the source is, in the student's words: "line 12", or "cell 3, line 2" in a notebook."""


_RELATIVE_IMPORT = "relative import"
_NOT_IN_LIBRARY = re.compile(r"(?:cannot import name '\w+' from|^module) '([\w.]+)'")
"""How Python says that a module is there, and lacks something."""
_TOP_LEVEL = ("<module>", CLASS_BODY)
_ABOUT_TRIALS = mark(
    "What stands at the top level runs when your file is imported; keep your own trials under "
    '`if __name__ == "__main__":`.'
)
_OUT_OF_MEMORY = ("DefaultCPUAllocator", "std::bad_alloc")
"""How torch says that it got no memory."""


def plain_position(line: int) -> str:
    """The position in a plain file."""
    return tr("line {number}", number=line)


def fault_of(cause: BaseException | None) -> str:
    """What is wrong with the suite itself, for instructors; empty where `cause` is the code under test's."""
    if isinstance(cause, SuiteError):
        return f"the suite cannot ask that: {cause}"
    if isinstance(cause, SubjectError) and cause.ours:
        return f"the reference solution raised {cause}"
    return ""


def status_of(cause: BaseException) -> str:
    """The status of a check that raised `cause`."""
    if isinstance(cause, SubjectTimeout) or (isinstance(cause, SubjectNotLoaded) and cause.type_name == "Timeout"):
        return "timeout"
    return "error" if isinstance(cause, (SubjectError, SuiteError)) else "failed"


def kind_of(cause: BaseException | None) -> str:
    """What sort of failure it is, where anything follows from that: `TestResult.kind`."""
    if isinstance(cause, BehaviourError):
        return {"names": "names", "value": "value", "precision": "value"}.get(cause.kind, "")
    if not isinstance(cause, SubjectError) or cause.ours:
        return ""
    if _is_not_written(cause):
        return "not_written"
    if isinstance(cause, SubjectMissing):
        return "missing"
    return {LEFTOVER: "leftover" if cause.frames else "", "StateDictError": "names"}.get(cause.type_name, "")


def _is_not_written(error: SubjectError) -> bool:
    at_raise = not error.frames or error.frames[-1].text.startswith("raise")
    return error.type_name == "NotImplementedError" and at_raise


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
    if fault_of(cause):
        return tr("This check could not be carried out, and not because of your code. Please tell your instructor.")
    if isinstance(cause, SubjectError):
        return describe(cause, position)
    if isinstance(cause, AssertionError) and str(cause).strip():
        return str(cause).strip()
    if isinstance(cause, AssertionError | pytest.fail.Exception):
        return tr("This check failed: {title}.", title=title)
    if isinstance(cause, MemoryError) or any(sign in str(cause) for sign in _OUT_OF_MEMORY):
        return tr("What your code returned is too large for this check.")
    return tr(
        "The check could not go on with what your code returned ({raised}).",
        raised=f"{type(cause).__name__}: {str(cause)[:200]}",
    )


def describe(error: SubjectError, position: Position = plain_position) -> str:
    """An exception of the student's code in words: what was raised, and on which of the student's lines."""
    if isinstance(error, SubjectMissing) or error.type_name in ("Timeout", "ProcessEnded"):
        return error.text
    if _is_not_written(error):
        what = f" ({error.text})" if error.text else ""
        if not error.frames:
            return tr("Not implemented yet{what}.", what=what)
        return tr("Not implemented yet{what}: {where} still says so.", what=what, where=position(error.frames[-1].line))
    if error.type_name == "CannotTravelError":
        return tr("What your code returned cannot be handed to the check: {problem}.", problem=error.text)
    text = error.text if error.text.endswith("..") else error.text.removesuffix(".")
    raised = f"{error.type_name}: {text}" if text else error.type_name
    where = _where(error.frames, position)
    if error.type_name == LEFTOVER and error.frames:
        last = error.frames[-1]
        return tr(
            "Delete {where}, `{code}`: what stands below it is never reached.",
            where=position(last.line),
            code=last.text.strip(),
        )
    if error.type_name == "StateDictError":
        return f"{error.text}."
    if error.type_name == "MemoryError" or any(sign in error.text for sign in _OUT_OF_MEMORY):
        return tr("Your code asked for more memory than it may use{where}", where=where)
    if error.type_name in ("SystemExit", "KeyboardInterrupt"):
        return tr(
            "Your code stopped the program ({raised}) instead of returning a result{where}", raised=raised, where=where
        )
    if error.type_name in ("EOFError", "BdbQuit"):
        return tr(
            "Your code waits for somebody to type ({raised}), and nobody does while it is graded{where}",
            raised=raised,
            where=where,
        )
    if "uninitialized parameter" in error.text:
        return tr(
            "Lazy layers (`nn.LazyLinear`, `nn.LazyConv2d` and so on) have no parameters before the "
            "first forward, and the checks ask for names and shapes before that. Name the sizes, as in "
            "`nn.Linear(in_features, ...)` or `nn.Conv2d(in_channels, ...)`{where}",
            where=where,
        )
    if isinstance(error, SubjectNotLoaded):
        said = tr("Your file could not be imported. It raised {raised}{where}", raised=raised, where=where)
    else:
        said = tr("Your code raised {raised}{where}", raised=raised, where=where)
        if error.asked:
            said = tr("{asked}: your code raised {raised}{where}", asked=error.asked, raised=raised, where=where)
    return "\n".join([said, *_advice(error, position)])


def seen_use(name: str, line: int, position: Position = plain_position) -> str:
    """A use of something that the exercise does not allow, noticed while the code ran; `line` is 0 where unknown."""
    where = position(line) if line else tr("your code")
    return tr("{where} reaches {name} while it runs, which this exercise does not allow", where=where, name=name)


def _advice(error: SubjectError, position: Position) -> Iterator[str]:
    """What else helps, a sentence or two each."""
    if error.type_name in ("ModuleNotFoundError", "FileNotFoundError") or _RELATIVE_IMPORT in error.text:
        yield tr(
            "Only this one file is loaded. Helpers of your own belong in it; PyTorch, torchvision, NumPy and the "
            "standard library are there, and nothing else."
        )
        return
    library = _NOT_IN_LIBRARY.search(error.text)
    if library is not None and library[1].partition(".")[0] in sys.stdlib_module_names:
        yield tr(
            "It was graded with Python {python_version}, whose library does not have that.",
            python_version=python_version(),
        )
    calls = [frame.function not in (*_TOP_LEVEL, "") for frame in error.frames]
    if isinstance(error, SubjectNotLoaded) and any(calls) and not calls[0]:
        call = error.frames[calls.index(True) - 1]
        trial = call.function == "<module>" and not call.text.startswith("@")
        told = tr("It was called from {where}: `{code}`.", where=position(call.line), code=call.text.strip())
        yield f"{told} {tr(_ABOUT_TRIALS)}" if trial else told


def _where(frames: Sequence[Frame], position: Position) -> str:
    """The innermost of the student's lines, as the end of a sentence."""
    if not frames:
        return "."
    last = frames[-1]
    inside = (
        tr(", in `{function}`", function=last.function) if last.function and not last.function.startswith("<") else ""
    )
    code = last.text.strip()
    return f" ({position(last.line)}{inside}" + (f": `{code}`)." if code else ").")
