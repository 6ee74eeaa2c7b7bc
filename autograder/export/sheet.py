"""A CSV file whose cells can be replaced while all its other bytes stay as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
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
    rows = _rows(text, delimiter)
    if not rows:
        raise UsageError(f"{path} is empty.")
    # The places found here are only trusted where the library's own reader sees the same cells.
    library = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    found = ([cell.value for cell in row] for row in rows)
    number = 1
    with suppress(csv.Error):  # of a cell that does not end
        for row, own in zip_longest(library, found):
            if row != own:
                break
            number += 1
        else:
            return Sheet(path, bom, encoding, text, delimiter, tuple(rows))
    raise UsageError(f"{path}, row {number}: quotes in odd places; download it again, without opening it.")


def _rows(text: str, delimiter: str) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    cells: list[Cell] = []
    ends = rf"({delimiter}|\r\n|[\r\n]|\Z)"
    for found in re.finditer(rf'(?:"([^"]*(?:""[^"]*)*)"|([^{delimiter}\r\n]*)){ends}', text):
        quoted, bare, end = found.groups()
        value = bare if quoted is None else quoted.replace('""', '"')
        cells.append(Cell(found.start(), found.start(3), value))
        if end != delimiter:
            if len(cells) > 1 or value:
                rows.append(tuple(cells))
            cells = []
    return rows
