"""The course: what assignments ask, where their files are, and the stubs that students start from.

Stubs are made by `autograder.course.stubs`. Nothing here imports a submission, a solution or a suite.
"""

from autograder.course.assignment import (
    Assignment,
    Deadline,
    Exercise,
    Feedback,
    Gradescope,
    Limits,
    Visibility,
    load_assignment,
)
from autograder.course.layout import Layout, assignment_names, find_project
from autograder.course.suites import exercise_hashes, judging_files, suite_hash

__all__ = [
    "Assignment",
    "Deadline",
    "Exercise",
    "Feedback",
    "Gradescope",
    "Layout",
    "Limits",
    "Visibility",
    "assignment_names",
    "exercise_hashes",
    "find_project",
    "judging_files",
    "load_assignment",
    "suite_hash",
]
