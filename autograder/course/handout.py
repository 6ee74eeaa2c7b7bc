"""The handout that students read: its parts, and where it does not say what assignment.toml and the stubs say.

Knows Markdown as far as headings, rows of tables and code go. The words that it looks for are English and Korean.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment, Exercise
from autograder.course.layout import Layout
from autograder.course.stubs import exercise_stub
from autograder.errors import UsageError

_FENCE = re.compile(r" {0,3}(```|~~~)")
_FILE = re.compile(r"(?:File|파일) `(\w+)\.py`")
_POINTS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:points?\b|점)")
_NUMBER = re.compile(rf"(\d+(?:\.\d+)?)|{_POINTS.pattern}")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Part:
    """What stands before the first heading of the second level, or one such heading with what is below it."""

    line: int
    """The number of its first line, from 1."""
    text: str

    @property
    def heading(self) -> str:
        """Its first line without the signs of a heading."""
        return self.text.partition("\n")[0].lstrip("#").strip()

    @property
    def exercise(self) -> str | None:
        """The exercise that it is about: it has a line that begins with: File `name.py`."""
        return next((match[1] for line in self.text.splitlines() if (match := _FILE.match(line))), None)


def handout_parts(layout: Layout, path: Path) -> list[Part]:
    """The parts of a handout, at least one. Raises UsageError for a file that cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"{layout.shown(path)}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    starts, fence = [0], ""
    for number, line in enumerate(lines):
        if match := _FENCE.match(line):
            fence = "" if fence == match[1] else fence or match[1]
        elif not fence and line.startswith("## "):  # in a fence it would be a comment
            starts.append(number)
    ends = [*starts[1:], len(lines)]
    return [Part(start + 1, "\n".join(lines[start:end])) for start, end in zip(starts, ends, strict=True)]


def no_section(file: str, exercise: str, word: str = "File") -> str:
    """That the handout says nothing of an exercise, and what to do."""
    return (
        f"{file}: no section for {exercise}; write one with a heading, ## ..., and a line that begins with: "
        f"{word} `{exercise}.py`"
    )


def contradictions(layout: Layout, assignment: Assignment) -> list[str]:
    """Where the handouts that there are say something else than assignment.toml and the stubs, a sentence each."""
    found: list[str] = []
    for path, word in ((layout.handout, "File"), (layout.korean_handout, "파일")):
        if path.is_file():
            found += _contradictions(layout, assignment, path, word)
    return found


def _contradictions(layout: Layout, assignment: Assignment, path: Path, word: str) -> Iterator[str]:
    file, parts = layout.shown(path), handout_parts(layout, path)
    english = path == layout.handout
    head, sections = parts[0], {part.exercise: part for part in parts[1:] if part.exercise is not None}
    if english and assignment.title.casefold() not in head.heading.casefold():
        yield f'{file}, line {head.line}: the title is "{head.heading}", assignment.toml says "{assignment.title}"'
    told = [float(points) for points in _POINTS.findall(head.text)]
    if told and assignment.total_points not in told:
        yield f"{file}: {told[0]:g} points in all, assignment.toml says {assignment.total_points}"
    yield from _table(file, assignment, [part for part in parts if part.exercise is None])
    for exercise in assignment.exercises:
        if exercise.name in sections:
            yield from _section(layout, exercise, file, sections[exercise.name], english)
        else:
            yield no_section(file, exercise.name, word)
    for name, part in sections.items():
        if name not in assignment.exercise_names:
            yield f"{file}, line {part.line}: a section for {name}, which assignment.toml does not have; remove it"


def _table(file: str, assignment: Assignment, parts: Sequence[Part]) -> Iterator[str]:
    """The table of files, names to define, and points: a row that begins with a file's name for each exercise."""
    listed: set[str] = set()
    known = {exercise.name: exercise for exercise in assignment.exercises}
    for number, cells in (row for part in parts for row in _rows(part)):
        name = cells[0].removesuffix(".py")
        listed.add(name)
        where = f"{file}, line {number}: {name}"
        if name not in known:
            yield f"{where} is in the table, and not in assignment.toml; remove the row"
            continue
        for points in (float(match[1] or match[2]) for cell in cells[1:] if (match := _NUMBER.fullmatch(cell))):
            if points != known[name].points:
                yield f"{where} has {points:g} points, assignment.toml says {known[name].points}"
        missing = [wanted for wanted in known[name].names if all(wanted not in cell.split() for cell in cells[1:])]
        if missing:
            yield f"{where} is to define {', '.join(missing)} too, says assignment.toml"
    if listed:
        yield from (f"{file}: {name} is not in the table of files; add a row" for name in known if name not in listed)


def _rows(part: Part) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells, without the signs of code and commas, of rows that begin with the name of a file."""
    for number, line in enumerate(part.text.splitlines(), start=part.line):
        if line.lstrip().startswith("|"):
            cells = [re.sub(r"[`*,]", " ", cell).strip() for cell in line.strip().strip("|").split("|")]
            if re.fullmatch(r"\w+\.py", cells[0]):
                yield number, cells


def _section(layout: Layout, exercise: Exercise, file: str, part: Part, english: bool) -> Iterator[str]:
    where = f"{file}, line {part.line}: {exercise.name}"
    for points in _POINTS.findall(part.heading)[-1:]:
        if float(points) != exercise.points:
            yield f"{where} has {points} points, assignment.toml says {exercise.points}"
    if english and exercise.title.casefold() not in part.heading.casefold():
        yield f'{where} is called "{part.heading}", assignment.toml says "{exercise.title}"'
    lines = part.text.splitlines()
    start = next(number for number, line in enumerate(lines) if _FILE.match(line))
    paragraph = " ".join("\n".join(lines[start:]).partition("\n\n")[0].split())
    told = {code.partition("(")[0]: code for code in _CODE.findall(paragraph)}
    where = f"{file}, line {part.line + start}: {exercise.name}"
    signatures = _signatures(exercise_stub(layout, exercise))
    for name in exercise.names:
        if name not in told:
            yield f"{where} is to define {name}, says assignment.toml"
            continue
        there, wanted = _signatures(f"def {told[name]}: pass").get(name), signatures.get(name)
        if there is not None and wanted is not None and there != wanted:
            yield f"{where} has {name}({there}), its stub {name}({wanted})"


def _signatures(source: str) -> dict[str, str]:
    """The arguments of what it defines at the top level, without types: `input_size, bias=True`; none if no Python."""
    try:
        definitions = ast.parse(source).body
    except SyntaxError:
        return {}
    found = {}
    for node in definitions:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        for each in inside:
            if isinstance(each, ast.FunctionDef) and (each is node or each.name == "__init__"):
                name = node.name if isinstance(node, ast.ClassDef) else each.name
                found[name] = _without_types(each.args).removeprefix("self").removeprefix(", ")
    return found


def _without_types(arguments: ast.arguments) -> str:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    for argument in every:
        if argument is not None:
            argument.annotation = None
    return ast.unparse(arguments)
