"""What a source is freed of before it is run: stubs beside their answers, what IPython alone can run, and imports that
nothing wanted needs.

Lines keep their numbers. Nothing else is changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.language import tr
from autograder.submissions.model import Expected, SourceFile
from autograder.submissions.names import shown
from autograder.submissions.reach import reached
from autograder.submissions.stubs import stubs_beside_answers
from autograder.submissions.syntax import Definition, Import, defined_names, first_line, line_groups, parse, put


def trimmed(source: SourceFile, wanted: Expected) -> tuple[SourceFile, list[str]]:
    """The source as it is to be run, and a note on each definition that was left out."""
    notes: list[str] = []
    lines = source.text.split("\n")
    tree = parse(source.text)
    _drop_magics(lines, tree)
    for node in stubs_beside_answers(tree, wanted):
        put(lines, first_line(node), node.end_lineno or node.lineno)
        notes.append(
            tr(
                "Left out {name} of {where}, the stub: another {name} counts.",
                name=node.name,
                where=source.locate(node.lineno),
            )
        )
    text = "\n".join(lines)
    notes += _defined_more_than_once(source, parse(text), wanted.names)
    _drop_needless_imports(lines, text, wanted.names)
    return replace(source, text="\n".join(lines)), notes


def _drop_magics(lines: list[str], tree: ast.Module) -> None:
    """Drop what nbconvert makes of magics, `get_ipython().system("ls")`, where it has lines of its own."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")))))
                | ast.Assign(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")))))
            ):
                last = node.end_lineno or node.lineno
                indent = lines[node.lineno - 1].encode()[: node.col_offset].decode()
                behind = lines[last - 1].encode()[node.end_col_offset :].decode().lstrip("; \t")
                if not indent.strip() and (not behind or behind.startswith("#")):
                    put(lines, node.lineno, last, f"{indent}pass")


def _defined_more_than_once(source: SourceFile, tree: ast.Module, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        own = [node for node in tree.body if isinstance(node, Definition) and node.name == name]
        cells = sorted({cell for node in own if (cell := source.cell(node.lineno)) is not None})
        if len(cells) > 1:
            numbers = tr("{some} and {last}", some=", ".join(map(str, cells[:-1])), last=cells[-1])
            yield tr(
                "{where} defines {name} in cells {numbers}: the last one counts.",
                where=shown(source.origin),
                name=name,
                numbers=numbers,
            )


def _drop_needless_imports(lines: list[str], text: str, names: Sequence[str]) -> None:
    tree = parse(text)
    if defined_names(tree.body).isdisjoint(names):
        return  # what was to define them may be what is missing
    before = {id(node): len(node.names) for node in tree.body if isinstance(node, Import)}
    reached(tree, text, names)
    for first, last, nodes in line_groups(tree):
        imports = [node for node in nodes if isinstance(node, Import)]
        if len(imports) == len(nodes) and any(len(node.names) < before[id(node)] for node in imports):
            put(lines, first, last, "; ".join(ast.unparse(node) for node in imports if node.names))
