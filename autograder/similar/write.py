"""similarity.csv, and similar.html with the first pairs side by side. Both name students: for instructors only."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Mapping, Sequence

from autograder.results.files import not_a_formula
from autograder.similar.fragments import fragments
from autograder.similar.pairs import Code, Pair

SHOWN = 20
_HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pairs to read</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;margin:1rem}pre{font-size:.8rem;overflow-x:auto}
.two{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.two>*{min-width:0}mark{display:block}</style></head><body>
<h1>Pairs to read</h1><p>Marked lines hold fragments that both have and that are rare in this class. This is a reason to
read, and no verdict: the same lecture, tutor or answer found on the web makes similar code, too.</p>
"""


def similarity_csv(pairs: Sequence[Pair]) -> bytes:
    """A row for each pair, the most telling first."""
    exercises = sorted({exercise for pair in pairs for exercise in pair.dice})
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["rank", "first", "second", "evidence", "robust_z", "same_wrong", *exercises])
    for rank, pair in enumerate(pairs, start=1):
        z = "" if math.isnan(pair.z) else f"{pair.z:.1f}"
        names = [not_a_formula(pair.first), not_a_formula(pair.second)]
        dice = [f"{pair.dice[exercise]:.2f}" if exercise in pair.dice else "" for exercise in exercises]
        writer.writerow([rank, *names, f"{pair.evidence:.1f}", z, "; ".join(pair.same_wrong), *dice])
    return table.getvalue().encode("utf-8-sig")


def similar_page(pairs: Sequence[Pair], code: Code, stubs: Mapping[str, str]) -> bytes:
    """The first pairs side by side."""
    parts = [_HEAD]
    for rank, pair in enumerate(pairs[:SHOWN], start=1):
        first, second = html.escape(pair.first), html.escape(pair.second)
        parts.append(f"<h2>{rank}. {first} and {second}</h2>\n")
        if pair.same_wrong:
            parts.append(f"<p>The same rare wrong behaviour: {html.escape(', '.join(pair.same_wrong))}</p>\n")
        for exercise in sorted(pair.dice, key=lambda name: -pair.dice[name]):
            texts = [code.get(name, {}).get(exercise, "") for name in (pair.first, pair.second)]
            given, found = set(fragments(stubs.get(exercise, ""))), [fragments(text) for text in texts]
            both = (found[0].keys() & found[1].keys()) - given
            parts.append(f'<h3>{html.escape(exercise)}</h3>\n<div class="two">')
            for text, own in zip(texts, found, strict=True):
                lines = {line for fragment in both for line in own[fragment]}
                parts.append(f"<pre>{_marked(text, lines)}</pre>")
            parts.append("</div>\n")
    return "".join([*parts, "</body></html>\n"]).encode("utf-8", "replace")


def _marked(text: str, lines: set[int]) -> str:
    told = []
    for number, line in enumerate(text.split("\n"), start=1):
        safe = html.escape(line)
        told.append(f"<mark>{safe or ' '}</mark>" if number in lines else f"{safe}\n")
    return "".join(told)
