"""What each check of an exercise is worth, once all of them have been asked.

Two rules go beyond "a check that passes gives its points". Points for form (`@pytest.mark.form`) count only beside a
right value of the same function or class. And what follows from one cause is lost once: a check that fails with the
same difference as an earlier one costs what its suite says (`@pytest.mark.points(n, again=m)`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.grading.suites import Outcome
from autograder.language import mark, tr
from autograder.sandbox.session import SubjectDied, SubjectError, SubjectMissing, SubjectNotLoaded, SubjectTimeout
from autograder.suite.failures import BehaviourError, without_numbers

_WITHHELD = mark("Names and form count once a hidden check of what the code computes passes.")
_WITHHELD_OF = mark("Names and form count once a hidden check of what {names} computes passes.")
_AGAIN = mark("The same difference as in an earlier check, so it costs less here.")


@dataclass(frozen=True)
class Mark:
    """The points that an outcome gives."""

    outcome: Outcome
    points: Fraction
    note: str = ""
    """For the student: why they are not what the status alone would give."""


def marks(outcomes: Sequence[Outcome]) -> list[Mark]:
    """The marks of one exercise, in the order of `outcomes`.

    A check of values that passes shows that what it asked for computes something; of anything else, neither form nor a
    repeated difference is worth a point. Public checks show nothing: whoever reads them can write their answers down.
    """
    hidden = [outcome for outcome in outcomes if not outcome.check.public]
    # Students have the public checks alone.
    proving = [each for each in hidden or outcomes if each.status == "passed" and not each.check.form]
    proven = frozenset(name for each in proving for name in each.names)
    repeated = _repeated(outcomes)
    return [
        _mark(outcome, bool(proving) and (not outcome.names or bool(outcome.names & proven)), place in repeated)
        for place, outcome in enumerate(outcomes)
    ]


def _mark(outcome: Outcome, proven: bool, repeated: bool) -> Mark:
    check = outcome.check
    if outcome.status == "passed":
        if proven or not check.form:
            return Mark(outcome, check.points)
        names = ", ".join(f"`{name}`" for name in sorted(outcome.names))
        return Mark(outcome, Fraction(0), tr(_WITHHELD_OF, names=names) if names else tr(_WITHHELD))
    if repeated and proven and check.again < check.points:
        return Mark(outcome, check.points - check.again, tr(_AGAIN))
    return Mark(outcome, Fraction(0))


def _repeated(outcomes: Sequence[Outcome]) -> set[int]:
    """Places of the outcomes whose difference an earlier one has, too.

    Public checks come first, so that what students see of them does not depend on hidden ones.
    """
    seen: set[object] = set()
    repeated: set[int] = set()
    for place, outcome in sorted(enumerate(outcomes), key=lambda entry: not entry[1].check.public):
        difference = first_difference(outcome.cause)
        if difference in seen:
            repeated.add(place)
        elif difference is not None:
            seen.add(difference)
    return repeated


def first_difference(cause: BaseException | None) -> object | None:
    """What a check failed for, equal for failures that are one and the same, numbers aside.

    Either the quantity and how it differs, or an exception of the student's code and the line that raised it. None
    where there is nothing to compare: the check passed, or there was no answer.
    """
    match cause:
        case BehaviourError():
            return cause.difference
        case SubjectMissing() | SubjectNotLoaded() | SubjectDied() | SubjectTimeout():
            return None
        case SubjectError(ours=True) | SubjectError(type_name="NotImplementedError"):
            return None
        case SubjectError() if cause.difference:
            return without_numbers(cause.difference)
        case SubjectError():
            # No line of the student's is on the way where a call does not fit a signature.
            return (cause.type_name, cause.frames[-1].line if cause.frames else without_numbers(cause.text))
        case AssertionError() if str(cause).strip():
            return without_numbers(cause.args[0] if isinstance(cause.args[0], str) else str(cause))
        case _:
            return None
