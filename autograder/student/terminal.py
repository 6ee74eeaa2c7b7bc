"""Prints for people: in colours where the terminal has them, in plain ASCII signs where it cannot show others."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from autograder.language import tr
from autograder.results.model import Number
from autograder.results.words import EXAMPLE, NUMBERS
from autograder.student import picture
from autograder.student.results import Gap

PASSED, FAILED, NOT_STARTED = "passed", "failed", "not started"
"""What has become of an exercise, in a sign."""
_SHADES, _PLAIN_SHADES = "·░▒▓█!", ".-+*#!"
"""By level; the last is for what is no number."""
_PICTURE = 60
"""Columns of a picture; a wider one is drawn without its numbers."""
_LABEL = 12
"""Characters of a name, beside which the rows of a value may stand; behind a longer one they stand below."""
_NARROWEST = 20
"""Columns; where there are fewer, lines are broken by the terminal."""
_SIGNS = {PASSED: ("✓", "ok", "green"), FAILED: ("✗", "x", "red"), NOT_STARTED: ("·", "-", "dim")}


class Terminal:
    """Shows texts in the order in which they come; a terminal has lines broken between words, a file as they are."""

    def __init__(self, file: TextIO | None = None) -> None:
        """`file` is what to print to; without it, standard output."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                with contextlib.suppress(ValueError):  # closed, or already read from
                    stream.reconfigure(errors="replace")  # a message may hold what this console cannot show
        self._console = Console(
            file=file,
            force_terminal=None if file is None else False,
            force_jupyter=False,  # it would show, in a notebook, what is to be returned
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
        self._signs_are_plain = not _can_show(self._console.encoding)

    def line(self, text: str = "", style: str = "") -> None:
        """A line by itself; an empty one for a gap."""
        self._print(Text(text, style))

    def indented(self, text: str) -> None:
        """Text below a heading, line by line."""
        for line in text.splitlines():
            self._print(Text(line), "  ")

    def verdict(self, sign: str, exercise: str, told: str, width: int) -> None:
        """One line about one exercise; `width` is that of the longest name."""
        sign, plain, style = _SIGNS[sign]
        shown = f"{plain:2}" if self._signs_are_plain else sign
        self._print(Text("  ").append(shown, style).append(f" {exercise:{width}}  {told}"))

    def numbers(self, numbers: Sequence[Number]) -> None:
        """The few numbers that were compared, side by side."""
        head = [tr(title) for title in NUMBERS]
        rows = [head, *([each.where, each.got, each.expected] for each in numbers)]
        if not any(each.where for each in numbers):
            rows = [row[1:] for row in rows]
        widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
        self.indented(tr(EXAMPLE))
        for row in rows:
            cells = (set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True))
            self._print(Text("   ".join(cells)), "    ")

    def picture(self, gaps: Sequence[Gap]) -> None:
        """How far off images are."""
        most, shades = picture.largest(gaps), _PLAIN_SHADES if self._signs_are_plain else _SHADES
        for gap in gaps:
            self.indented(picture.caption(gap))
            texts = [[picture.text(value) for value in row] for row in gap.rows]
            room = max(cell_len(text) for row in texts for text in row)
            numbered = len(texts[0]) * (room + 4) <= _PICTURE
            for row, told in zip(gap.rows, texts, strict=True):
                signs = [shades[picture.level(value, most)] for value in row]
                cells = [f"{sign} {set_cell_size(text, room)}" for sign, text in zip(signs, told, strict=True)]
                self._print(Text("  ".join(cells) if numbered else " ".join(signs)), "    ")
        legend = tr(
            "{right} right   {least} to {most} more and more, up to {size:.3g}",
            right=shades[picture.RIGHT],
            least=shades[1],
            most=shades[picture.LEVELS],
            size=most,
        )
        if any(value is None for gap in gaps for row in gap.rows for value in row):
            legend = f"{legend}   {tr('{none} no number', none=shades[picture.NO_NUMBER])}"
        self.indented(legend)

    def folded(self, heading: str, text: str) -> None:
        """What is only read by whoever unfolds it: nothing can be folded here."""

    def code(self, where: str, text: str, values: Sequence[tuple[str, str]]) -> None:
        """A line of the student's code, and what its names and parts came to."""
        self._print(Text(where, "dim").append(f"  {text}", "bold"), "  ", " " * 10)
        for label, value in values:
            first, *others = value.split("\n")
            beside = len(label) <= _LABEL or not others
            self._print(Text(f"{label} = {first}" if beside else f"{label} ="), "      ", "    ")
            for row in others if beside else (first, *others):
                self._print(Text(row), " " * (len(label) + 9 if beside else 10), "    ")

    def clear(self) -> None:
        """An empty screen, where it is a terminal."""
        if self._console.is_terminal:
            self._console.clear()

    def _print(self, text: Text, indentation: str = "", hanging: str = "") -> None:
        """Print a text; `hanging` comes before its second line and those that follow, after the indentation."""
        lines = [text]
        if self._console.is_terminal:
            width = self._console.width - len(indentation) - len(hanging)
            lines = list(text.wrap(self._console, max(_NARROWEST, width))) or [text]
        for number, line in enumerate(lines):
            line.rstrip()
            before = Text(indentation + (hanging if number else "")) if line.plain else Text()
            self._console.print(before.append_text(line), soft_wrap=True)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken between words; letters of Korean are two columns wide."""
    lines = Text(text).wrap(Console(), max(_NARROWEST, width))
    return [line.plain.rstrip() for line in lines]


def _can_show(encoding: str) -> bool:
    try:
        "".join([_SHADES, *(sign for sign, _, _ in _SIGNS.values())]).encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return False
    return True
