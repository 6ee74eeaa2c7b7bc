"""A message in pieces of prose and code, so that every form of a page shows it, and reads nothing in it as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = re.compile(
    r"`([^`]+)`"
    r"|(?<![\w.])((?a:[^\W\d][\w.]{0,99})\((?![가-힣])(?:[^()`]|\([^()`]*\))*\))"  # a call
    r"|(\[(?:[-\d., ]|'[^'`]*'|\"[^\"`]*\")*\])"  # an index, or a list
    r"|(\{[^{}`]*\})"
)
_WORD = re.compile(r"(?:[^\W_]|[,.;:()=%+'\"?!/–—…’“”-])+")
"""Letters of any script, digits, and marks that no dialect of Markdown gives a meaning inside a line."""
_PARTICLE = re.compile(r"(?<=.)(?:\([가-힣]{1,2}\))?[가-힣]+$")
"""What Korean puts behind a name without a space: `conv1.weight` is followed by 을, or by 을(를)."""
_SIGNS = frozenset({"*", "<", ">", "<=", ">="})
"""Harmless between two spaces."""
_BEGINS_A_BLOCK = re.compile(r"[-+=*<>]|\d+[.)]$")
_BECOMES_A_LINK = re.compile(r"://|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """Prose, which has no character that Markdown or HTML gives a meaning, or else code, which may have any."""

    text: str
    is_code: bool = False


Prose = tuple[Piece, ...]
"""One paragraph."""


def prose(line: str) -> Prose:
    """The pieces of a line. Blanks count in code alone; other white space is one blank each."""
    pieces: list[Piece] = []
    for piece in _pieces(re.sub(r"\s", " ", line).strip()):
        if not piece.text:
            continue
        if pieces and pieces[-1].is_code == piece.is_code:
            # Two pieces of code side by side would be one, or worse, in Markdown.
            piece = Piece(pieces.pop().text + piece.text, piece.is_code)
        pieces.append(piece)
    return tuple(pieces)


def _pieces(line: str) -> Iterator[Piece]:
    end = 0
    for found in _CODE.finditer(line):
        yield from _words(line[end : found.start()], at_start=end == 0)
        yield Piece(found[1] or found[0], is_code=True)
        end = found.end()
    yield from _words(line[end:], at_start=end == 0)


def _words(text: str, at_start: bool) -> Iterator[Piece]:
    for place, word in enumerate(re.split("( )", re.sub(" +", " ", text))):
        begins_a_block = at_start and place == 0 and _BEGINS_A_BLOCK.match(word)
        if word in ("", " ") or (_is_plain(word) and not begins_a_block):
            yield Piece(word)
        else:
            inner = _PARTICLE.sub("", word.strip(",.;:()?!"))
            before, _, after = word.partition(inner)
            yield from (Piece(before), Piece(inner, is_code=True), Piece(after))


def _is_plain(word: str) -> bool:
    return word in _SIGNS or bool(_WORD.fullmatch(word) and not _BECOMES_A_LINK.search(word))
