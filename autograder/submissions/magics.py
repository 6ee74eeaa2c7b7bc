"""What IPython understands and Python does not: magics, shell lines, help. They are taken out, line numbers stay.

Only text is looked at. A line inside a string or brackets is never touched (`%` is an operator there).
"""

from __future__ import annotations

import re

# Cell magics whose body runs as ordinary code of the notebook, so that what it defines stays.
_KEEPS_BODY = frozenset({"time", "capture", "prun"})

_CELL_MAGIC = re.compile(r"%%(!|[A-Za-z]\w*)")
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
_QUOTE = re.compile(r'"""|' + r"'''" + r"""|["']""")


def without_magics(text: str) -> str:
    """The cell's text with every IPython line replaced by `pass` at the same indentation, or by a blank line."""
    lines = text.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is not None and (magic := _CELL_MAGIC.match(lines[first])):
        if magic[1] not in _KEEPS_BODY:
            return "\n" * (len(lines) - 1)
        lines[first] = ""
    return "\n".join(_python_lines(lines))


def _python_lines(lines: list[str]) -> list[str]:
    kept: list[str] = []
    state = _Inside()
    command = False
    for line in lines:
        if command:  # the line before ended in a backslash: this one is still the shell's
            kept.append("")
            command = line.endswith("\\")
        elif state.at_start and (match := _LINE_MAGIC.match(line)):
            kept.append(match["indent"] + "pass")
            command = line.endswith("\\")
        else:
            kept.append(line)
            state = state.after(line)
    return kept


class _Inside:
    """What a line of code begins inside of: a string, brackets, or a line joined by a backslash."""

    def __init__(self, quote: str = "", depth: int = 0, joined: bool = False) -> None:
        self._quote = quote
        self._depth = depth
        self._joined = joined

    @property
    def at_start(self) -> bool:
        """Whether the line begins a statement."""
        return not self._quote and self._depth == 0 and not self._joined

    def after(self, line: str) -> _Inside:
        """The same for the next line."""
        quote, depth, index = self._quote, self._depth, 0
        while index < len(line):
            character = line[index]
            if quote:
                if character == "\\":
                    index += 1
                elif line.startswith(quote, index):
                    index += len(quote) - 1
                    quote = ""
            elif character == "#":
                return _Inside("", depth)
            elif match := _QUOTE.match(line, index):
                quote = match[0]
                index += len(quote) - 1
            elif character in "([{":
                depth += 1
            elif character in ")]}":
                depth = max(depth - 1, 0)
            index += 1
        joined = line.endswith("\\")
        if len(quote) == 1 and not joined:
            quote = ""  # a string that was not closed: the syntax check will say so
        return _Inside(quote, depth, joined)
