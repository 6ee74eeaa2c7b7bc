"""Mutation operators on what happens when: statements, loops, results."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.mutation.code import COMPREHENSIONS, FUNCTIONS, Change, Code, Function, dotted
from autograder.mutation.tensors import Tensors


def delete_statement(code: Code) -> Iterator[Change]:
    """A statement becomes `pass`, unless the next ones could not do without the names that it binds."""
    for statement in _statements(code):
        if isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom) or _is_last_of_function(code, statement):
            continue
        if isinstance(statement, ast.Break | ast.Continue) or all(
            _is_bound_before(code, statement, name) for name in _bound(statement)
        ):
            yield code.replace(statement, "pass")


def swap_statements(code: Code) -> Iterator[Change]:
    """Two statements that follow each other change places, unless the first binds a name that the second needs."""
    statements = _statements(code)
    for first in statements:
        block = code.block(first)
        following = block[block.index(first) + 1 :][:1]
        for second in following:
            needed = {node.id for node in ast.walk(second) if isinstance(node, ast.Name)}
            missing = [name for name in _bound(first) & needed if not _is_bound_before(code, first, name)]
            fixed = any(isinstance(one, ast.Return | ast.Raise | ast.Import) for one in (first, second))
            makes_layers = code.is_in_init(first) and all(isinstance(one, ast.Assign) for one in (first, second))
            if not missing and not fixed and not makes_layers and code.indentation(second) is not None:
                yield code.swap(first, second)


def stop_loop(code: Code) -> Iterator[Change]:
    """A loop ends after its first turn, or leaves out its first or its last item."""
    for loop in code.nodes(ast.For, ast.While):
        yield from code.insert_after(loop.body[-1], "break")
    iterated = [loop.iter for loop in code.nodes(ast.For)]
    iterated += [node.iter for comprehension in code.nodes(*COMPREHENSIONS) for node in comprehension.generators]
    for sequence in iterated:
        for part in ("[1:]", "[:-1]"):
            yield code.replace(sequence, f"list({code.source(sequence)}){part}")


def return_early(code: Code) -> Iterator[Change]:
    """A function returns what it has so far."""
    tensors = Tensors(code)
    for statement in _statements(code):
        function = next(iter(code.functions(statement)), None)
        if function is None or function.name == "__init__" or isinstance(statement, ast.Return | ast.Raise):
            continue
        for value in _results_so_far(tensors, function, statement):
            line = f"return {value}".strip()
            following = _next(code, statement)
            if line != ("return" if following is None else code.source(following)):
                yield from code.insert_after(statement, line)


def change_return(code: Code) -> Iterator[Change]:
    """`return a, b` becomes `return b, a`, `return a` and `return None`; what returns nothing returns something."""
    for statement in code.nodes(ast.Return):
        if isinstance(statement.value, ast.Tuple) and len(statement.value.elts) > 1:
            elements = [code.source(element) for element in statement.value.elts]
            yield code.replace(statement.value, ", ".join(reversed(elements)))
            for element in elements:
                yield code.replace(statement.value, element)
        if statement.value is not None:
            yield code.replace(statement, "return None")
    for function in code.nodes(*FUNCTIONS):
        names = [argument.arg for argument in function.args.args if argument.arg != "self"]
        returns = any(isinstance(node, ast.Return | ast.Yield) for node in ast.walk(function))
        if names and not returns and function.name != "__init__":
            yield from code.insert_after(function.body[-1], f"return {names[0]}")


def return_copy(code: Code) -> Iterator[Change]:
    """An argument that is changed and returned is replaced by a copy: at the start, or only when it is returned."""
    for statement in code.nodes(ast.Return):
        function = next(iter(code.functions(statement)), None)
        name = dotted(statement.value) if isinstance(statement.value, ast.Name) else ""
        if function is not None and name in [argument.arg for argument in function.args.args]:
            first = function.body[0 if ast.get_docstring(function) is None else 1]
            for place in dict.fromkeys((first, statement)):
                yield from code.insert_before(place, "import copy", f"{name} = copy.deepcopy({name})")


def _statements(code: Code) -> list[ast.stmt]:
    """Statements inside functions, without docstrings and definitions."""
    definitions = (*FUNCTIONS, ast.ClassDef)
    return [
        statement
        for statement in code.nodes(ast.stmt)
        if code.functions(statement) and not isinstance(statement, definitions)
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]


def _is_last_of_function(code: Code, statement: ast.stmt) -> bool:
    """Whether a statement is the return at the end of its function, whose loss is that of the result."""
    is_end = isinstance(statement, ast.Return) and isinstance(code.parent(statement), FUNCTIONS)
    return is_end and code.block(statement)[-1] is statement


def _next(code: Code, statement: ast.stmt) -> ast.stmt | None:
    """What is run after a statement; None for the end of the function. A loop is what follows its last statement."""
    block, parent = code.block(statement), code.parent(statement)
    if statement is not block[-1]:
        return block[block.index(statement) + 1]
    if isinstance(parent, ast.If | ast.With):
        return _next(code, parent)
    return parent if isinstance(parent, ast.For | ast.While) else None


def _bound(statement: ast.stmt) -> set[str]:
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return {node.id for node in nodes if isinstance(node.ctx, ast.Store)}


def _is_bound_before(code: Code, statement: ast.stmt, name: str) -> bool:
    function = code.functions(statement)[0]
    if any(argument.arg == name for argument in (*function.args.args, *function.args.kwonlyargs)):
        return True
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    if all(isinstance(node.ctx, ast.Store) or _is_in(code, node, statement) for node in names):
        return True  # nobody else reads it
    start = code.span(statement)[0]
    return any(isinstance(node.ctx, ast.Store) and code.span(node)[1] <= start for node in names)


def _is_in(code: Code, node: ast.AST, statement: ast.stmt) -> bool:
    return any(outer is statement for outer in code.ancestors(node))


def _results_so_far(tensors: Tensors, function: Function, statement: ast.stmt) -> list[str]:
    """What could be returned after a statement."""
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    if not returned:
        return [""]
    final = dotted(returned[-1])
    arguments = [argument.arg for argument in function.args.args]
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        used = {node.id for value in returned for node in ast.walk(value) if isinstance(node, ast.Name)}
        if name in tensors.names(function) or name in used:
            return [name]
    return [final] if final in arguments else []
