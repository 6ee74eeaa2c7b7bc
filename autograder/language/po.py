"""Reads catalogues in gettext's form, `.po`, as they are: nothing is compiled, and nothing goes out of date."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Catalogue:
    """Translations, each with its forms: one, or as many as the language has for numbers."""

    messages: Mapping[str, tuple[str, ...]]
    plural: str
    """Which form stands for the number `n`, in C."""


@cache
def read_catalogue(path: Path) -> Catalogue:
    """A file's translations; what is empty or fuzzy is none."""
    messages = dict(entries(path.read_text(encoding="utf-8")))
    header = messages.pop("", ("",))[0]
    found = re.search(r"plural=([^;\n]+)", header)
    return Catalogue(messages, found[1].strip() if found else "n != 1")


def entries(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Messages with their translations."""
    for block in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        key, fuzzy = "", False
        for line in block.splitlines():
            if line.startswith("#,"):
                fuzzy = "fuzzy" in line
            elif found := re.match(r'(msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")\s*$', line):
                key = found[1]
                fields[key] = ast.literal_eval(found[2])
            elif line.startswith('"'):
                fields[key] += ast.literal_eval(line.strip())
        told = tuple(value for name, value in fields.items() if name.startswith("msgstr"))
        if "msgid" in fields and told and all(told) and (not fuzzy or not fields["msgid"]):
            yield fields["msgid"], told


def written(messages: Mapping[str, tuple[str, ...]]) -> str:
    """A catalogue of these translations, none of which has forms for numbers."""
    blocks = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n']
    blocks += [f"msgid {_quoted(text)}\nmsgstr {_quoted(forms[0])}\n" for text, forms in sorted(messages.items())]
    return "\n".join(blocks)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
