"""Speaks the language of an assignment.

A catalogue lies beside what it translates, `assignments/<assignment>/locale/<language>.po`. An exercise that is used by
another assignment brings its own along.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from autograder.course.assignment import Assignment
from autograder.course.layout import Layout
from autograder.language import SOURCE, require_language, speak, tr


def speak_of(layout: Layout, assignment: Assignment, language: str = "") -> Assignment:
    """Speak the assignment's language, or another one, from now on; the assignment in it. Raises UsageError."""
    language = language or assignment.language
    require_language(language)
    speak(language, catalogues(layout, language))
    return in_this_language(structs.replace(assignment, language=language))


def words_of(layout: Layout, assignment: Assignment) -> tuple[object, ...]:
    """What messages are made of beside the engine and the suites, for fingerprints."""
    if assignment.language == SOURCE:
        return ()
    return assignment.language, *(
        path.read_bytes() for path in catalogues(layout, assignment.language) if path.is_file()
    )


def catalogues(layout: Layout, language: str) -> list[Path]:
    """The assignment's own catalogue, and those that its exercises of other assignments bring."""
    return [layout.catalogue(language), *(layout.home(name).catalogue(language) for name in layout.homes)]


def in_this_language(assignment: Assignment) -> Assignment:
    """Titles and hints in the language of this process."""
    exercises = tuple(
        structs.replace(each, title=tr(each.title), hints=tuple(map(tr, each.hints))) for each in assignment.exercises
    )
    return structs.replace(assignment, title=tr(assignment.title), exercises=exercises)
