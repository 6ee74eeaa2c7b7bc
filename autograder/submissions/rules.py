"""What an exercise does not allow, searched for in the syntax tree of a source.

Only what is ever run is searched. Comments, strings, annotations and attributes of other objects (`self.LSTMCell`) are
never taken for a use. What is put together only while the program runs (`exec`, `getattr` with a computed name) cannot
be seen here: a worker's guard meets it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from itertools import filterfalse

from autograder.patterns import NamePatterns
from autograder.submissions.meanings import Meaning, Reading, TooEntangledError
from autograder.submissions.model import Finding, SourceFile
from autograder.submissions.reach import reached
from autograder.submissions.syntax import fault_in, parse


def forbidden_uses(source: SourceFile, forbidden: Sequence[str], names: Collection[str] | None = None) -> list[Finding]:
    """Every use of a forbidden name, by line, in what the import of the source runs and what `names` lead to.

    `forbidden` holds full dotted names, "torch.nn.LSTMCell"; a `*` stands for any characters, dots included,
    "torch.nn.utils.clip_grad*". Other names of the same object must be given, too ("torch.nn.modules.rnn.LSTMCell").
    Without `names`, everything in the source counts as wanted, also imports that nothing uses, and annotations.
    """
    if fault_in(source.text) is not None:
        return []
    patterns = _Patterns(forbidden)
    found: set[tuple[int, str]] = set()
    tree = parse(source.text)
    if names is not None:
        _drop_annotations(tree)
    tree = reached(tree, source.text, names)
    try:
        for line, meanings in Reading(tree).mentions():
            if forbidden_name := next(filterfalse(patterns.allows, meanings), None):
                found.add((line, forbidden_name.dotted))
    except TooEntangledError:
        return [Finding(1, "*", "its names stand for so many others that nobody can follow them: write it plainly")]
    return [
        Finding(line, name, f"{source.position(line)} uses {name}, which this exercise does not allow")
        for line, name in sorted(found)
    ]


def _drop_annotations(tree: ast.Module) -> None:
    """Take out what only says of which type something is; what calls something there stays."""
    for node in list(ast.walk(tree)):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if isinstance(annotation, ast.expr) and not any(
                isinstance(inside, (ast.Call, ast.NamedExpr)) for inside in ast.walk(annotation)
            ):
                setattr(node, field, None)


class _Patterns(NamePatterns):
    """The names that are not allowed."""

    def allows(self, meaning: Meaning) -> bool:
        if not meaning.star:
            return not self.match(meaning.dotted)
        # Where all of a module is forbidden, `from module import *` is the use that is reported. A name that may
        # come from there may as well come from another module.
        beginnings = tuple(start for start in self.beginnings if len(start) > len(meaning.star) + 1)
        return meaning.dotted not in self.exact and not meaning.dotted.startswith(beginnings)
