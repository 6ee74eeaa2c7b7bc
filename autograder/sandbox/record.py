"""What code was asked and what it answered, check by check: made once, read by whoever wants to know."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.sandbox.protocol import Call, Load, Message, Reset
from autograder.sandbox.session import Line, SubjectError


@dataclass(frozen=True)
class Exchange:
    """A question and its reply; `lost` says how none came."""

    question: Message
    reply: Message | None
    lost: str = ""


Record = list[Exchange]
"""All exchanges of one check, in order."""


class RecordingLine:
    """A line that keeps the record of the check at hand."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._record: Record = []

    def exchange(self, question: Message) -> Message:
        if isinstance(question.body, (Load, Reset)):
            return self._line.exchange(question)
        # In this process, the code gets the very tensors of a call and may change them.
        kept = question.copy() if isinstance(question.body, Call) else question
        try:
            reply = self._line.exchange(question)
        except SubjectError as error:
            self._record.append(Exchange(kept, None, error.type_name))
            raise
        self._record.append(Exchange(kept, reply))
        return reply

    def take(self) -> Record:
        """The record since the last call of this."""
        record, self._record = self._record, []
        return record

    def close(self) -> None:
        self._line.close()
