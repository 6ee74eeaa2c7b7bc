"""What an instructor is shown of a source where an exercise forbids something: uses, and doubtful lines.

Doubtful lines are no uses: code may get round a ban by them, but the same means have honest purposes. What a worker's
guard cannot see is done by such lines.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from autograder.submissions.model import MOST_USES, Expected, SourceFile
from autograder.submissions.rules import forbidden_uses
from autograder.submissions.syntax import fault_in, parse

_MODULES = frozenset({"builtins", "cffi", "ctypes", "gc", "importlib", "inspect", "linecache", "marshal", "runpy"})
_FUNCTIONS = frozenset({"__import__", "compile", "eval", "exec"})
_ATTRIBUTES = frozenset(
    {
        "__closure__",
        "__code__",
        "__globals__",
        "__subclasses__",
        "__wrapped__",
        "_decomp",
        "_getframe",
        "CDLL",
        "from_file",
        "FunctionType",
    }
)
_MOST = 20
_LONGEST = 160
"""Characters of a line that are shown."""


def with_evidence(source: SourceFile, wanted: Expected) -> SourceFile:
    """The source with uses of what is not allowed, and doubtful lines."""
    if not wanted.forbidden:
        return source
    uses = [use.message for use in forbidden_uses(source, wanted.forbidden, wanted.names)]
    return replace(source, uses=tuple(uses[:MOST_USES]), doubtful=tuple(doubtful_lines(source)))


def doubtful_lines(source: SourceFile) -> list[str]:
    """Where the code looks behind names, executes text or calls C, each as "line 12: exec(text)"; at most 20."""
    if fault_in(source.text) is not None:
        return []
    lines = source.text.split("\n")
    numbers = sorted({node.lineno for node in ast.walk(parse(source.text)) if _is_doubtful(node)})  # type: ignore[attr-defined]
    return [f"{source.position(number)}: {lines[number - 1].strip()[:_LONGEST]}" for number in numbers[:_MOST]]


def _is_doubtful(node: ast.AST) -> bool:
    match node:
        case ast.Import(names):
            return any(name.name.partition(".")[0] in _MODULES or "_decomp" in name.name for name in names)
        case ast.ImportFrom(module=str(module), names=names):
            imported = {name.name for name in names}
            return module.partition(".")[0] in _MODULES or "_decomp" in module or not imported.isdisjoint(_ATTRIBUTES)
        case ast.Name(id=name):
            return name in _FUNCTIONS
        case ast.Attribute(value=ast.Name(id="sys"), attr="modules"):
            return True
        case ast.Attribute(attr="__class__", ctx=ctx):
            return isinstance(ctx, ast.Store)
        case ast.Attribute(attr=attribute):
            return attribute in _ATTRIBUTES
    return False
