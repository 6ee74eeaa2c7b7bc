"""A student's page as HTML: one file that opens without a request, in the dark, on paper and by a screen reader."""

from __future__ import annotations

from autograder.course.assignment import Assignment
from autograder.pages.page import page as html_page
from autograder.results import words
from autograder.results.model import Result
from autograder.results.page import Page, evidence


def student_html(page: Page) -> bytes:
    """What a student sees."""
    return html_page("autograder.results", "feedback", page=page, words=words, evidence=(), run="")


def instructor_html(page: Page, result: Result, assignment: Assignment) -> bytes:
    """The same page, with evidence and what the suites saw folded away below it."""
    behind = evidence(result, assignment)
    return html_page("autograder.results", "feedback", page=page, words=words, evidence=behind, run=words.run(result))
