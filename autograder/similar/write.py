"""similarity.csv, and similar.html with the first pairs side by side. Both name students: for instructors only."""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator, Mapping, Sequence

from autograder.pages.page import page
from autograder.results.files import csv_bytes, not_a_formula
from autograder.similar.fragments import fragments
from autograder.similar.pairs import Code, Pair
from autograder.sources.model import ClassList

SHOWN = 20
Line = tuple[str, bool]
"""A line of code, and whether it is marked."""


def similarity_csv(pairs: Sequence[Pair]) -> bytes:
    """A row for each pair, the most telling first."""
    exercises = sorted({exercise for pair in pairs for exercise in pair.dice})
    rows = []
    for rank, pair in enumerate(pairs, start=1):
        z = "" if math.isnan(pair.z) else f"{pair.z:.1f}"
        names = [not_a_formula(pair.first), not_a_formula(pair.second)]
        dice = [f"{pair.dice[exercise]:.2f}" if exercise in pair.dice else "" for exercise in exercises]
        rows.append([rank, *names, f"{pair.evidence:.1f}", z, "; ".join(pair.same_wrong), *dice])
    return csv_bytes(("rank", "first", "second", "evidence", "robust_z", "same_wrong", *exercises), rows)


def similar_page(pairs: Sequence[Pair], code: Code, stubs: Mapping[str, str]) -> bytes:
    """The first pairs side by side."""
    return page("autograder.similar", "similar", pairs=[(pair, _sides(pair, code, stubs)) for pair in pairs[:SHOWN]])


def _sides(pair: Pair, code: Code, stubs: Mapping[str, str]) -> list[tuple[str, list[tuple[str, list[Line]]]]]:
    """By exercise, the most alike first: each student's lines."""
    found = []
    for exercise in sorted(pair.dice, key=lambda name: -pair.dice[name]):
        texts = [code.get(name, {}).get(exercise, "") for name in (pair.first, pair.second)]
        own = [fragments(text) for text in texts]
        both = (own[0].keys() & own[1].keys()) - fragments(stubs.get(exercise, "")).keys()
        sides = []
        for student, text, each in zip((pair.first, pair.second), texts, own, strict=True):
            marked = {line for fragment in both for line in each[fragment]}
            lines = [(line, number in marked) for number, line in enumerate(text.rstrip().split("\n"), start=1)]
            sides.append((student, lines))
        found.append((exercise, sides))
    return found


def dolos_files(code: Code, found: ClassList) -> Iterator[tuple[str, bytes]]:
    """What Dolos reads: for each exercise a folder of files, and an info.csv that says whose they are.

    Files are numbered, for names may be anything. Times are told where all are known: an empty one is no date there.
    """
    rows = [row for row in found.students if row.student in code]
    columns = ["filename", "label", "full_name"] + ["created_at"] * all(row.submitted_at for row in rows)
    for exercise in sorted({exercise for each in code.values() for exercise in each}):
        lines = []
        for number, row in enumerate(rows, start=1):
            text = code[row.student].get(exercise)
            if text is not None:
                sections = {member.section for member in row.members}
                label = sections.pop() if len(sections) == 1 else ""
                cells = [f"{number}.py", not_a_formula(label), not_a_formula(row.student), row.submitted_at]
                lines.append(cells[: len(columns)])
                yield f"{exercise}/{number}.py", text.encode("utf-8", "replace")
        yield f"{exercise}/info.csv", csv_bytes(columns, lines).removeprefix(codecs.BOM_UTF8)
