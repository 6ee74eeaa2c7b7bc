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
from collections.abc import Iterator

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
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise UsageError(f"{file}, line {error.lineno}: not valid Python: {error.msg}") from error
    lines = source.split("\n")
    for begin, end in reversed(_regions(source, file)):
        where = f"{file}, line {begin}"
        found = list(_marked(module, begin, end, where))
        if not found:
            raise UsageError(f"{where}: no statement between the markers; put them around the answer, or remove them")
        if len(found) > 1:
            raise UsageError(f"{where}: the region reaches over the end of a block; mark statements of one block only")
        statements, scope, in_function = found[0]
        if in_function:
            indentation = lines[statements[0].lineno - 1][: statements[0].col_offset]
            message = f"{exercise}: implement {scope}"
            lines[begin - 1 : end] = [f'{indentation}raise NotImplementedError("{message}")']
        elif scope == "" and all(isinstance(statement, _FUNCTIONS) for statement in statements):
            lines = _without(lines, begin, end)
        else:
            raise UsageError(
                f"{where}: this marked region is outside a function; put the markers inside the body of a function, or "
                "around whole functions of the module"
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


def _regions(source: str, file: str) -> list[tuple[int, int]]:
    """The numbers of the lines, from 1, that hold the two markers of each region."""
    regions: list[tuple[int, int]] = []
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
            regions.append((begin, line))
            begin = None
    if begin is not None:
        raise UsageError(f"{file}, line {begin}: `{BEGIN}` without `{END}`; add one after the answer")
    if not regions:
        raise UsageError(f"{file}: no `{BEGIN}`, so students would get the whole solution; mark the answer")
    return regions


def _marked(
    node: ast.AST, begin: int, end: int, where: str, scope: str = "", in_function: bool = False
) -> Iterator[tuple[list[ast.stmt], str, bool]]:
    """The outermost statements within a region, grouped by the block that they are in, each group with the qualified
    name of the function or class around it, empty for the module, and whether that is a function.
    """
    for _, value in ast.iter_fields(node):
        inside = []
        for child in value if isinstance(value, list) else ():
            if isinstance(child, ast.stmt):
                decorators = getattr(child, "decorator_list", [])
                first, last = min(each.lineno for each in (child, *decorators)), child.end_lineno or child.lineno
                if last < begin or end < first:
                    continue
                if begin < first and last < end:
                    inside.append(child)
                    continue
                if begin < first:
                    raise UsageError(
                        f"{where}: the region ends inside the statement of line {first}; mark whole statements"
                    )
            if isinstance(child, _DEFINITIONS):
                name = f"{scope}.{child.name}".lstrip(".")
                yield from _marked(child, begin, end, where, name, isinstance(child, _FUNCTIONS))
            elif isinstance(child, ast.AST):
                yield from _marked(child, begin, end, where, scope, in_function)
        if inside:
            yield inside, scope, in_function


def _without(lines: list[str], begin: int, end: int) -> list[str]:
    """Without a region and the empty lines after it; those before it stay and part what is left."""
    before, after = lines[: begin - 1], lines[end:]
    while after and not after[0].strip():
        del after[0]
    if not after:
        while before and not before[-1].strip():
            del before[-1]
        after = [""]
    return before + after
