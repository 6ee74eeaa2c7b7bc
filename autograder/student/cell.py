"""Shows in a notebook what `Terminal` shows, as HTML: lines break between words, hints can be unfolded, and a picture
of a difference has colours beside its numbers.

All styles stand in the elements, since notebooks keep nothing else, and colours come in pairs of letters and ground, so
that they can be read on any page, light or dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograder.language import tr
from autograder.results.model import Number
from autograder.results.prose import prose
from autograder.results.words import EXAMPLE, NUMBERS
from autograder.student import picture
from autograder.student.results import Gap
from autograder.student.terminal import FAILED, NOT_STARTED, PASSED

_SIGNS = {PASSED: ("✓", "#fff", "#1a7f37"), FAILED: ("✗", "#fff", "#b3261e"), NOT_STARTED: ("·", "#fff", "#57606a")}
"""Sign, letters and ground."""
_COLOURS = {
    picture.NO_NUMBER: ("#fff", "#5b2a86"),
    picture.RIGHT: ("#1b1b1b", "#f4f4f4"),
    1: ("#1b1b1b", "#fee6ce"),
    2: ("#1b1b1b", "#fdae6b"),
    3: ("#1b1b1b", "#f0803c"),
    4: ("#fff", "#8c2d04"),
}
"""Letters and ground, by level: each pair has a contrast of 4.5 or more."""
_FRAME = "border: 1px solid #888; padding: 0.1em 0.5em"
_AS_IT_IS = "font-family: monospace; white-space: pre-wrap"


class Cell:
    """Has the methods of `Terminal` that show something."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    @property
    def html(self) -> str:
        # Korean is broken between words, too; a name that is longer than a line, anywhere.
        style = "max-width: 50em; word-break: keep-all; overflow-wrap: anywhere"
        return _element("div", style, "".join(self._parts))

    def line(self, text: str = "", style: str = "") -> None:
        if text:
            heading = style == "bold"
            self._add("p", "font-weight: bold; margin: 1em 0 0.2em" if heading else "margin: 0.2em 0", _with_code(text))

    def indented(self, text: str) -> None:
        for line in text.splitlines():
            if line.startswith(" ") or "  " in line:  # columns of numbers
                self._add("p", f"margin: 0 0 0 1.5em; {_AS_IT_IS}", escape(line))
            else:
                self._add("p", "margin: 0.2em 0 0.2em 1.5em", _with_code(line))

    def verdict(self, sign: str, exercise: str, told: str, width: int) -> None:
        sign, letters, ground = _SIGNS[sign]
        shown = _element("span", f"color: {letters}; background: {ground}; padding: 0 0.4em", sign)
        name = _element("code", "margin: 0 0.6em", escape(exercise))
        self._add("p", "margin: 0.2em 0", f"{shown}{name}{escape(told)}")

    def numbers(self, numbers: Sequence[Number]) -> None:
        head = "".join(_element('th scope="col"', _FRAME, escape(tr(title))) for title in NUMBERS)
        rows = [(each.where, each.got, each.expected) for each in numbers]
        told = ["".join(_element("td", _FRAME, escape(text)) for text in row) for row in rows]
        self.indented(tr(EXAMPLE))
        self._parts.append(_table([head, *told]))

    def picture(self, gaps: Sequence[Gap]) -> None:
        most, figures = picture.largest(gaps), []
        for gap in gaps:
            head = "".join(_element('th scope="col"', "", str(column)) for column in range(len(gap.rows[0])))
            rows = ["".join(_pixel(value, most) for value in row) for row in gap.rows]
            told = [_element('th scope="row"', "", str(number)) + row for number, row in enumerate(rows)]
            caption = _element("figcaption", "", escape(picture.caption(gap)))
            table, in_words = _table(["<td></td>" + head, *told]), escape(picture.in_words(gap))
            figures.append(_element("figure", "margin: 0; max-width: 20em", caption + table + in_words))
        self._add("div", "display: flex; flex-wrap: wrap; gap: 1em; margin: 0.4em 0 0.6em 1.5em", "".join(figures))

    def folded(self, heading: str, text: str) -> None:
        summary = _element("summary", "cursor: pointer", escape(heading))
        told = _element("p", "margin: 0.2em 0 0.2em 1.5em", _with_code(text))
        self._add("details", "margin: 0.2em 0", summary + told)

    def code(self, where: str, text: str, values: Sequence[tuple[str, str]]) -> None:
        self._add("p", f"margin: 0.4em 0 0 1.5em; {_AS_IT_IS}", f"{escape(where)}  <b>{escape(text)}</b>")
        for label, value in values:
            rows = "\n    " + value.replace("\n", "\n    ") if "\n" in value else f" {value}"
            self._add("p", f"margin: 0 0 0 4em; {_AS_IT_IS}", escape(f"{label} ={rows}"))

    def _add(self, tag: str, style: str, content: str) -> None:
        self._parts.append(_element(tag, style, content))


def _table(rows: Sequence[str]) -> str:
    body = "".join(_element("tr", "", row) for row in rows)
    return _element("table", "margin: 0.4em 0 0.4em 1.5em; border-collapse: collapse", body)


def _pixel(value: float | None, most: float) -> str:
    letters, ground = _COLOURS[picture.level(value, most)]
    style = f"{_FRAME}; color: {letters}; background: {ground}; text-align: center; min-width: 1.5em"
    return _element("td", style, picture.text(value) or ("·" if value == 0 else "!"))


def _element(tag: str, style: str, content: str) -> str:
    """`tag` may have attributes behind its name."""
    name = tag.partition(" ")[0]
    return f'<{tag} style="{style}">{content}</{name}>' if style else f"<{tag}>{content}</{name}>"


def _with_code(line: str) -> str:
    pieces = ((escape(piece.text), piece.is_code) for piece in prose(line))
    return "".join(f"<code>{text}</code>" if is_code else text for text, is_code in pieces)
