"""What IPython understands and Python does not: magics, shell lines, help. They are taken out, line numbers stay.

Only text is looked at. A line inside a string or brackets is never touched (`%` is an operator there).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

# Cell magics whose body runs as ordinary code of the notebook, so that what it defines stays.
_KEEPS_BODY = frozenset({"time", "capture", "prun"})

# These write their body into a file; of a Python file, it is read as if it stood in the notebook.
_WRITES = frozenset({"writefile", "file"})

_CELL_MAGIC = re.compile(r"%%(!|[A-Za-z]\w*)(.*)")
_LINE_MAGIC = re.compile(
    r"""(?P<indent>[ \t]*)(?![ \t])(?:
        %{1,2}[A-Za-z_]            # %matplotlib inline
      | !                          # !pip install torch
      | \?{1,2}[ \t]*[\w.*%]       # ?nn.Conv2d
      | (?:pip3?|conda|mamba)[ \t]+(?:install|uninstall|list|show|freeze)\b     # a magic that needs no sign
      | [\w.,\t []*[\w\]][ \t]*=[ \t]*(?:%[A-Za-z_]|!)                          # files = !ls
      | %{0,2}[A-Za-z_][\w.*]*(?:\[[\w.'"]*\])?\?{1,2}[ \t]*(?:;[ \t]*)?$       # nn.Conv2d?
    )""",
    re.VERBOSE,
)
_SIGN = re.compile(r"\\.|\"{3}|'{3}|[\"'#()\[\]{}]")


@dataclass(frozen=True)
class CellMagic:
    """What stands at the top of a cell and says what becomes of the rest: `%%time`, `%%writefile layers.py`.

    `writes` is the name of the Python module that is written, or "". `keeps_body` says whether the rest is read.
    """

    name: str = ""
    writes: str = ""
    keeps_body: bool = True


def cell_magic(text: str) -> CellMagic:
    """The magic of a cell; without a name when it has none."""
    match = _CELL_MAGIC.match(text.lstrip())
    if match is None:
        return CellMagic()
    writes = _module_written(match[2]) if match[1] in _WRITES else ""
    return CellMagic(f"%%{match[1]}", writes, match[1] in _KEEPS_BODY or bool(writes))


def without_magics(text: str) -> str:
    """The cell's text with every IPython line replaced by `pass` at the same indentation, or by a blank line."""
    lines = text.split("\n")
    magic = cell_magic(text)
    if not magic.keeps_body:
        return "\n" * (len(lines) - 1)
    if magic.name:
        lines[next(index for index, line in enumerate(lines) if line.strip())] = ""
    return "\n".join(_python_lines(lines))


def _module_written(arguments: str) -> str:
    files = [word.strip("\"'") for word in arguments.split() if not word.startswith("-")]
    path = PurePosixPath(files[-1].replace("\\", "/")) if files else PurePosixPath()
    return path.stem if path.suffix == ".py" else ""


def _python_lines(lines: list[str]) -> list[str]:
    kept: list[str] = []
    quote, depth, joined = "", 0, False
    command = False
    for line in lines:
        if command:  # the line before ended in a backslash: this one is still the shell's
            kept.append("")
            command = line.endswith("\\")
        elif not (quote or depth or joined) and (match := _LINE_MAGIC.match(line)):
            kept.append(match["indent"] + "pass")
            command = line.endswith("\\")
        else:
            kept.append(line)
            quote, depth, joined = _after(line, quote, depth)
    return kept


def _after(line: str, quote: str, depth: int) -> tuple[str, int, bool]:
    """What the line after this one begins inside of: a string with this quote, so many brackets, a joined line."""
    place = 0
    while match := _SIGN.search(line, place):
        sign, place = match[0], match.end()
        if quote:
            if sign.startswith(quote):
                quote, place = "", match.start() + len(quote)
        elif sign.startswith("\\"):
            place = match.start() + 1  # what it is before stands for itself outside of a string
        elif sign == "#":
            return "", depth, False
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth = max(depth - 1, 0)
        else:
            quote = sign
    joined = line.endswith("\\")
    # A one-line string that was not closed ends with its line: the syntax check will say so.
    return "" if len(quote) == 1 and not joined else quote, depth, joined
