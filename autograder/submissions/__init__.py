"""The room that reads submissions: from what a class handed in to one source text per exercise.

It knows files, archives, notebooks and Python's syntax. It never imports or runs a student's code, and knows nothing of
torch, of suites or of results.
"""

from autograder.submissions.doubts import doubtful_lines
from autograder.submissions.evidence import with_evidence
from autograder.submissions.find import find_submissions, ignored_entries, refuse_results_inside
from autograder.submissions.model import (
    Contents,
    Expected,
    Finding,
    Problem,
    Segment,
    SourceFile,
    Submission,
)
from autograder.submissions.read import read_submission
from autograder.submissions.rules import forbidden_uses

__all__ = [
    "Contents",
    "Expected",
    "Finding",
    "Problem",
    "Segment",
    "SourceFile",
    "Submission",
    "doubtful_lines",
    "find_submissions",
    "forbidden_uses",
    "ignored_entries",
    "read_submission",
    "refuse_results_inside",
    "with_evidence",
]
