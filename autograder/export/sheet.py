"""A CSV file whose cells can be replaced while all its other bytes stay as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Cell:
    """Where a cell's text stands, with its quotes, and what it says."""

    start: int
    end: int
    value: str


@dataclass(frozen=True)
class Sheet:
    """The rows of a CSV file. `bom` and `encoding` are the file's own."""

    path: Path
    bom: bytes
    encoding: str
    text: str
    delimiter: str
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def header(self) -> list[str]:
        return [cell.value for cell in self.rows[0]]

    def value(self, row: int, column: int | None) -> str:
        """Text of a cell without spaces around it; empty where there is none."""
        cells = self.rows[row]
        return cells[column].value.strip() if column is not None and column < len(cells) else ""

    def replaced(self, values: Mapping[tuple[int, int], str]) -> bytes:
        """The file's bytes with other values in some cells, given by row and column; quotes stay where there were."""
        text, done = [], 0
        for (row, column), value in sorted(values.items()):
            cell = self.rows[row][column]
            was_quoted = self.text[cell.start : cell.start + 1] == '"'
            text += [self.text[done : cell.start], f'"{value}"' if was_quoted or self.delimiter in value else value]
            done = cell.end
        text.append(self.text[done:])
        return self.bom + "".join(text).encode(self.encoding)


def read_sheet(path: Path) -> Sheet:
    """Raises UsageError for what is no CSV file of commas, semicolons or tabs."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    if data.startswith(b"PK") or len(data) > _MAX_BYTES:
        raise UsageError(f"{path} is not a CSV file: download the gradebook as CSV (Blackboard: delimited, not XLS).")
    bom, encoding = next(((bom, name) for bom, name in _BOMS if data.startswith(bom)), (b"", "utf-8"))
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeError:
        raise UsageError(f"{path} is not {encoding.upper()}: download it again, without opening it.") from None
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",\t;", key=first.count)
    rows = _rows(text, delimiter, path)
    if not rows:
        raise UsageError(f"{path} is empty.")
    # The places found here are only trusted where the library's own reader sees the same cells.
    library = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if library != [[cell.value for cell in row] for row in rows]:
        raise UsageError(f"{path} has quotes in odd places: download it again, without opening it.")
    return Sheet(path, bom, encoding, text, delimiter, tuple(rows))


def _rows(text: str, delimiter: str, path: Path) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    cells: list[Cell] = []
    ends = re.compile(rf"[{delimiter}\r\n]")
    place = 0
    while place < len(text):
        start = place
        if text[place] == '"':
            place += 1
            while True:
                place = text.find('"', place)
                if place < 0:
                    raise UsageError(f"{path}, row {len(rows) + 1}: a quote is not closed.")
                if text[place + 1 : place + 2] != '"':
                    break
                place += 2
            place += 1
            value = text[start + 1 : place - 1].replace('""', '"')
        else:
            found = ends.search(text, place)
            place = found.start() if found else len(text)
            value = text[start:place]
        cells.append(Cell(start, place, value))
        if text[place : place + 1] == delimiter:
            place += 1
            if place < len(text):
                continue
            cells.append(Cell(place, place, ""))
        elif place < len(text) and text[place] not in "\r\n":
            raise UsageError(f"{path}, row {len(rows) + 1}: text after a closing quote.")
        place += 2 if text[place : place + 2] == "\r\n" else 1
        if len(cells) > 1 or cells[0].value:
            rows.append(tuple(cells))
        cells = []
    return rows
