"""File names: which are clutter, which are safe to use or to show, and which look like the one that was wanted."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import islice

from autograder.language import tr

MAX_NAME_CHARACTERS = 100
# File systems count bytes, at most 255 of them; what is left over is for a suffix and an extension.
_MAX_NAME_BYTES = 200

_CLUTTER = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "Icon\r"})

# Control and format characters (also those that reverse the direction of writing), lone surrogates, line separators.
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# What people, browsers and file managers add to a name when there is already a file of that name.
_ADDED = re.compile(
    r"(?:\s*\(\d+\)|[-_ ]+(?:copy|final|fixed|new|old|edited|submission|submit|solution|answer|done|v?\d+)"
    r"|(?<=[a-z])\d+)$"
)
_FOREIGN_WORD = re.compile("[\udc80-\udcff]{2,}")
_PYTHON_SUFFIX = re.compile(r"(?:\.py\.txt|\.pyw|\.py3|\.py|\.txt)\Z", re.IGNORECASE)
_SIMILAR = 0.75
_MOST_COMPARED = 200

RENAMED_NOTEBOOK = re.compile(r"\.ipynb\.(?:json|txt)$", re.IGNORECASE)
"""Browsers that know no notebooks save them so."""


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is what a system leaves behind, or hidden."""
    return name.startswith(".") or name in _CLUTTER


def same_name_key(name: str) -> str:
    """Equal for names that some file system takes for the same: case and Unicode form do not count."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def safe_name(name: str) -> str:
    """The name as every file system takes it: no separators, control characters or leading dots, not too long."""
    # A word in an encoding that is not this system's is spelled out: left out, it would leave nobody's name.
    name = _FOREIGN_WORD.sub(lambda word: "".join(f"%{byte:02X}" for byte in os.fsencode(word[0])), name)
    name = unicodedata.normalize("NFC", name)
    kept = "".join(c for c in name if unicodedata.category(c) not in INVISIBLE)
    kept = re.sub(r'[/\\:*?"<>|]', "_", kept)
    kept = re.sub(r"\s+", " ", kept).lstrip(". ")
    return _cut(kept, MAX_NAME_CHARACTERS) or "unnamed"


def with_suffix(name: str, suffix: str) -> str:
    """A safe name with something added, cut so that the whole is still a safe name."""
    return _cut(name, MAX_NAME_CHARACTERS - len(suffix)) + suffix


def _cut(name: str, characters: int) -> str:
    name = name[:characters]
    while len(name.encode()) > _MAX_NAME_BYTES:
        name = name[:-1]
    return name.rstrip(". ")


def plain(name: str, most: int = 80) -> str:
    """A name as a message may show it: one short line without back quotes or control characters."""
    kept = "".join("?" if unicodedata.category(c) in INVISIBLE or c == "`" else c for c in name)
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def shown(name: str) -> str:
    """A file name as a message quotes it, in back quotes that it cannot break out of."""
    return f"`{plain(name)}`"


def listed(names: Sequence[str], at_most: int = 5) -> str:
    """Quoted names as a phrase: "`a.py`, `b.py` and 3 more"."""
    first = ", ".join(shown(name) for name in names[:at_most])
    rest = len(names) - at_most
    return tr("{first} and {rest} more", first=first, rest=rest) if rest > 0 else first


def is_variant(name: str, wanted: str) -> bool:
    """Whether a file's name is the wanted one but for case, separators, or what is added to copies and versions."""
    stem, suffixes = _PYTHON_SUFFIX.subn("", name)
    return (suffixes > 0 or "." not in name) and _bare(stem) == _bare(wanted.removesuffix(".py"))


def is_similar(name: str, wanted: str) -> bool:
    """Whether a Python file's name is the wanted one with a slip, or holds it: `kim_residual_block.py`."""
    if not name.casefold().endswith(".py"):
        return False
    bare, bare_wanted = _bare(name[:-3]), _bare(wanted.removesuffix(".py"))
    return bare_wanted in bare or _ratio(bare, bare_wanted) >= _SIMILAR


def most_alike(name: str, candidates: Iterable[str]) -> str | None:
    """The name of a class or function that was probably meant to be `name`, if one of them may have been."""
    wanted = squeezed(name)
    ratios = {other: _ratio(squeezed(other), wanted) for other in islice(candidates, _MOST_COMPARED)}
    best = max(ratios, key=lambda other: ratios[other], default=None)
    return best if best is not None and ratios[best] >= _SIMILAR else None


def _ratio(first: str, second: str) -> float:
    return SequenceMatcher(None, first[:MAX_NAME_CHARACTERS], second, autojunk=False).ratio()


def squeezed(name: str) -> str:
    """Letters and digits only, without case: the same for `residual_block` and `ResidualBlock`."""
    return re.sub(r"[\W_]", "", same_name_key(name))


def _bare(stem: str) -> str:
    stem = same_name_key(stem).strip().removeprefix("copy of ")
    while (shorter := _ADDED.sub("", stem)) != stem and shorter:
        stem = shorter
    return squeezed(stem)
