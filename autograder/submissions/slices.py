"""Of all that a notebook's cells do, the statements that one exercise needs.

Starting from the wanted names, a statement is taken when it binds or patches a name that is needed, and what it uses is
needed in turn. The rest (training loops, plots, checks) is left out. Statements stay in the order of a run from top to
bottom, so that the last definition wins as it does there.

Not followed: methods that set a global name, functions that set something in a library
(`torch.backends.cudnn.benchmark = True` somewhere in a training loop), and names that are only in strings.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from autograder.submissions.model import Segment, UnreadableError, cell_label
from autograder.submissions.notebook import Cell
from autograder.submissions.reach import BUILTINS, read_names
from autograder.submissions.syntax import (
    Definition,
    Function,
    Import,
    bound_by,
    defined_names,
    executed,
    line_groups,
    parse,
    symbols,
)

MAX_STATEMENTS = 20_000
SURELY_THERE = frozenset({"torch", "torchvision", "numpy"}) | sys.stdlib_module_names
"""Packages that can be imported where files are graded, as the handout promises."""

# Methods that change what they are called on: `LAYERS.append(...)`, `parser.add_argument(...)`.
_CHANGES = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update", "__setitem__"}).union(
    ("add_argument", "clear", "discard", "pop", "remove", "reverse", "set_defaults", "sort")
)


@dataclass(frozen=True)
class Statement:
    """One or more whole lines of a cell that stand or fall together, and the names of the module they concern."""

    cell: int
    first_line: int
    last_line: int
    binds: frozenset[str]
    patches: frozenset[str]
    uses: frozenset[str]
    calls: frozenset[str]
    effects: frozenset[str]
    """What functions that it defines change in the module when they are called."""
    leads_to: frozenset[str]
    """What functions that it defines call in turn."""
    foreign: frozenset[str]
    """What it binds by imports alone, and not from the packages that are surely there."""
    is_future: bool
    is_star: bool


def statements_in(cells: Sequence[Cell], where: str) -> list[Statement]:
    """The statements of every valid cell, in order. Raises UnreadableError when there are far too many."""
    statements: list[Statement] = []
    imported = _imported([parse(cell.text) for cell in cells if cell.fault is None])
    for cell in cells:
        if cell.fault is None:
            statements += islice(_statements(cell, imported), MAX_STATEMENTS + 1)
        if len(statements) > MAX_STATEMENTS:
            raise UnreadableError("{where} holds more than {most:,} statements.", where, most=MAX_STATEMENTS)
    return statements


def cut(
    cells: Sequence[Cell], statements: Sequence[Statement], names: Collection[str]
) -> tuple[str, tuple[Segment, ...], frozenset[str]]:
    """The statements that define `names`, with everything they need, as one source with the cells' own line numbers.

    With where each line of the text is from, and the names that it uses and that nothing in it defines.
    """
    needed, taken = _closure(statements, names)
    chosen = [statements[index] for index in sorted(taken)]
    texts = {cell.number: cell.text for cell in cells}
    # `from __future__` must come first in a file; in a notebook, first in its cell is enough.
    ordered = sorted(chosen, key=lambda statement: not statement.is_future)
    lines: list[str] = []
    segments: list[Segment] = []
    for (_, cell), inside in groupby(ordered, key=lambda statement: (statement.is_future, statement.cell)):
        segments.append(Segment(len(lines) + 1, cell_label(cell)))
        lines += _only(texts[cell].split("\n"), list(inside))
    return "\n".join((*lines, "")), tuple(segments), frozenset(needed - bound_names(chosen) - BUILTINS)


def bound_names(statements: Sequence[Statement]) -> frozenset[str]:
    """Every name that some statement binds."""
    return frozenset(name for statement in statements for name in statement.binds)


def defined_in(statements: Sequence[Statement]) -> frozenset[str]:
    """The same without what is only imported from a file that may not be there."""
    return frozenset(name for statement in statements for name in statement.binds - statement.foreign)


def _closure(statements: Sequence[Statement], names: Collection[str]) -> tuple[set[str], set[int]]:
    effects = _effects(statements)
    changers: defaultdict[str, list[int]] = defaultdict(list)
    for index, statement in enumerate(statements):
        called = (effects[name] for name in statement.calls if name in effects)
        for name in statement.binds.union(statement.patches, *called):
            changers[name].append(index)
    needed: set[str] = set()
    taken: set[int] = {index for index, statement in enumerate(statements) if statement.is_star or statement.is_future}
    waiting = [*names, *(name for index in taken for name in statements[index].uses)]
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        for index in changers[name]:
            if index not in taken:
                taken.add(index)
                waiting += statements[index].uses
    return needed, taken


def _effects(statements: Sequence[Statement]) -> dict[str, set[str]]:
    """What calling each function changes in the module, by itself or through the functions that it calls."""
    effects: defaultdict[str, set[str]] = defaultdict(set)
    callers: defaultdict[str, set[str]] = defaultdict(set)
    for statement in statements:
        for name in statement.binds:
            effects[name] |= statement.effects
            for called in statement.leads_to:
                callers[called].add(name)
    waiting = [name for name in effects if effects[name]]
    while waiting:
        name = waiting.pop()
        for caller in callers[name]:
            if not effects[name] <= effects[caller]:
                effects[caller] |= effects[name]
                waiting.append(caller)
    return effects


def _only(lines: list[str], statements: Sequence[Statement]) -> list[str]:
    """The lines of a cell up to the last one that is kept, the others blank."""
    kept = [""] * max(statement.last_line for statement in statements)
    for statement in statements:
        span = slice(statement.first_line - 1, statement.last_line)
        kept[span] = lines[span]
    return kept


def _imported(trees: Sequence[ast.Module]) -> frozenset[str]:
    """Names that are bound by imports alone: of modules, mostly. `torch.sort(x)` does not change torch."""
    imports = (node for tree in trees for node in ast.walk(tree) if isinstance(node, Import))
    names = frozenset(bound_by(alias) for node in imports for alias in node.names)
    return names.difference(*(defined_names(tree.body) for tree in trees))


def _statements(cell: Cell, imported: Collection[str]) -> Iterator[Statement]:
    lines = cell.text.split("\n")
    for first, last, nodes in line_groups(parse(cell.text)):
        table = symbols("\n".join(lines[first - 1 : last]) + "\n")
        if table is None:
            continue  # `await` outside a function: nothing that an exercise can be made of
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        at_once = list(executed(nodes))
        yield Statement(
            cell.number,
            first,
            last,
            binds=frozenset(
                each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()
            ),
            patches=frozenset(patched_names(nodes, imported)),
            uses=frozenset(read_names(table)).union(_changed_in_place(at_once)),
            calls=frozenset(_called(at_once)),
            effects=frozenset(_changed_when_called(nodes)).difference(imported),
            leads_to=frozenset(
                _called(inside for node in nodes if isinstance(node, Function) for inside in ast.walk(node))
            ),
            foreign=frozenset(_foreign(at_once)) - defined_names(nodes),
            is_future=any(node.module == "__future__" for node in imports),
            is_star=any(alias.name == "*" for node in imports for alias in node.names),
        )


def _called(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of what is called, decorators too."""
    for node in nodes:
        called = [node.func] if isinstance(node, ast.Call) else getattr(node, "decorator_list", [])
        yield from (name for each in called for name in _root(each))


def _changed_in_place(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Names that must be bound before the statement although it only binds or deletes them: `size += 1`, `del size`."""
    for node in nodes:
        match node:
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name
            case ast.Delete(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def patched_names(nodes: Sequence[ast.stmt], imported: Collection[str] = ()) -> Iterator[str]:
    """Names of objects that the statement changes without binding them, as far as that can be seen.

    `Block.forward = f`, `SIZES["k"] = 3`, `del Block.x`, `setattr(Block, "forward", f)`, `LAYERS.append(x)`, and a
    decorator that gets the object: `@add_to(Block)`. Functions of what is `imported` are no methods: `np.append(x, 1)`.
    """
    for node in executed(nodes):
        if isinstance(node, Definition):
            calls = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
            yield from (argument.id for call in calls for argument in call.args if isinstance(argument, ast.Name))
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                yield from _root(node)
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[changed, *_]):
                yield from _root(changed)
            case ast.Call(func=ast.Attribute(value=changed, attr=method)) if method in _CHANGES:
                if not (isinstance(changed, ast.Name) and changed.id in imported):
                    yield from _root(changed)


def _changed_when_called(nodes: Sequence[ast.stmt]) -> Iterator[str]:
    """`SIZE` of `def setup(): global SIZE; SIZE = 16`; the same for `SIZES["k"] = 3` and `SIZES.append(3)` where SIZES
    is not its own.
    """
    for function in nodes:
        if not isinstance(function, Function):
            continue
        inside = [node for statement in function.body for node in ast.walk(statement)]
        outer = {name for node in inside if isinstance(node, ast.Global) for name in node.names}
        stored = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
        yield from stored & outer
        own = (stored | arguments) - outer
        for node in inside:
            match node:
                case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                    yield from (name for name in _root(node) if name not in own)
                case ast.Call(func=ast.Attribute(value=changed, attr=method)) if method in _CHANGES:
                    yield from (name for name in _root(changed) if name not in own)


def _foreign(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Import):
            for alias in node.names:
                module = alias.name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
                if module.partition(".")[0] not in SURELY_THERE:
                    yield bound_by(alias)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
