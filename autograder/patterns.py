"""Dotted names in which a `*` stands for any characters, dots included. Without regular expressions: a worker would
spend milliseconds on compiling them."""

from __future__ import annotations

from collections.abc import Iterable


class NamePatterns:
    """A set of patterns: "torch.nn.LSTMCell", "torch.nn.LSTM*", "torch.ops.aten.*lstm*"."""

    def __init__(self, patterns: Iterable[str]) -> None:
        every = tuple(patterns)
        self.exact = frozenset(pattern for pattern in every if "*" not in pattern)
        starred = [pattern.split("*") for pattern in every if "*" in pattern]
        self.beginnings = tuple(first for first, *rest in starred if rest == [""])
        """Of the patterns that end with their only `*`."""
        self._others = [pieces for pieces in starred if pieces[1:] != [""]]
        self._other_beginnings = tuple(first for first, *_ in self._others)
        self.literal_beginnings = (*self.exact, *(first for first, *_ in starred))
        """What every name that matches begins with one of."""

    def match(self, name: str) -> bool:
        """Whether one of the patterns is this whole name."""
        if name in self.exact or name.startswith(self.beginnings):
            return True
        return name.startswith(self._other_beginnings) and any(_match(pieces, name) for pieces in self._others)


def _match(pieces: list[str], name: str) -> bool:
    first, *middle, last = pieces
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    place, end = len(first), len(name) - len(last)
    for piece in middle:
        found = name.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True
