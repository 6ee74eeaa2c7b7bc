"""A student's page as Markdown, of which nothing that a student wrote is read as Markdown or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import TextWrapper

from autograder.course.assignment import Assignment
from autograder.language import tr
from autograder.results import words
from autograder.results.model import Excerpt, Number, Result, TestResult
from autograder.results.page import First, Known, Other, Page, Section, evidence
from autograder.results.prose import Prose, prose

_NARROW = 72
"""Columns of a student's line: no renderer of Markdown breaks it."""


def feedback(page: Page) -> str:
    """The whole page."""
    return "\n\n".join(_page(page)) + "\n"


def traces(result: Result, assignment: Assignment) -> str:
    """For instructors: uses of what is not allowed, and every check that did not pass, with its traceback."""
    parts = [f"\n---\n\n# {tr(words.FOR_INSTRUCTORS)}", words.run(result)]
    for exercise in evidence(result, assignment):
        parts.append(f"## {exercise.title}")
        for sentence, lines in exercise.flags:
            parts += [sentence, _block(lines)]
        for trace in exercise.traces:
            parts += [f"### `{trace.heading}`", _block(trace.message.splitlines()), _block(trace.trace.splitlines())]
    return "\n\n".join(parts) + "\n"


def markdown(section: Section, level: int = 2) -> list[str]:
    """The paragraphs about one exercise."""
    parts = [f"{'#' * level} {section.heading}", *map(inline, section.reason)]
    if section.excerpt is not None:
        parts += _excerpt(section.excerpt)
    if section.first is not None:
        parts += _first(section.first)
    if section.others:
        parts.append(f"**{tr(words.OTHERS)}**\n\n" + "\n".join(map(_other, section.others)))
    return [*parts, inline(section.closing)] if section.closing else parts


def inline(paragraph: Prose) -> str:
    """A paragraph on one line."""
    return "".join(_code(piece.text) if piece.is_code else piece.text for piece in paragraph)


def message(test: TestResult) -> list[str]:
    """The paragraphs of one check's message."""
    told, hint = words.without_hint(test.message)
    parts = [inline(prose(line)) for line in told]
    if hint:
        parts.append(f"**{tr(words.HINT)}** {inline(prose(hint))}")
    return [*parts, side_by_side(test.numbers)] if test.numbers else parts


def side_by_side(numbers: Iterable[Number]) -> str:
    """A table of what was returned and what was expected."""
    rows = [f"| {' | '.join(map(tr, words.NUMBERS))} |", "|---|---|---|"]
    return "\n".join([*rows, *(f"| {each.where} | {each.got} | {each.expected} |" for each in numbers)])


def behaviour(known: Known) -> list[str]:
    """The paragraphs about what code behaves like."""
    if not known.several:
        return [f"**{inline(known.told)}**", f"**{tr(words.HINT)}** {inline(known.hint)}"]
    rows = [f"- {inline(told)} **{tr(words.HINT)}** {inline(hint)}" for told, hint in known.several]
    return [inline(known.told), "\n".join(rows)]


def _page(page: Page) -> list[str]:
    parts = [f"# {page.title}", f"**{words.of_student(_name(page.student), page.marks)}**"]
    parts += [f"> {inline(note)}" for note in page.notes]
    rows = [f"| {' | '.join(map(tr, words.TABLE))} |", "|---|---|---|"]
    rows += [f"| {title} | {points} | {state} |" for title, points, state, _ in page.rows]
    parts.append("\n".join(rows))
    if page.start:
        parts.append(tr(words.START))
    for section in page.sections:
        parts += markdown(section)
    return parts


def _first(first: First) -> list[str]:
    parts = [f"*{inline(first.title)}*", *map(inline, first.message)]
    if first.hint:
        parts.append(f"**{tr(words.HINT)}** {inline(first.hint)}")
    if first.excerpt is not None:
        parts += _excerpt(first.excerpt)
    if first.known is not None:
        parts += behaviour(first.known)
    if first.example:
        parts.append(f"{tr(words.EXAMPLE)} {inline(first.example)}")
    if first.numbers:
        parts.append(side_by_side(first.numbers))
    return [*parts, first.cost]


def _other(other: Other) -> str:
    return f"- {inline(other.told)} {other.cost}"


def _excerpt(excerpt: Excerpt) -> list[str]:
    width = len(str(excerpt.number + len(excerpt.lines) - 1))
    lines = [
        f"{'>' if place == excerpt.marked else ' '} {excerpt.number + place:{width}}  {line}"
        for place, line in enumerate(excerpt.lines)
    ]
    wrap = TextWrapper(_NARROW, subsequent_indent=" " * (width + 4), break_on_hyphens=False).wrap
    return [
        words.at_fault(excerpt.where),
        _block(part for line in lines for part in wrap(line)),
    ]


def _name(student: str) -> str:
    """A student's name, as code if anything in it has a meaning in Markdown."""
    return student if re.fullmatch(r"[^\W_]+(?:[_ .-][^\W_]+)*", student) else _code(student)


def _code(text: str) -> str:
    """As code, between more back quotes than there are in it."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    return f"`{text}`" if not longest else f"{'`' * (longest + 1)} {text} {'`' * (longest + 1)}"


def _block(lines: Iterable[str]) -> str:
    """An indented block: nothing in it is read as Markdown or HTML."""
    return "\n".join(f"    {line}" for line in lines)
