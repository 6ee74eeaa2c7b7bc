"""Messages in the source of suites: found for catalogues, and replaced by translations before a suite is run.

Authors write plain strings and f-strings. What is a message is told by where it stands: docstrings of checks are their
titles; keys, what is compared, decorators and docstrings are none; other strings of several words are. In a catalogue,
an f-string is a text with placeholders, `{mine.asked}` or, for what is no plain name, `{1}`.
"""

from __future__ import annotations

import ast
import copy
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from string import Formatter
from types import ModuleType

from autograder.language import SOURCE, Told, source_of, speaking, spoken, tr

_NO_MESSAGES = frozenset({"choice", "startswith", "endswith", "replace", "split", "join", "getattr", "param"})
"""Functions whose arguments are data."""
_TRANSLATE, _SOURCE, _TOLD = "__tr__", "__source__", "__told__"
"""What a translated suite calls for words that are put into its messages and their sources, and for the messages."""


@dataclass(frozen=True)
class Message:
    """A text for people, as the catalogue names it."""

    text: str
    line: int
    note: str = ""
    """What numbered placeholders stand for."""
    plural: str = ""


def messages_of(text: str) -> list[Message]:
    """The messages of a suite."""
    found = _Messages()
    with speaking(SOURCE):  # notes show what the author wrote
        found.visit(ast.parse(text))
    return found.messages


def translated(text: str) -> ast.Module:
    """A suite's syntax tree, with its messages in the language of this process."""
    tree = ast.parse(text)
    _Messages().visit(tree)
    return ast.fix_missing_locations(tree)


def run(tree: ast.Module, file: str, names: dict[str, object]) -> None:
    """Run a suite's syntax tree as a module that has these names."""
    names |= {_TRANSLATE: _word, _SOURCE: source_of, _TOLD: Told}
    exec(compile(tree, file, "exec", dont_inherit=True), names)


class _Messages(ast.NodeTransformer):
    """Finds messages, and puts their translations in their places."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._kept: set[str] = set()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self._kept = set(_kept(node))
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        document = ast.get_docstring(node)
        if document and node.name.startswith("test_"):
            title = title_of(document)
            self.messages.append(Message(title, node.body[0].lineno))
            told = ast.copy_location(ast.Constant(tr(title)), node.body[0])
            node.body[0] = ast.copy_location(ast.Expr(told), node.body[0])
        decorators, node.decorator_list = node.decorator_list, []
        self._without_docstring(node)
        node.decorator_list = decorators
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        node.values = [self.visit(value) for value in node.values]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        node.func = self.visit(function)
        if name not in _NO_MESSAGES:
            node.args = [self.visit(argument) for argument in node.args]
            for keyword in node.keywords:
                keyword.value = keyword.value if keyword.arg == "of" else self.visit(keyword.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        text = node.value
        if not isinstance(text, str) or text in self._kept or not _is_message(text):
            return node
        return self._told(node, text, {})

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        original = copy.deepcopy(node)
        text, values = _template(node)
        for value in values.values():
            value.value = self._inside(value.value)
        return self._told(original, text, values) if _is_message(re.sub(r"\{[\w.]*\}", "0", text)) else node

    def _inside(self, value: ast.expr) -> ast.expr:
        """Words that an f-string chooses between, `{"on" if wanted else "off"}`, are messages, too."""
        if not isinstance(value, ast.IfExp):
            found: ast.expr = self.visit(value)
            return found
        value.body, value.orelse = self._word(value.body), self._word(value.orelse)
        return value

    def _word(self, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return self._told(value, value.value, {}) if re.search("[A-Za-z]{2}", value.value) else value
        return self._inside(value)

    def _without_docstring(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> ast.AST:
        kept = 1 if ast.get_docstring(node, clean=False) is not None else 0
        first, node.body = node.body[:kept], node.body[kept:]
        self.generic_visit(node)
        node.body = [*first, *node.body]
        return node

    def _told(self, node: ast.expr, text: str, values: dict[str, ast.FormattedValue]) -> ast.expr:
        notes = [f"{{{name}}}: {ast.unparse(value.value)}" for name, value in values.items() if name.isdecimal()]
        self.messages.append(Message(text, node.lineno, "; ".join(notes)))
        told = tr(text)
        if told == text:
            return node
        made: ast.expr = ast.Constant(told)
        if isinstance(node, ast.JoinedStr):
            parts: list[ast.expr] = []
            for literal, name, _, _ in Formatter().parse(told):
                parts += [ast.Constant(literal)] if literal else []
                parts += [_put_through(_TRANSLATE, values[name])] if name is not None else []
            made = ast.JoinedStr(parts)
            node.values = [
                _put_through(_SOURCE, part) if isinstance(part, ast.FormattedValue) else part for part in node.values
            ]
        return ast.copy_location(ast.Call(ast.Name(_TOLD, ast.Load()), [made, node], []), node)


def _put_through(function: str, value: ast.FormattedValue) -> ast.FormattedValue:
    """What is put in may be a message itself, such as a case that is named by a key."""
    if value.conversion != -1 or value.format_spec is not None:
        return value
    return ast.FormattedValue(ast.Call(ast.Name(function, ast.Load()), [value.value], []), -1, None)


def _word(value: object) -> object:
    return tr(value) if isinstance(value, str) else value


def title_of(document: str) -> str:
    """The title of the check that has this docstring."""
    return document.strip().splitlines()[0].strip().rstrip(".")


def _is_message(text: str) -> bool:
    return " " in text.strip() and re.search("[A-Za-z]{2}", text) is not None


def _kept(tree: ast.AST) -> Iterator[str]:
    """Texts that stand where data stand, also if the same text is elsewhere a message."""
    for node in ast.walk(tree):
        data: list[ast.AST | None] = []
        if isinstance(node, ast.Dict):
            data += node.keys
        elif isinstance(node, ast.Subscript):
            data.append(node.slice)
        elif isinstance(node, ast.Compare):
            data += [node.left, *node.comparators]
        elif isinstance(node, ast.FunctionDef):
            data += node.decorator_list
        for each in data:
            for inside in ast.walk(each) if each is not None else ():
                if isinstance(inside, ast.Constant) and isinstance(inside.value, str):
                    yield inside.value


def _template(node: ast.JoinedStr) -> tuple[str, dict[str, ast.FormattedValue]]:
    """An f-string as text with placeholders, and what stands in each."""
    text = ""
    values: dict[str, ast.FormattedValue] = {}
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            name = ast.unparse(part.value)
            number = sum(name.isdecimal() for name in values) + 1
            known = next((key for key, value in values.items() if ast.dump(value) == ast.dump(part)), None)
            if known is None:
                known = name if re.fullmatch(r"[^\W\d]\w*(\.\w+)*", name) and name not in values else str(number)
                values[known] = part
            text += f"{{{known}}}"
        elif isinstance(part, ast.Constant):
            text += str(part.value).replace("{", "{{").replace("}", "}}")
    return text, values


@contextmanager
def suites_translated(folders: Iterable[Path]) -> Iterator[None]:
    """Inside, files in these folders are imported with their messages in the language of this process."""
    if spoken() == SOURCE:
        yield
        return
    finder = _Finder(frozenset(folder.resolve() for folder in folders))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@dataclass(frozen=True)
class _Finder(MetaPathFinder):
    folders: frozenset[Path]

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        for folder in path if isinstance(path, list) else ():
            file = Path(folder) / f"{name.rpartition('.')[2]}.py"
            if file.parent.resolve() in self.folders and file.is_file():
                return spec_from_file_location(name, file, loader=_Loader(file))
        return None


@dataclass(frozen=True)
class _Loader(Loader):
    file: Path

    def exec_module(self, module: ModuleType) -> None:
        run(translated(self.file.read_text(encoding="utf-8")), str(self.file), module.__dict__)
