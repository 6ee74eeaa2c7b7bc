"""Jupyter notebooks: the code cells as text, and the cells as one piece of Python per exercise.

Outputs, attachments and metadata are never built in memory. A notebook is never run, by us or by a kernel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from autograder.submissions.files import MAX_SOURCE_BYTES, unix_lines
from autograder.submissions.magics import CellMagic, cell_magic, without_magics
from autograder.submissions.model import UnreadableError
from autograder.submissions.syntax import Fault, fault_in_cell

MAX_CELLS = 2_000


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among the code cells, from 1, its Python text, and its first syntax error, if any.

    `dropped` is the body that a magic keeps from being Python of the notebook.
    """

    number: int
    text: str
    fault: Fault | None
    magic: CellMagic
    dropped: str


class _Head(msgspec.Struct):
    nbformat: int


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str]


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


def read_cells(data: bytes, where: str) -> list[Cell]:
    """The code cells of a notebook. Raises UnreadableError, with a text for the student."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        try:
            sources = _sources(data, where)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            sources = _sources(_without_nan(data), where)
    except msgspec.ValidationError as error:
        raise UnreadableError(
            "{where} is not a notebook that Jupyter would write ({error}).", where, error=error
        ) from None
    except msgspec.DecodeError:
        raise UnreadableError("{where} is not a notebook: it is damaged, or not JSON. Save it again.", where) from None
    except UnicodeError:
        raise UnreadableError("{where} is not a notebook: it is not UTF-8 text. Save it again.", where) from None
    except RecursionError:
        raise UnreadableError("{where} is not a notebook: it is nested too deeply.", where) from None
    return [_cell(number, source) for number, source in enumerate(sources, start=1)]


def _sources(data: bytes | bytearray, where: str) -> list[str]:
    """Text of every code cell, in order. Raises msgspec.DecodeError, or UnreadableError."""
    version = msgspec.json.decode(data, type=_Head).nbformat
    if version != 4:
        raise UnreadableError(
            "{where} is a notebook of version {version}: save it as version 4.", where, version=version
        )
    cells = msgspec.json.decode(data, type=_Notebook).cells
    sources = [
        cell.source if isinstance(cell.source, str) else "".join(cell.source)
        for cell in cells
        if cell.cell_type == "code"
    ]
    if len(sources) > MAX_CELLS:
        raise UnreadableError("{where} has more than {most:,} code cells.", where, most=MAX_CELLS)
    if sum(map(len, sources)) > MAX_SOURCE_BYTES:
        raise UnreadableError("{where} holds more than {size} MB of code.", where, size=MAX_SOURCE_BYTES // 1_000_000)
    return sources


# Python's own json module writes these words, which are not JSON, into outputs (plots, for instance).
# A string that never ends is matched to the end, so that no text takes more than linear time.
_STRING_OR_NAN = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))|-?\bInfinity\b|\bNaN\b', re.DOTALL)


def _without_nan(data: bytes) -> bytearray:
    # In place, by a number of the same length: a list of all pieces would be far larger than the notebook.
    changed = bytearray(data)
    for match in _STRING_OR_NAN.finditer(data):
        if match[1] is None:
            changed[match.start() : match.end()] = b"0".ljust(match.end() - match.start())
    return changed


def _cell(number: int, source: str) -> Cell:
    text = unix_lines(source)
    fault = fault_in_cell(text)
    if fault is None:
        return Cell(number, text, None, CellMagic(), "")
    # Only now: a cell that is Python as it stands must not be changed.
    magic, python = cell_magic(text), without_magics(text)
    return Cell(number, python, fault_in_cell(python), magic, "" if magic.keeps_body else text)
