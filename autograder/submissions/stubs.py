"""Whether anything was written where students were asked to: decided on the syntax tree, not on the text.

Names, comments, imports and docstrings that were added, or another body that does nothing, make no answer of a stub.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from functools import lru_cache

from autograder.submissions.model import Expected, Outcome, SourceFile
from autograder.submissions.slices import patched_names
from autograder.submissions.syntax import Definition, Function, executed, fault_in, name_given, parse

_NOT_YET = frozenset({"NotImplementedError", "NotImplemented"})
_BASES = frozenset({"Module", "object"})


def is_untouched(outcome: Outcome | None, wanted: Expected) -> bool:
    """Whether this was found, and nothing in it goes beyond what was given out."""
    return isinstance(outcome, SourceFile) and bool(wanted.stub) and not is_answer(outcome.text, wanted)


@lru_cache(maxsize=256)  # asked of every file again whenever one more was found
def is_answer(text: str, wanted: Expected) -> bool:
    """Whether a text is valid Python, and something of what is wanted is written in it."""
    return fault_in(text) is None and any(_goes_beyond(node, wanted) for node in parse(text).body)


def stubs_beside_answers(tree: ast.Module, wanted: Expected) -> list[Definition]:
    """Definitions at the top level that are still the stub's, although another of the same name is not."""
    left: list[Definition] = []
    for name in wanted.names:
        own = [node for node in tree.body if isinstance(node, Definition) and node.name == name]
        unwritten = [node for node in own if not _is_written(node, wanted.stub)]
        left += unwritten if len(unwritten) < len(own) else []
    return left


def _goes_beyond(node: ast.stmt, wanted: Expected) -> bool:
    if isinstance(node, Definition) and node.name in wanted.names:
        return _is_written(node, wanted.stub)
    return not {*map(name_given, executed([node])), *patched_names([node])}.isdisjoint(wanted.names)


def _is_written(node: Definition, stub: str) -> bool:
    given = _given(stub)
    if not isinstance(node, ast.ClassDef):
        return _is_written_in(node, given)
    functions = [inside for inside in ast.walk(node) if isinstance(inside, Function)]
    assigned = [part.value for part in node.body if isinstance(part, (ast.Assign, ast.AnnAssign))]
    return (
        any(_is_written_in(function, given) for function in functions)
        or any(not isinstance(value, ast.Constant | None) for value in assigned)
        or (not functions and any(_last_name(base) not in _BASES for base in node.bases))
    )


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_written_in(function: Function, given: Collection[str]) -> bool:
    return any(not _does_nothing(statement) and _fingerprint(statement) not in given for statement in function.body)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=None) | ast.Return(value=ast.Constant(value=None)):
            return True
        case ast.Return(value=ast.Name(id=name)) | ast.Raise(exc=ast.Name(id=name)):
            return name in _NOT_YET
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name))):
            return name in _NOT_YET
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"))):
            return True
    return False


@lru_cache(maxsize=64)
def _given(stub: str) -> frozenset[str]:
    """What the functions of a stub hold already."""
    if fault_in(stub) is not None:
        return frozenset()
    functions = (node for node in ast.walk(parse(stub)) if isinstance(node, Function))
    return frozenset(_fingerprint(statement) for function in functions for statement in function.body)


def _fingerprint(statement: ast.stmt) -> str:
    try:
        return ast.dump(statement)
    except RecursionError:  # nested more deeply than anything that was given out
        return ""
