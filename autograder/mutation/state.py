"""Mutation operators that let something outlive a call which must not."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.code import Change, Code, called, dotted
from autograder.mutation.tensors import FACTORIES, Tensors


def keep_state(code: Code) -> Iterator[Change]:
    """`y = f(x)` becomes `y = self.__dict__.setdefault("kept", f(x))`: every call has the first call's result."""
    for statement in code.nodes(ast.Assign, ast.Return):
        value, store = statement.value, _store(code, statement)
        if value is None or not store or isinstance(value, ast.Constant):
            continue
        if isinstance(statement, ast.Return) or isinstance(statement.targets[0], ast.Name | ast.Tuple):
            inside = code.source(value)
            inside = f"({inside})" if isinstance(value, ast.Tuple) and not inside.startswith("(") else inside
            yield code.replace(value, f'{store}.setdefault("kept", {inside})')


def add_previous(code: Code) -> Iterator[Change]:
    """What a call calculates is added to what the next call calculates in the same place."""
    tensors = Tensors(code)
    for statement in code.nodes(ast.Assign, ast.Return):
        value, store = statement.value, _store(code, statement)
        made_here = isinstance(value, ast.Call) and called(value).rpartition(".")[2] in FACTORIES
        if value is None or not store or made_here or not tensors.is_tensor(value):
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        name = dotted(target) if target is not None else "result"
        add = f'{name}, {store}["last"] = {name} + {store}.get("last", 0), {name}.detach()'
        if isinstance(target, ast.Name):
            yield from code.insert_after(statement, add)
        elif target is None:
            for above in code.insert_before(statement, f"result = {code.source(value)}", add):
                yield (*above, *code.replace(value, "result"))


def _store(code: Code, statement: ast.stmt) -> str:
    """Where state that outlives a call can be kept: the module object, or the globals of the file."""
    functions = code.functions(statement)
    if not functions or code.is_in_init(statement):
        return ""
    arguments = functions[0].args.args
    return "self.__dict__" if arguments and arguments[0].arg == "self" else "globals()"
