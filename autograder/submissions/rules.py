"""What an exercise does not allow, searched for in the syntax tree of a source.

Comments, strings, attributes of other objects (`self.LSTMCell`), and what is run in a program only
(`if __name__ == "__main__":`) are never taken for a use. What is put together only while the program runs (`exec`,
`getattr` with a computed name) cannot be seen here: a worker's guard meets it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import filterfalse

from autograder.patterns import NamePatterns
from autograder.submissions.meanings import Meaning, Reading, TooEntangledError
from autograder.submissions.model import Finding, SourceFile
from autograder.submissions.syntax import fault_in, parse


def forbidden_uses(source: SourceFile, forbidden: Sequence[str]) -> list[Finding]:
    """Every use of a forbidden name, by line; an import of it is a use.

    `forbidden` holds full dotted names, "torch.nn.LSTMCell"; a `*` stands for any characters, dots included,
    "torch.nn.utils.clip_grad*". Other names of the same object must be given, too ("torch.nn.modules.rnn.LSTMCell").
    """
    if fault_in(source.text) is not None:
        return []
    patterns = _Patterns(forbidden)
    found: set[tuple[int, str]] = set()
    try:
        for line, names in Reading(_as_imported(parse(source.text))).mentions():
            if forbidden_name := next(filterfalse(patterns.allows, names), None):
                found.add((line, forbidden_name.dotted))
    except TooEntangledError:
        return [Finding(1, "*", "its names stand for so many others that nobody can follow them: write it plainly")]
    return [
        Finding(line, name, f"{source.position(line)} uses {name}, which this exercise does not allow")
        for line, name in sorted(found)
    ]


def _as_imported(tree: ast.Module) -> ast.Module:
    """The tree without what stands under `if __name__ == "__main__":`, where students compare their work with ours.

    A submission is imported, so it is not run. Code that changes its own name to have it run meets the worker's guard.
    """
    if any(isinstance(node, ast.Name) and node.id == "__name__" and not _is_read(node) for node in ast.walk(tree)):
        return tree
    parts = ((node.orelse if _is_for_programs(node) else [node]) for node in tree.body)  # type: ignore[attr-defined]
    return ast.Module([statement for part in parts for statement in part], [])


def _is_read(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _is_for_programs(node: ast.stmt) -> bool:
    match node:
        case ast.If(
            test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")])
        ):
            return True
    return False


class _Patterns(NamePatterns):
    """The names that are not allowed."""

    def allows(self, meaning: Meaning) -> bool:
        if not meaning.star:
            return not self.match(meaning.dotted)
        # Where all of a module is forbidden, `from module import *` is the use that is reported. A name that may
        # come from there may as well come from another module.
        beginnings = tuple(start for start in self.beginnings if len(start) > len(meaning.star) + 1)
        return meaning.dotted not in self.exact and not meaning.dotted.startswith(beginnings)
