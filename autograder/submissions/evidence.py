"""What an instructor is shown of a source where an exercise forbids something."""

from __future__ import annotations

from dataclasses import replace

from autograder.submissions.doubts import doubtful_lines
from autograder.submissions.model import MOST_USES, Expected, SourceFile
from autograder.submissions.rules import forbidden_uses


def with_evidence(source: SourceFile, wanted: Expected) -> SourceFile:
    """The source with uses of what is not allowed, and doubtful lines."""
    if not wanted.forbidden:
        return source
    uses = [use.message for use in forbidden_uses(source, wanted.forbidden, wanted.names)]
    return replace(source, uses=tuple(uses[:MOST_USES]), doubtful=tuple(doubtful_lines(source)))
