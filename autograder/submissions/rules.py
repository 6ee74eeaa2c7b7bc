"""What an exercise does not allow, searched for in the syntax tree of a source.

Only what is ever run is searched. Names are followed through imports and plain aliases (`mine = torch.nn`), scope by
scope. Comments, strings, annotations and attributes of other objects (`self.LSTMCell`) are never taken for a use. What
is put together only while the program runs (`exec`, `getattr`, `sys.modules`) is not seen here: a worker's guard meets
it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import filterfalse

from autograder.language import tr
from autograder.patterns import NamePatterns
from autograder.submissions.model import Finding, SourceFile
from autograder.submissions.reach import reached
from autograder.submissions.syntax import Import, bound_by, fault_in, parse

# Aliases of aliases are followed so often, to so many names, each so long and of so many parts: enough for people.
_ROUNDS = 30
_MOST = 50
_LONGEST = 300
_MOST_PARTS = 20

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_Meaning = tuple[str, str]
"""What a name may stand for: a full dotted name, and the module of the `import *` that it may come from, or ""."""


def forbidden_uses(source: SourceFile, forbidden: Sequence[str], names: Collection[str] | None = None) -> list[Finding]:
    """Every use of a forbidden name, by line, in what the import of the source runs and what `names` lead to.

    `forbidden` holds full dotted names, "torch.nn.LSTMCell"; a `*` stands for any characters, dots included,
    "torch.nn.utils.clip_grad*". Other names of the same object must be given, too ("torch.nn.modules.rnn.LSTMCell").
    Without `names`, everything in the source counts as wanted, also imports that nothing uses, and annotations.
    """
    if fault_in(source.text) is not None:
        return []
    patterns = _Patterns(forbidden)
    tree = parse(source.text)
    if names is not None:
        _drop_annotations(tree)
    found: set[tuple[int, str]] = set()
    for line, meanings in _Reading(reached(tree, source.text, names)).mentions():
        if first := next(filterfalse(patterns.allows, meanings), None):
            found.add((line, first[0]))
    return [
        Finding(
            line,
            name,
            tr("{where} uses {name}, which this exercise does not allow", where=source.position(line), name=name),
        )
        for line, name in sorted(found)
    ]


def _drop_annotations(tree: ast.Module) -> None:
    """Take out what only says of which type something is; what calls something there stays."""
    for node in list(ast.walk(tree)):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if isinstance(annotation, ast.expr) and not any(
                isinstance(inside, (ast.Call, ast.NamedExpr)) for inside in ast.walk(annotation)
            ):
                setattr(node, field, None)


class _Patterns(NamePatterns):
    """The names that are not allowed."""

    def allows(self, meaning: _Meaning) -> bool:
        dotted, star = meaning
        if not star:
            return not self.match(dotted)
        # Where all of a module is forbidden, `from module import *` is the use that is reported. A name that may
        # come from there may as well come from another module.
        beginnings = tuple(start for start in self.beginnings if len(start) > len(star) + 1)
        return dotted not in self.exact and not dotted.startswith(beginnings)


class _Scope:
    """Names bound in a module, class, function or comprehension, each with what it may stand for."""

    def __init__(self, parent: _Scope | None, is_class: bool = False) -> None:
        self.parent, self.is_class = parent, is_class
        self.bound: dict[str, set[_Meaning]] = {}
        self.elsewhere: dict[str, _Scope] = {}
        """Scopes of names that are declared `global` or `nonlocal`."""

    def bind(self, name: str, dotted: str = "") -> set[_Meaning]:
        meanings = self.elsewhere.get(name, self).bound.setdefault(name, set())
        if dotted:
            meanings.add((dotted, ""))
        return meanings

    def owner(self, name: str) -> _Scope | None:
        """The scope in which a name that is read here is bound. A class's names are not seen by its methods."""
        scope: _Scope | None = self.elsewhere.get(name, self)
        while scope is not None and (name not in scope.bound or (scope.is_class and scope is not self)):
            scope = scope.parent
        return scope


class _Reading:
    """One walk through a tree, without recursion, that notes bindings and the places where names are used."""

    def __init__(self, tree: ast.Module) -> None:
        self._module = _Scope(None)
        self._stars: dict[str, None] = {}  # each once, in order
        self._imports: list[tuple[int, str]] = []
        self._places: list[tuple[int, list[str], _Scope]] = []
        self._aliases: list[tuple[set[_Meaning], list[str], _Scope]] = []
        self._waiting: list[tuple[ast.AST, _Scope]] = [(tree, self._module)]
        while self._waiting:
            self._visit(*self._waiting.pop())
        for _ in range(_ROUNDS):
            if sum(self._follow(*alias) for alias in self._aliases) == 0:
                break

    def mentions(self) -> Iterator[tuple[int, list[_Meaning]]]:
        """Line and full names of all that is imported or used, longest first: `nn.LSTMCell.forward`, `nn.LSTMCell`."""
        yield from ((line, [(dotted, "")]) for line, dotted in self._imports)
        for line, parts, scope in self._places:
            for dotted, star in self._meanings(parts[:1], scope):
                counts = range(len(parts), 0, -1)
                yield line, [(".".join((dotted, *parts[1:count])), star) for count in counts]

    def _follow(self, meanings: set[_Meaning], parts: list[str], scope: _Scope) -> bool:
        """Whether an alias turns out to stand for more than was known."""
        before = len(meanings)
        if before < _MOST:
            meanings |= self._meanings(parts, scope)
        return len(meanings) > before

    def _meanings(self, parts: list[str], scope: _Scope) -> set[_Meaning]:
        root, *rest = parts
        owner = scope.owner(root)
        found = {(f"{module}.{root}", module) for module in self._stars} if owner is None else owner.bound[root]
        longer = ((".".join((dotted, *rest)), star) for dotted, star in found)
        return {meaning for meaning in longer if len(meaning[0]) <= _LONGEST}

    def _later(self, nodes: Iterable[ast.AST | None], scope: _Scope) -> None:
        # Last in, first out: reversed, so that a scope's `global` is seen before what follows it.
        self._waiting += [(node, scope) for node in reversed(list(nodes)) if node is not None]

    def _visit(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, _FUNCTIONS):
            inside = _Scope(scope)
            arguments = node.args
            starred = filter(None, (arguments.vararg, arguments.kwarg))
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred):
                inside.bind(argument.arg)
                self._later([argument.annotation], scope)
            self._later(node.body if isinstance(node.body, list) else [node.body], inside)
            self._later([*arguments.defaults, *arguments.kw_defaults], scope)
            if not isinstance(node, ast.Lambda):
                scope.bind(node.name)
                self._later([*node.decorator_list, node.returns], scope)
        elif isinstance(node, ast.ClassDef):
            scope.bind(node.name)
            self._later(node.body, _Scope(scope, is_class=True))
            self._later([*node.decorator_list, *node.bases, *node.keywords], scope)
        elif isinstance(node, _COMPREHENSIONS):
            # The first iterable is evaluated outside, which makes no difference to what we look for.
            self._later(ast.iter_child_nodes(node), _Scope(scope))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                outer = scope.parent.owner(name) if isinstance(node, ast.Nonlocal) and scope.parent else None
                scope.elsewhere[name] = outer or self._module
        elif isinstance(node, Import):
            self._visit_import(node, scope)
        elif (parts := _parts(node)) and isinstance(getattr(node, "ctx", None), ast.Load):
            self._places.append((node.lineno, parts[:_MOST_PARTS], scope))  # type: ignore[attr-defined]
        else:
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and (parts := _parts(node.value)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        self._aliases.append((scope.bind(target.id), parts, scope))
            # `x = ...`, `except ... as e`, `case [a, *b]`
            for field in ("id", "name", "rest"):
                if isinstance(bound := getattr(node, field, None), str):
                    scope.bind(bound)
            self._later(ast.iter_child_nodes(node), scope)

    def _visit_import(self, node: Import, scope: _Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                dotted = alias.name
                scope.bind(bound_by(alias), alias.name if alias.asname else bound_by(alias))
            elif node.level or not node.module:
                scope.bind(alias.asname or alias.name)
                continue
            else:
                dotted = f"{node.module}.{alias.name}"
                if alias.name != "*":
                    scope.bind(alias.asname or alias.name, dotted)
                elif len(self._stars) < _MOST:
                    self._stars[node.module] = None
            self._imports.append((node.lineno, dotted))


def _parts(node: ast.AST | None) -> list[str]:
    """`["nn", "LSTMCell"]` for `nn.LSTMCell`; nothing for what does not begin with a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []
