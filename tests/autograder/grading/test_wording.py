"""What students read about a check that did not pass."""

from __future__ import annotations

import sys

import pytest

from autograder.grading.wording import describe, message_of, status_of
from autograder.sandbox.session import (
    Frame,
    SubjectDied,
    SubjectError,
    SubjectMissing,
    SubjectNotLoaded,
    SubjectTimeout,
)
from autograder.suite import BehaviourError


def in_call(error, asked):
    error.asked = asked
    return error


FRAMES = (Frame(3, "forward", "return self.help(x)"), Frame(12, "help", "  return x @ y  "))
AT_MODULE = (Frame(4, "<module>", "import helper"),)

ONE_FILE = (
    "Only this one file is loaded. Helpers of your own belong in it; PyTorch, torchvision, NumPy and the standard "
    "library are there, and nothing else."
)

CAUSES = {
    "behaviour": (BehaviourError("the output differs", "look there"), "failed", "the output differs\nHint: look there"),
    "assertion with words": (AssertionError("the words\n"), "failed", "the words"),
    "assertion without words": (AssertionError(), "failed", "This check failed: The title."),
    "a value that cannot travel": (
        SubjectError("CannotTravelError", "nested tensors cannot be sent"),
        "error",
        "What your code returned cannot be handed to the check: nested tensors cannot be sent.",
    ),
    "unexpected": (
        KeyError("x" * 500),
        "failed",
        f"The check could not go on with what your code returned (KeyError: {repr('x' * 500)[:200]}).",
    ),
    "memory here": (RuntimeError("std::bad_alloc"), "failed", "What your code returned is too large for this check."),
    "exception": (
        SubjectError("ValueError", "seven", FRAMES),
        "error",
        "Your code raised ValueError: seven (line 12, in `help`: `return x @ y`).",
    ),
    "exception in one of several calls": (
        in_call(SubjectError("ValueError", "seven", FRAMES[:1]), "double(2)"),
        "error",
        "double(2): your code raised ValueError: seven (line 3, in `forward`: `return self.help(x)`).",
    ),
    "exception without text": (SubjectError("KeyError", ""), "error", "Your code raised KeyError."),
    "not implemented": (
        SubjectError("NotImplementedError", "double: implement f", (*FRAMES, Frame(14, "f", "raise NotImpl ..."))),
        "error",
        "Not implemented yet (double: implement f): line 14 still says so.",
    ),
    "not implemented in a library": (
        SubjectError("NotImplementedError", "Could not run 'aten::mm'", FRAMES[:1]),
        "error",
        "Your code raised NotImplementedError: Could not run 'aten::mm' (line 3, in `forward`: `return self.help(x)`).",
    ),
    "a stub's raise above finished code": (
        SubjectError("LeftoverRaise", "double: implement f", FRAMES[:1]),
        "error",
        "Delete line 3, `return self.help(x)`: what stands below it is never reached.",
    ),
    "not implemented without text": (SubjectError("NotImplementedError", ""), "error", "Not implemented yet."),
    "missing name": (SubjectMissing("NameError", "`a.py` does not define `f`"), "error", "`a.py` does not define `f`"),
    "state that does not fit": (
        SubjectError("StateDictError", "M(): no parameter or buffer is called `w`"),
        "error",
        "M(): no parameter or buffer is called `w`.",
    ),
    "exit": (
        SubjectError("SystemExit", "0", FRAMES[:1]),
        "error",
        "Your code stopped the program (SystemExit: 0) instead of returning a result "
        "(line 3, in `forward`: `return self.help(x)`).",
    ),
    "memory in Python": (
        SubjectError("MemoryError", "", FRAMES[:1]),
        "error",
        "Your code asked for more memory than it may use (line 3, in `forward`: `return self.help(x)`).",
    ),
    "memory in torch": (
        SubjectError("RuntimeError", "[enforce fail] DefaultCPUAllocator: not enough memory: you tried ..."),
        "error",
        "Your code asked for more memory than it may use.",
    ),
    "timeout": (SubjectTimeout("Timeout", "One call took longer."), "timeout", "One call took longer."),
    "end": (SubjectDied("ProcessEnded", "Your code crashed."), "error", "Your code crashed."),
    "lie": (
        SubjectDied("ProtocolError", "the answer could not be read: too large"),
        "error",
        "Your code raised ProtocolError: the answer could not be read: too large.",
    ),
    "import": (
        SubjectNotLoaded("ZeroDivisionError", "division by zero", AT_MODULE),
        "error",
        "Your file could not be imported. It raised ZeroDivisionError: division by zero (line 4: `import helper`).",
    ),
    "import of a helper": (
        SubjectNotLoaded("ModuleNotFoundError", "No module named 'helper'", AT_MODULE),
        "error",
        "Your file could not be imported. It raised ModuleNotFoundError: No module named 'helper' "
        "(line 4: `import helper`).\n"
        "Only this one file is loaded. Helpers of your own belong in it; PyTorch, torchvision, NumPy and the standard "
        "library are there, and nothing else.",
    ),
    "import that tries the block": (
        SubjectNotLoaded("RuntimeError", "bad shapes", (*AT_MODULE, Frame(2, "forward", "    return x @ w\n"))),
        "error",
        "Your file could not be imported. It raised RuntimeError: bad shapes (line 2, in `forward`: `return x @ w`).\n"
        "It was called from line 4: `import helper`. What stands at the top level runs when your file is imported; "
        'keep your own trials under `if __name__ == "__main__":`.',
    ),
    "relative import of a helper": (
        SubjectNotLoaded("ImportError", "attempted relative import with no known parent package", AT_MODULE),
        "error",
        "Your file could not be imported. It raised ImportError: attempted relative import with no known parent "
        f"package (line 4: `import helper`).\n{ONE_FILE}",
    ),
    "relative import of a helper by name": (
        SubjectNotLoaded("TypeError", "the 'package' argument is required to perform a relative import for '.a'"),
        "error",
        "Your file could not be imported. It raised TypeError: the 'package' argument is required to perform a "
        f"relative import for '.a'.\n{ONE_FILE}",
    ),
    "helper imported in a call": (
        SubjectError("ModuleNotFoundError", "No module named 'helper'", FRAMES[:1]),
        "error",
        "Your code raised ModuleNotFoundError: No module named 'helper' (line 3, in `forward`: `return self.help(x)`)."
        f"\n{ONE_FILE}",
    ),
    "file that was handed in, too": (
        SubjectError("FileNotFoundError", "[Errno 2] No such file or directory: 'helper.py'"),
        "error",
        "Your code raised FileNotFoundError: [Errno 2] No such file or directory: 'helper.py'.\n" + ONE_FILE,
    ),
    "name of a newer library": (
        SubjectNotLoaded("ImportError", "cannot import name 'override' from 'typing'", AT_MODULE),
        "error",
        "Your file could not be imported. It raised ImportError: cannot import name 'override' from 'typing' "
        "(line 4: `import helper`).\n"
        f"It was graded with Python {sys.version_info.major}.{sys.version_info.minor}, whose library does not have "
        "that.",
    ),
    "attribute of a newer library": (
        SubjectError("AttributeError", "module 'itertools' has no attribute 'batched'"),
        "error",
        "Your code raised AttributeError: module 'itertools' has no attribute 'batched'.\n"
        f"It was graded with Python {sys.version_info.major}.{sys.version_info.minor}, whose library does not have "
        "that.",
    ),
    "import that fails in a class": (
        SubjectNotLoaded("NameError", "name 'Tensor' is not defined", (*AT_MODULE, Frame(6, "<class>", "x: Tensor"))),
        "error",
        "Your file could not be imported. It raised NameError: name 'Tensor' is not defined (line 6: `x: Tensor`).",
    ),
    "import that fails in a function called in a class": (
        SubjectNotLoaded("ValueError", "", (*AT_MODULE, Frame(6, "<class>", "x = f()"), Frame(2, "f", "raise"))),
        "error",
        "Your file could not be imported. It raised ValueError (line 2, in `f`: `raise`).\n"
        "It was called from line 6: `x = f()`.",
    ),
    "import that fails in a decorator": (
        SubjectNotLoaded("ValueError", "", (Frame(6, "<module>", "@register"), Frame(2, "register", "raise"))),
        "error",
        "Your file could not be imported. It raised ValueError (line 2, in `register`: `raise`).\n"
        "It was called from line 6: `@register`.",
    ),
    "somebody should type": (
        SubjectError("EOFError", "EOF when reading a line", FRAMES[:1]),
        "error",
        "Your code waits for somebody to type (EOFError: EOF when reading a line), and nobody does while it is graded "
        "(line 3, in `forward`: `return self.help(x)`).",
    ),
    "lazy layers": (
        SubjectError("RuntimeError", "Can't access the shape of an uninitialized parameter or buffer. This error ..."),
        "error",
        "Lazy layers (`nn.LazyLinear`, `nn.LazyConv2d` and so on) have no parameters before the first forward, and the "
        "checks ask for names and shapes before that. Name the sizes, as in `nn.Linear(in_features, ...)` or "
        "`nn.Conv2d(in_channels, ...)`.",
    ),
    "import in a loop": (SubjectNotLoaded("Timeout", "Importing took longer."), "timeout", "Importing took longer."),
    "import that ends the process": (SubjectNotLoaded("ProcessEnded", "It crashed."), "error", "It crashed."),
}


@pytest.mark.parametrize(("cause", "status", "message"), CAUSES.values(), ids=CAUSES)
def test_every_cause_has_a_status_and_words(cause, status, message):
    assert status_of(cause) == status
    assert message_of(cause, "The title") == message


def test_a_failure_in_pytests_own_words_is_not_shown():
    with pytest.raises(pytest.fail.Exception) as caught:
        pytest.fail("an expected value")
    assert message_of(caught.value, "The title") == "This check failed: The title."


def test_lines_are_told_as_the_student_knows_them():
    error = SubjectError("ValueError", "", FRAMES)
    assert describe(error, lambda line: f"cell 3, line {line - 10}") == (
        "Your code raised ValueError (cell 3, line 2, in `help`: `return x @ y`)."
    )


ODD = [
    AssertionError("names: \x1b[2J\x07 \u202e \ud800"),
    BehaviourError("M(): `\x1b[2J\x07 \u202e \ud800` is not asked for"),
    SubjectError("StateDictError", "M(): `\x1b[2J\x07 \u202e \ud800` is not asked for"),
    ValueError("\x1b[2J\x07 \u202e \ud800"),
]


@pytest.mark.parametrize("cause", ODD, ids=lambda cause: type(cause).__name__)
def test_what_would_act_on_a_terminal_is_spelled_out(cause):
    message = message_of(cause, "The title")
    assert message.isprintable()
    assert r"\x1b[2J\x07 \u202e \ud800" in message


@pytest.mark.parametrize("character", ["x", "\x1b"])
def test_a_message_is_no_longer_than_people_read(character):
    message = message_of(AssertionError(f"begins {character * 1_000_000} ends"), "The title")
    assert message.startswith("begins ")
    assert message.endswith(" ends")
    assert len(message) < 7_000
