"""What assignments say, in every language: nothing is missing, and each message of a suite can be made."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from catalogue import ASSIGNMENTS, ROOT, every_exercise

from autograder.course.assignment import open_assignment
from autograder.course.messages import messages
from autograder.course.translation import catalogues
from autograder.language import languages, speaking, tr
from autograder.language.engine import misfits, untranslated
from autograder.language.source import messages_of

TRANSLATED = languages()[1:]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("language", TRANSLATED)
def test_all_that_an_assignment_says_is_translated(assignment, language):
    layout, described = open_assignment(ROOT, assignment)
    path = layout.catalogue(language)
    assert untranslated(path, messages(layout, described)) == []
    assert misfits(path) == []


@every_exercise
def test_pictures_of_the_korean_handout_have_korean_words(exercise):
    section = exercise.layout.section(exercise.name, ".ko.md").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"\]\((pictures/[^)]*)\)", section) if ".ko." not in name] == []


def made(template):
    """A message, and the names of what was put into it."""
    parts = list(Formatter().parse(template))
    text = "".join(literal + ("" if name is None else "1") for literal, name, _, _ in parts)
    return text, {name for _, name, _, _ in parts if name is not None}


@every_exercise
@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_of_a_suite_can_be_made(exercise, language):
    layout = exercise.layout
    suites = [path.read_text(encoding="utf-8") for path in sorted(layout.suite(exercise.name).glob("test_*.py"))]
    texts = {each.text for suite in suites for each in messages_of(suite) if "{" in each.text}
    with speaking(language, catalogues(layout, language)):
        for source, told in ((made(text), made(tr(text))) for text in sorted(texts)):
            assert told[0].strip(), source
            assert told[1] == source[1], source
