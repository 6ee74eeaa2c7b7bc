"""What of a source is ever run: what its import runs, and all that this and the wanted names lead to.

Functions are reached when reached code reads their name, methods with their class. So are imports, and assignments
that call nothing: they only give a name to something. Names count whatever their scope, so that rather too much is
reached than too little.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from autograder.submissions.syntax import Function, Import, bound_by, defined_names, executed, parse, symbols

BUILTINS = frozenset(dir(builtins))
_LOOK_UP = frozenset({"eval", "exec", "globals", "locals", "vars"})
"""By these, code may reach any name of its module."""
_EXECUTES = (ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def reached(tree: ast.Module, text: str, names: Iterable[str] | None) -> ast.Module:
    """The tree of a text without fault, with all that is never run taken out of it, in place.

    `names` are what the exercise wants; None stands for all that there are. Functions that are never called have no
    body, imports and assignments that nobody needs have no names and no value, and of a condition only what is looked
    at is left.
    """
    _Search(tree, text).follow(names)
    return tree


class _Search:
    """Puts to sleep what need not run, and wakes it when its name is read."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self._read: set[str] = set()
        self._asleep: defaultdict[str, list[Callable[[], Iterable[ast.AST]]]] = defaultdict(list)
        self._stars: list[Callable[[], Iterable[ast.AST]]] = []
        self._reads_all = False
        # Nodes to look at, each with the class in whose body it stands, or "".
        self._waiting: list[tuple[ast.AST, str]] = [(tree, "")]
        self._text = text
        self._all = list(ast.walk(tree))
        imports = (node for node in self._all if isinstance(node, Import))
        self._from_elsewhere = BUILTINS.union(bound_by(alias) for node in imports for alias in node.names)
        self._known = _switches(self._all, tree.body)

    def follow(self, names: Iterable[str] | None) -> None:
        if names is None:
            self._read_all()
        for name in names or ():
            self._note_read(name)
        self._run()
        # What no statement binds may come from any `import *`.
        if self._stars and (self._reads_all or self._read & self._free_names()):
            for wake in self._stars:
                wake()

    def _free_names(self) -> set[str]:
        """Names that are read from the module, and that neither it nor Python itself defines."""
        declared = {name for node in self._all if isinstance(node, ast.Global) for name in node.names}
        table = symbols(self._text)
        read = set() if table is None else set(read_names(table))
        return read - defined_names(parse(self._text).body) - declared - self._from_elsewhere

    def _run(self) -> None:
        while self._waiting:
            self._visit(*self._waiting.pop())

    def _later(self, nodes: Iterable[ast.AST | None], holder: str = "") -> None:
        self._waiting += [(node, holder) for node in nodes if node is not None]

    def _sleep(self, names: Sequence[str], wake: Callable[[], Iterable[ast.AST]]) -> None:
        if self._reads_all or self._read.intersection(names):
            self._later(wake())
        else:
            for name in names:
                self._asleep[name].append(wake)

    def _note_read(self, name: str) -> None:
        self._read.add(name)
        for wake in self._asleep.pop(name, ()):
            self._later(wake())
        if name in _LOOK_UP:
            self._read_all()

    def _read_all(self) -> None:
        self._reads_all = True
        for name in list(self._asleep):
            self._note_read(name)

    def _visit(self, node: ast.AST, holder: str) -> None:
        if isinstance(node, Function):
            self._visit_function(node, holder)
        elif isinstance(node, ast.ClassDef):
            if any(map(self._may_run, node.decorator_list)):
                self._note_read(node.name)
            self._later([*node.decorator_list, *node.bases, *node.keywords])
            self._later(node.body, holder or node.name)
        elif isinstance(node, Import):
            self._visit_import(node, holder)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and (names := _only_named(node)):
            self._later([getattr(node, "annotation", None)])
            self._sleep([holder] if holder else names, _value_of(node))
        elif isinstance(node, (ast.If, ast.While)) and (holds := _holds(node.test, self._known)) is not None:
            node.body, node.orelse = (node.body, []) if holds else ([], node.orelse)
            self._later([*node.body, *node.orelse], holder)
            self._later([node.test])
        elif isinstance(node, ast.IfExp) and (holds := _holds(node.test, self._known)) is not None:
            never = ast.Constant(None)
            node.body, node.orelse = (node.body, never) if holds else (never, node.orelse)
            self._later([node.test, node.body, node.orelse])
        elif isinstance(node, ast.BoolOp):
            node.values = _looked_at(node, self._known)
            self._later(node.values)
        elif isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Store):
                self._note_read(node.id)
        else:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self._note_read(node.target.id)
            # What stands inside `if`, `for` or `try` of a class's body is still the class's.
            self._later(ast.iter_child_nodes(node), holder if isinstance(node, (ast.stmt, ast.excepthandler)) else "")

    def _visit_function(self, node: Function, holder: str) -> None:
        self._later([*node.decorator_list, node.args, node.returns])
        body, node.body = node.body, []

        def wake() -> Iterable[ast.AST]:
            node.body = body
            return body

        # What a library's decorator gets is kept for later; one's own may call it at once.
        runs_now = holder == "" and any(map(self._may_run, node.decorator_list))
        if runs_now:
            self._note_read(node.name)
        self._sleep([holder or node.name], wake)

    def _visit_import(self, node: Import, holder: str) -> None:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return
        aliases, node.names = node.names, []
        for alias in aliases:
            if alias.name == "*":
                self._stars.append(_alias_of(node, alias))
            else:
                self._sleep([holder or bound_by(alias)], _alias_of(node, alias))

    def _may_run(self, decorator: ast.expr) -> bool:
        while isinstance(decorator, (ast.Call, ast.Attribute)):
            decorator = decorator.func if isinstance(decorator, ast.Call) else decorator.value
        return not isinstance(decorator, ast.Name) or decorator.id not in self._from_elsewhere


def bound_in(tree: ast.Module) -> set[str]:
    """The names that a module defines, with what it imports anywhere; of `import *`, "*"."""
    imports = [node for node in ast.walk(tree) if isinstance(node, Import)]
    return defined_names(tree.body).union(bound_by(alias) for node in imports for alias in node.names)


def read_names(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that code reads from its module, at once or when a function in it is called."""
    for symbol in table.get_symbols():
        if symbol.is_referenced():
            yield symbol.get_name()
    waiting = list(table.get_children())
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        for symbol in scope.get_symbols():
            # In a class body, `size = size` reads the module's name although it is also the class's own.
            is_read = symbol.is_referenced() and (symbol.is_global() or scope.get_type() == "class")
            if is_read or symbol.is_declared_global():
                yield symbol.get_name()


def _value_of(node: ast.Assign | ast.AnnAssign) -> Callable[[], Iterable[ast.AST]]:
    value = node.value
    node.value = None

    def wake() -> Iterable[ast.AST]:
        if value is None or node.value is value:  # another of its names was read before
            return []
        node.value = value
        return [value]

    return wake


def _alias_of(node: Import, alias: ast.alias) -> Callable[[], Iterable[ast.AST]]:
    def wake() -> Iterable[ast.AST]:
        node.names.append(alias)
        return []

    return wake


def _only_named(node: ast.Assign | ast.AnnAssign) -> list[str]:
    """The names that an assignment gives to something that is there already; none when it does more than that."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    if node.value is not None and any(isinstance(inside, _EXECUTES) for inside in executed([node.value])):
        return []
    names = [part.id for part in parts if isinstance(part, ast.Name)]
    return names if len(names) == len(parts) else []


def _holds(test: ast.expr, known: Mapping[str, bool]) -> bool | None:
    """Whether a condition holds in a file that is imported, as submissions are; None where there is no saying.

    What students run to compare their work with ours stands under `__name__ == "__main__"`, or under a switch of their
    own that is off.
    """
    match test:
        case ast.BoolOp(op=op, values=values):
            told = {_holds(value, known) for value in values}
            decides = isinstance(op, ast.Or)
            return decides if decides in told else None if None in told else not decides
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inside = _holds(operand, known)
            return None if inside is None else not inside
        case ast.Constant(value=value):
            return bool(value)
        case ast.Attribute(attr="TYPE_CHECKING"):
            return False
        case ast.Name(id=name):
            return known.get(name, False if name == "TYPE_CHECKING" else None)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn() as op], comparators=[right]):
            sides = [left, *getattr(right, "elts", [right])]
            constants = {side.value for side in sides if isinstance(side, ast.Constant)}
            names = [side.id for side in sides if isinstance(side, ast.Name)]
            if len(sides) == 2 and constants == {"__main__"} and names == ["__name__"] and "__name__" in known:
                return isinstance(op, ast.NotEq | ast.NotIn)
    return None


def _looked_at(node: ast.BoolOp, known: Mapping[str, bool]) -> list[ast.expr]:
    """The parts of a condition up to the one that decides it: what follows in `False and ...` is not run."""
    decided = [_holds(value, known) is isinstance(node.op, ast.Or) for value in node.values]
    return node.values[: decided.index(True) + 1] if True in decided else node.values


def _switches(nodes: Iterable[ast.AST], top: Iterable[ast.stmt]) -> dict[str, bool]:
    """Names that a module sets once, to a constant, each with whether that counts as true; `__name__` if never set."""
    uses = Counter(name for node in nodes for name in _named(node))
    set_to = [
        (target, node.value.value)
        for node in top
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    constants = {target.id: bool(value) for target, value in set_to if isinstance(target, ast.Name)}
    constants["__name__"] = True
    return {name: value for name, value in constants.items() if uses[name] == (name != "__name__")}


def _named(node: ast.AST) -> Iterator[str]:
    """Names that a node may bind, and some more."""
    if isinstance(node, ast.Name):
        yield from [] if isinstance(node.ctx, ast.Load) else [node.id]
    elif isinstance(node, ast.Global):
        yield from node.names
    else:
        fields = (getattr(node, field, None) for field in ("arg", "asname", "name", "rest"))
        yield from (name for name in fields if isinstance(name, str))
