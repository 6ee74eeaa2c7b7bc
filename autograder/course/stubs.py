"""Makes the stubs that students get from the reference solutions.

A solution marks its answer with `# BEGIN SOLUTION` and `# END SOLUTION`, each on a line of its own. A marked region in
a function becomes one line that raises NotImplementedError; helper functions marked as a whole at module level vanish.
Solutions are read as text and never run.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass

from autograder.course.assignment import Exercise
from autograder.course.layout import Layout
from autograder.errors import UsageError

BEGIN = "# BEGIN SOLUTION"
END = "# END SOLUTION"

# A misspelt marker, or one of otter's that is not used here (`# SOLUTION`), would leak the answer to the students.
_LIKE_A_MARKER = re.compile(r"#\W*(?:(?:begin|end)[\W_]*solution|solution(?:\s+no\s+prompt)?\s*$)", re.IGNORECASE)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


def make_stub(source: str, exercise: str, file: str | None = None) -> str:
    """The stub of a solution's text.

    `file` is what messages call the solution. Raises UsageError, with file and line, for markers that are misspelt,
    unbalanced, nested, around parts of statements or outside a function, and for a stub that would not compile.
    """
    file = file or f"{exercise}.py"
    source = source.replace("\r\n", "\n")
    module = _parse(source, file)
    lines = source.split("\n")
    for region in reversed(_regions(source, file)):
        marked = _marked_statements(region, module, file)
        first = marked.statements[0]
        if marked.in_function:
            indentation = lines[first.lineno - 1][: first.col_offset]
            message = f"{exercise}: implement {marked.scope}"
            lines[region.begin - 1 : region.end] = [f'{indentation}raise NotImplementedError("{message}")']
        elif marked.scope == "" and all(isinstance(statement, _FUNCTIONS) for statement in marked.statements):
            _remove(lines, region)
        else:
            raise UsageError(
                f"{file}, line {region.begin}: this marked region is outside a function; put the markers inside the "
                "body of a function, or around whole functions of the module"
            )
    stub = "\n".join(lines)
    try:
        compile(stub, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UsageError(
            f"{file}: what is left without the marked regions does not compile ({error.msg}); move the markers so that "
            "whole statements are between them"
        ) from error
    return stub


def exercise_stub(layout: Layout, exercise: Exercise) -> str:
    """The stub of one exercise, from its solution on disk. Raises UsageError, also for a missing solution or name."""
    solution = layout.solution(exercise.name)
    file = layout.shown(solution)
    if not solution.is_file():
        raise UsageError(
            f'{file}: missing; write the reference solution of "{exercise.name}", or remove the exercise from '
            f"{layout.shown(layout.description)}"
        )
    stub = make_stub(solution.read_text(encoding="utf-8"), exercise.name, file)
    defined = {node.name for node in ast.parse(stub).body if isinstance(node, _DEFINITIONS)}
    for name in exercise.names:
        if name not in defined:
            asking = layout.shown(layout.exercise_description(exercise.name))
            raise UsageError(
                f"{file}: the stub would not define `{name}`, which {asking} asks for; "
                "define it at the top level, and mark only the bodies of its functions"
            )
    return stub


def given_stub(layout: Layout, exercise: str) -> str:
    """What students were given, as it stands on the disk; made from the solution where only that is there.

    Empty when neither can be read.
    """
    try:
        if layout.stub(exercise).is_file():
            return layout.stub(exercise).read_text(encoding="utf-8")
        return make_stub(layout.solution(exercise).read_text(encoding="utf-8"), exercise, exercise)
    except (OSError, UnicodeDecodeError, UsageError):
        return ""


@dataclass(frozen=True)
class _Region:
    """The numbers of the two lines that hold the markers, from 1."""

    begin: int
    end: int


@dataclass(frozen=True)
class _Marked:
    """The statements of a region, neighbours in one block."""

    statements: tuple[ast.stmt, ...]
    scope: str
    """Qualified name of the function or class around them, empty for the module."""
    in_function: bool


def _parse(source: str, file: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise UsageError(f"{file}, line {error.lineno}: not valid Python: {error.msg}") from error


def _regions(source: str, file: str) -> list[_Region]:
    regions: list[_Region] = []
    begin: int | None = None
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or not _LIKE_A_MARKER.match(token.string):
            continue
        line = token.start[0]
        where = f"{file}, line {line}"
        if token.string.rstrip() not in (BEGIN, END):
            raise UsageError(f"{where}: `{token.string}` is not a marker; write `{BEGIN}` or `{END}`")
        if token.line[: token.start[1]].strip():
            raise UsageError(f"{where}: `{token.string}` must be on a line of its own")
        if token.string.rstrip() == BEGIN:
            if begin is not None:
                raise UsageError(
                    f"{where}: `{BEGIN}` inside the region that begins in line {begin}; add `{END}` before it"
                )
            begin = line
        else:
            if begin is None:
                raise UsageError(f"{where}: `{END}` without `{BEGIN}`; add one before it or remove it")
            regions.append(_Region(begin, line))
            begin = None
    if begin is not None:
        raise UsageError(f"{file}, line {begin}: `{BEGIN}` without `{END}`; add one after the answer")
    if not regions:
        raise UsageError(f"{file}: no `{BEGIN}`, so students would get the whole solution; mark the answer")
    return regions


def _marked_statements(region: _Region, module: ast.Module, file: str) -> _Marked:
    where = f"{file}, line {region.begin}"
    found = _search(module, region, scope="", in_function=False, where=where)
    if not found:
        raise UsageError(f"{where}: no statement between the markers; put them around the answer, or remove them")
    if len(found) > 1:
        raise UsageError(f"{where}: the region reaches over the end of a block; mark statements of one block only")
    return found[0]


def _search(node: ast.AST, region: _Region, scope: str, in_function: bool, where: str) -> list[_Marked]:
    """The outermost statements within the region, grouped by the block that they are in."""
    found = []
    for _, value in ast.iter_fields(node):
        children = [child for child in value if isinstance(child, ast.AST)] if isinstance(value, list) else []
        inside = []
        for child in children:
            if isinstance(child, ast.stmt):
                first, last = _first_line(child), child.end_lineno or child.lineno
                if last < region.begin or region.end < first:
                    continue
                if region.begin < first and last < region.end:
                    inside.append(child)
                    continue
                if region.begin < first:
                    raise UsageError(
                        f"{where}: the region ends inside the statement of line {first}; mark whole statements"
                    )
            name = f"{scope}.{child.name}".lstrip(".") if isinstance(child, _DEFINITIONS) else scope
            inner_is_function = isinstance(child, _FUNCTIONS) if isinstance(child, _DEFINITIONS) else in_function
            found += _search(child, region, name, inner_is_function, where)
        if inside:
            found.append(_Marked(tuple(inside), scope, in_function))
    return found


def _first_line(statement: ast.stmt) -> int:
    if isinstance(statement, _DEFINITIONS) and statement.decorator_list:
        return min(decorator.lineno for decorator in statement.decorator_list)
    return statement.lineno


def _remove(lines: list[str], region: _Region) -> None:
    """Remove a region and the empty lines after it; those before it stay and part what is left."""
    before, after = lines[: region.begin - 1], lines[region.end :]
    while after and not after[0].strip():
        del after[0]
    if not after:
        while before and not before[-1].strip():
            del before[-1]
        after = [""]
    lines[:] = before + after
