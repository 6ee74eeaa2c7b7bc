"""Which full dotted names a source mentions, followed through imports, aliases and assignments, scope by scope."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.submissions.chains import assigned, chain_of, constant_text

# Aliases of aliases are followed so far, so many at once, and so long a dotted name is built: enough for people.
_MAX_STEPS = 30
_MAX_NAMES = 500
_MAX_PARTS = 20
_MAX_CHARACTERS = 300
# Names that may each stand for two others stand for thousands after a few steps.
_MAX_WORK = 300_000

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_CHAINS = (ast.Attribute, ast.Name, ast.Call, ast.Subscript)


class TooEntangledError(Exception):
    """Names stand for so many others that they cannot be followed; nobody writes so for another purpose."""


@dataclass(frozen=True)
class Meaning:
    """What a name may stand for: a full dotted name. `star` is the module of the `import *` it may come from, or ""."""

    dotted: str
    star: str = ""

    def plus(self, parts: Sequence[str]) -> Meaning:
        return Meaning(".".join((self.dotted, *parts)), self.star)


@dataclass
class _Scope:
    """Names bound in a module, class, function or comprehension, each with all that is assigned to it.

    A name is bound to a dotted path by an import, to an expression by an assignment, to None by anything else.
    `elsewhere` has the scopes of names that are declared `global` or `nonlocal`.
    """

    parent: _Scope | None
    is_class: bool = False
    is_comprehension: bool = False
    bindings: defaultdict[str, list[str | ast.expr | None]] = field(default_factory=lambda: defaultdict(list))
    elsewhere: dict[str, _Scope] = field(default_factory=dict)

    def bind(self, name: str, meaning: str | ast.expr | None) -> None:
        self.elsewhere.get(name, self).bindings[name].append(meaning)

    def owner(self, name: str) -> _Scope | None:
        """The scope in which a name that is read here is bound. A class's names are not seen by its methods."""
        scope: _Scope | None = self.elsewhere.get(name, self)
        while scope is not None and (name not in scope.bindings or (scope.is_class and scope is not self)):
            scope = scope.parent
        return scope

    def module(self) -> _Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(frozen=True)
class _Lookup:
    """The search for what one name means: what has been found for the names on the way, and how far it may still go."""

    found: dict[tuple[int, str], frozenset[Meaning]] = field(default_factory=dict)
    steps: int = _MAX_STEPS

    def deeper(self) -> _Lookup:
        return _Lookup(self.found, self.steps - 1)


class Reading:
    """One walk through a tree, without recursion, that notes bindings and the places where names are used."""

    def __init__(self, tree: ast.Module) -> None:
        self._imports: list[tuple[int, Meaning]] = []
        self._places: list[tuple[ast.expr, _Scope]] = []
        self._star_modules: dict[str, None] = {}  # each once, in order
        self._known: dict[tuple[int, str], frozenset[Meaning]] = {}
        self._work = 0
        self._waiting: list[tuple[ast.AST, _Scope]] = [(tree, _Scope(None))]
        while self._waiting:
            self._visit(*self._waiting.pop())

    def mentions(self) -> Iterator[tuple[int, list[Meaning]]]:
        """Line and full names of all that is imported or used, longest first: `nn.LSTMCell.forward`, `nn.LSTMCell`.

        Raises TooEntangledError.
        """
        yield from ((line, [meaning]) for line, meaning in self._imports)
        for node, scope in self._places:
            chain = chain_of(node)
            for meaning in self._meanings_of_root(chain.root, scope, _Lookup()):
                self._count(1)
                counts = range(min(len(chain.parts), _MAX_PARTS), -1, -1)
                yield node.lineno, [meaning.plus(chain.parts[:count]) for count in counts]

    # -- the walk ------------------------------------------------------------------------------------------------

    def _later(self, nodes: Iterable[ast.AST], scope: _Scope) -> None:
        # Last in, first out: reversed, so that a scope's `global` is seen before what follows it.
        self._waiting += [(node, scope) for node in reversed(list(nodes))]

    def _visit(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, _FUNCTIONS):
            self._visit_function(node, scope)
        elif isinstance(node, ast.ClassDef):
            scope.bind(node.name, None)
            self._later(node.body, _Scope(scope, is_class=True))
            self._later([*node.decorator_list, *node.bases, *node.keywords], scope)
        elif isinstance(node, _COMPREHENSIONS):
            # The first iterable is evaluated outside, which makes no difference to what we look for.
            self._later(ast.iter_child_nodes(node), _Scope(scope, is_comprehension=True))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                outer = scope.module() if isinstance(node, ast.Global) else scope.parent and scope.parent.owner(name)
                scope.elsewhere[name] = outer or scope.module()
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._visit_import(node, scope)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            self._visit_assignment(node, scope)
        elif isinstance(node, _CHAINS):
            self._visit_chain(node, scope)
        else:
            bound = getattr(node, "name", None) or getattr(node, "rest", None)  # `except ... as e`, `case [a, *b]`
            if isinstance(bound, str):
                scope.bind(bound, None)
            self._later(ast.iter_child_nodes(node), scope)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope) -> None:
        inside = _Scope(scope)
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        for argument in every:
            if argument is not None:
                inside.bind(argument.arg, None)
        outside: list[ast.AST] = [arguments]  # defaults and annotations belong to the scope around
        if isinstance(node, ast.Lambda):
            self._later([node.body], inside)
        else:
            scope.bind(node.name, None)
            self._later(node.body, inside)
            outside += [*node.decorator_list, *([node.returns] if node.returns else [])]
        self._later(outside, scope)

    def _visit_import(self, node: ast.Import | ast.ImportFrom, scope: _Scope) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                top = alias.name.split(".")[0]
                scope.bind(alias.asname or top, alias.name if alias.asname else top)
                self._imports.append((node.lineno, Meaning(alias.name)))
            elif node.level or not node.module:
                scope.bind(alias.asname or alias.name, None)
            elif alias.name == "*":
                self._star_modules[node.module] = None
                self._imports.append((node.lineno, Meaning(f"{node.module}.*")))
            else:
                dotted = f"{node.module}.{alias.name}"
                scope.bind(alias.asname or alias.name, dotted)
                self._imports.append((node.lineno, Meaning(dotted)))

    def _visit_assignment(self, node: ast.Assign | ast.AnnAssign | ast.NamedExpr, scope: _Scope) -> None:
        if isinstance(node, ast.NamedExpr):
            while scope.is_comprehension and scope.parent is not None:
                scope = scope.parent
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for name, value in assigned(target, node.value):
                scope.bind(name, value)
        self._later(ast.iter_child_nodes(node), scope)

    def _visit_chain(self, node: ast.Attribute | ast.Name | ast.Call | ast.Subscript, scope: _Scope) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.bind(node.id, None)
            return
        self._places.append((node, scope))
        chain = chain_of(node)
        if chain.root is node:
            self._later(ast.iter_child_nodes(node), scope)
        else:
            # The parts of a chain are one place, its beginning is another unless it is a mere name.
            beginning = [] if isinstance(chain.root, ast.Name) else [chain.root]
            self._later([*beginning, *chain.others], scope)

    # -- what names mean -----------------------------------------------------------------------------------------

    def _meanings(self, node: ast.expr, scope: _Scope, lookup: _Lookup) -> frozenset[Meaning]:
        chain = chain_of(node)
        found = self._meanings_of_root(chain.root, scope, lookup)
        self._count(1 + len(found))
        longer = (meaning.plus(chain.parts[:_MAX_PARTS]) for meaning in found)
        return frozenset(meaning for meaning in longer if len(meaning.dotted) <= _MAX_CHARACTERS)

    def _count(self, meanings: int) -> None:
        self._work += meanings
        if self._work > _MAX_WORK:
            raise TooEntangledError

    def _meanings_of_root(self, root: ast.expr, scope: _Scope, lookup: _Lookup) -> frozenset[Meaning]:
        if lookup.steps == 0:
            return frozenset()
        if isinstance(root, ast.Name):
            return self._meanings_of_name(root.id, scope, lookup)
        if isinstance(root, ast.IfExp):
            parts = [root.body, root.orelse]
        elif isinstance(root, ast.BoolOp):
            parts = root.values
        elif isinstance(root, ast.NamedExpr):
            parts = [root.value]
        else:
            return self._meaning_of_import(root, scope, lookup)
        return frozenset().union(*(self._meanings(part, scope, lookup.deeper()) for part in parts))

    def _meaning_of_import(self, root: ast.expr, scope: _Scope, lookup: _Lookup) -> frozenset[Meaning]:
        """`importlib.import_module("torch.nn")`, `__import__("torch.nn")`, `sys.modules["torch.nn"]`."""
        if isinstance(root, ast.Call) and root.args:
            module, container, wanted = constant_text(root.args[0]), root.func, "importlib.import_module"
        elif isinstance(root, ast.Subscript):
            module, container, wanted = constant_text(root.slice), root.value, "sys.modules"
        else:
            return frozenset()
        if module is None:
            return frozenset()
        if isinstance(container, ast.Name) and container.id == "__import__":
            return frozenset({Meaning(module), Meaning(module.split(".")[0])})
        is_import = Meaning(wanted) in self._meanings(container, scope, lookup.deeper())
        return frozenset({Meaning(module)}) if is_import else frozenset()

    def _meanings_of_name(self, name: str, scope: _Scope, lookup: _Lookup) -> frozenset[Meaning]:
        owner = scope.owner(name)
        if owner is None:
            self._count(len(self._star_modules))
            return frozenset(Meaning(f"{module}.{name}", module) for module in self._star_modules)
        key = (id(owner), name)
        known = self._known.get(key, lookup.found.get(key))
        if known is not None:
            return known
        is_first = not lookup.found
        lookup.found[key] = frozenset()  # what an alias of itself adds
        meanings: set[Meaning] = set()
        for bound in owner.bindings[name]:
            if isinstance(bound, str):
                meanings.add(Meaning(bound))
            elif bound is not None and len(lookup.found) < _MAX_NAMES:
                meanings |= self._meanings(bound, owner, lookup.deeper())
        lookup.found[key] = frozenset(meanings)
        if is_first:  # of other names in a circle of aliases, a part may be missing
            self._known[key] = lookup.found[key]
        return lookup.found[key]
