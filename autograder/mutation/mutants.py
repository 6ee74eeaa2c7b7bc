"""Makes the mutants of a reference solution: small slips that the exercise's suite should notice.

Solutions are read as text and never run.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.stubs import BEGIN, END
from autograder.mutation.code import FUNCTIONS, Code, apply
from autograder.mutation.library import stock_mutations
from autograder.mutation.operators import OPERATORS

# More of one operator in one line say the same again.
_MOST_IN_A_LINE = 8

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Eq: ast.NotEq, ast.Is: ast.IsNot, ast.In: ast.NotIn}
_OPPOSITES |= {opposite: sign for sign, opposite in _OPPOSITES.items()}


@dataclass(frozen=True)
class Mutant:
    """A solution with one slip."""

    id: str
    """Operator, function, line and number among those: "drop_activation@ResidualBlock.forward:3#1". Lines are those of
    the function between the markers, so that what stands elsewhere in the file may change.
    """
    operator: str
    line: int
    """Line of the solution, from 1, in which the change begins."""
    diff: str
    """What is changed, in unified form with a line around it."""
    text: str
    """The whole file."""


def mutants(source: str) -> list[Mutant]:
    """The mutants of the marked regions of a solution, in the order of its lines.

    Each compiles, and no two of them have the same syntax tree, nor has any the solution's; annotations do not count.
    Raises UsageError when cosmic-ray is not installed, and SyntaxError for a source that is not Python.
    """
    source = source.replace("\r\n", "\n")
    code = Code(source)
    places, seen = _places(code), {_meaning(source)}
    made = Counter[str]()
    found: dict[str, list[tuple[int, Mutant]]] = {}
    for operator, start, text in _mutations(code, frozenset(places)):
        line = code.line(start)
        place = f"{operator}@{places[line]}"
        made[place] += 1  # also of those that are left out, so that a number does not depend on other operators
        meaning = _meaning(text)
        if meaning is not None and meaning not in seen and _marked(text)[1] == _marked(source)[1]:
            seen.add(meaning)
            diff = difflib.unified_diff(source.split("\n"), text.split("\n"), lineterm="", n=1)
            changed = "\n".join(list(diff)[2:])  # without the two lines of file names
            mutant = Mutant(f"{place}#{made[place]}", operator, line, changed, text)
            found.setdefault(place, []).append((start, mutant))
    chosen = [mutant for of_one_kind in found.values() for mutant in _spread(of_one_kind)]
    return sorted(chosen, key=lambda mutant: mutant.line)


def _spread(placed: list[tuple[int, Mutant]]) -> list[Mutant]:
    """What is kept of one operator in one line: the first mutant of each place, then the second of each, and so on."""
    starts = [start for start, _ in placed]
    turns = [starts[:number].count(start) for number, start in enumerate(starts)]
    kept = sorted(range(len(placed)), key=lambda number: turns[number])[:_MOST_IN_A_LINE]
    return [placed[number][1] for number in sorted(kept)]


def _mutations(code: Code, lines: frozenset[int]) -> Iterator[tuple[str, int, str]]:
    """Operator, offset and text of all mutations that begin in `lines`. Ours go first: their names say more."""
    for name, operator in OPERATORS.items():
        for change in operator(code):
            start = min(edit.start for edit in change)
            if code.line(start) in lines:
                yield name, start, apply(code.text, change)
    for name, place, text in stock_mutations(code.text, lines):
        yield name, code.offset(*place), text


def _marked(source: str) -> tuple[list[int], list[str]]:
    """The numbers of the lines in marked regions, and the text of all other lines, markers included."""
    marked, others, inside = [], [], False
    for number, line in enumerate(source.split("\n"), 1):
        is_marker = line.strip() in (BEGIN, END)
        inside = line.strip() == BEGIN if is_marker else inside
        if inside and not is_marker:
            marked.append(number)
        else:
            others.append(line)
    return marked, others


def _places(code: Code) -> dict[int, str]:
    """For each marked line its function, and which of the marked lines in there it is: "ResidualBlock.forward:3"."""
    places, count = {}, Counter[str]()
    definitions = [*code.nodes(ast.ClassDef), *code.nodes(FUNCTIONS)]
    for line in _marked(code.text)[0]:
        around = [node.name for node in definitions if node.lineno <= line <= node.end_lineno]
        function = ".".join(around) or "module"
        count[function] += 1
        places[line] = f"{function}:{count[function]}"
    return places


def _meaning(source: str) -> str | None:
    """What tells two texts apart: the syntax tree in a common form. None for a text that does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as `is` with a literal
        try:
            tree = ast.parse(source)
            compile(source, "<mutant>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
    return ast.dump(_CommonForm().visit(tree))


class _CommonForm(ast.NodeTransformer):
    """Leaves out annotations; writes `not a == b` as `a != b`, and `m.train(False)` as `m.eval()`."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Attribute(layer, "train", context), [ast.Constant(mode)], keywords):
                return ast.Call(ast.Attribute(layer, "train" if mode else "eval", context), [], keywords)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.UnaryOp(ast.Not(), ast.Compare(left, [sign], right)) if type(sign) in _OPPOSITES:
                return ast.Compare(left, [_OPPOSITES[type(sign)]()], right)
        return node
