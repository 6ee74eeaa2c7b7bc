"""Jupyter notebooks: the code cells as text, and the cells as one piece of Python per exercise.

Outputs, attachments and metadata are never built in memory. A notebook is never run, by us or by a kernel.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


class _AnyCell(msgspec.Struct):
    cell_type: str
    source: str | list[str]


class _Notebook4(msgspec.Struct):
    cells: list[_AnyCell]


class _OldCell(msgspec.Struct):
    cell_type: str
    input: str | list[str] | None = None  # versions 2 and 3
    code: str | list[str] | None = None  # version 1


class _Worksheet(msgspec.Struct):
    cells: list[_OldCell] = []


class _Notebook2(msgspec.Struct):
    worksheets: list[_Worksheet]


class _Notebook1(msgspec.Struct):
    cells: list[_OldCell]


def read_cells(data: bytes, where: str) -> list[Cell]:
    """The code cells of a notebook of any version. Raises UnreadableError, with a text for the student."""
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
    if version == 4:
        cells = msgspec.json.decode(data, type=_Notebook4).cells
        return _within_limits([cell.source for cell in cells if cell.cell_type == "code"], where)
    if version in (2, 3):
        sheets = msgspec.json.decode(data, type=_Notebook2).worksheets
        old = [cell.input or "" for sheet in sheets for cell in sheet.cells if cell.cell_type == "code"]
    elif version == 1:
        cells1 = msgspec.json.decode(data, type=_Notebook1).cells
        old = [cell.code or "" for cell in cells1 if cell.cell_type == "code"]
    else:
        raise UnreadableError(
            "{where} is a notebook of version {version}: save it as version 4.", where, version=version
        )
    # Before they are converted, which takes a millisecond for a cell.
    return _within_limits(_converted(version, _within_limits(old, where), where), where)


def _within_limits(sources: Sequence[str | list[str]], where: str) -> list[str]:
    if len(sources) > MAX_CELLS:
        raise UnreadableError("{where} has more than {most:,} code cells.", where, most=MAX_CELLS)
    joined = [source if isinstance(source, str) else "".join(source) for source in sources]
    if sum(map(len, joined)) > MAX_SOURCE_BYTES:
        raise UnreadableError("{where} holds more than {size} MB of code.", where, size=MAX_SOURCE_BYTES // 1_000_000)
    return joined


def _converted(version: int, sources: list[str], where: str) -> list[str]:
    """Source texts of an old notebook, after nbformat has brought it to version 4."""
    # Not at the top: it takes a fifth of a second, and hardly anyone hands in a notebook of 2014.
    nbformat: Any = importlib.import_module("nbformat")

    cell: dict[str, Any] = {
        "cell_type": "code",
        "outputs": [],
        "collapsed": False,
        "language": "python",
        "metadata": {},
    }
    if version == 1:
        notebook = {"nbformat": 1, "cells": [{"cell_type": "code", "code": source} for source in sources]}
    else:
        cells = [cell | {"input": source} for source in sources]
        sheets = [{"cells": cells, "metadata": {}}]
        notebook = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about cells without an id, on the terminal of whoever grades
            converted = nbformat.convert(nbformat.from_dict(notebook), 4)
        return [str(cell["source"]) for cell in converted["cells"]]
    except Exception:  # nbformat's converters raise whatever comes up
        raise UnreadableError("{where} is an old notebook that cannot be converted: save it again.", where) from None


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
