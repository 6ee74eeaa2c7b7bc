"""The handout that students read: put together from a frame and a section for each exercise, in English and Korean.

The frame stands in `handout/_frame.md` of the assignment, the section of an exercise in `handout/<exercise>.md`, and
the Korean ones beside them as `.ko.md`. Numbers and points in headings, and the table of files, are made from
assignment.toml and exercise.toml; what else the texts say of names, titles and points is compared with these.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment, Exercise
from autograder.course.layout import Layout
from autograder.course.stubs import exercise_stub
from autograder.errors import UsageError

TABLE, SECTIONS = "<!-- table -->\n", "<!-- sections -->\n"
"""The lines of a frame in whose place the table of files and the sections come."""
_PICTURE = re.compile(r"!\[[^\]]*\]\(([\w./-]+\.(?:png|svg))\)")
"""A picture in a text; its path is from the folder of the assignment."""
_FENCE = re.compile(r" {0,3}(```|~~~)")
_POINTS = re.compile(r"(\d+(?:\.\d+)?)\s*(?:points?\b|점)")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Language:
    """The words of a handout that are made, and the end of its files' names."""

    suffix: str
    columns: str
    file: str
    """What the line of a section begins with that says what to write."""
    points: str
    """With one `{}` for the number."""

    def heading(self, number: int, title: str, points: int) -> str:
        worth = self.points.format(points)
        return f"## {number}. {title} ({worth.removesuffix('s') if points == 1 else worth})"


ENGLISH = Language(".md", "| file | define | points |", "File", "{} points")
KOREAN = Language(".ko.md", "| 파일 | 정의할 이름 | 배점 |", "파일", "{}점")
_LANGUAGES = {"en": ENGLISH, "ko": KOREAN}


def language_of(layout: Layout, assignment: Assignment) -> Language:
    """The language of the assignment's notebook: its own, where there is a frame in it, else English."""
    language = _LANGUAGES.get(assignment.language, ENGLISH)
    return language if language in _languages(layout) else ENGLISH


@dataclass(frozen=True)
class Handout:
    """A handout in its parts."""

    before: str
    """What stands before the sections, with the table."""
    sections: dict[str, str]
    """By exercise, each with its heading."""
    after: str

    @property
    def text(self) -> str:
        return self.before + "".join(f"---\n\n{section}\n" for section in self.sections.values())[:-1] + self.after

    @classmethod
    def read(cls, layout: Layout, assignment: Assignment, language: Language = ENGLISH) -> Handout:
        """Put the handout together. Raises UsageError for a file that is missing or is not as it has to be."""
        path = _frame(layout, language)
        frame = _read(layout, path, 'write what stands around the sections, or remove "notebook" from assignment.toml')
        if f"\n{frame}".count(f"\n{SECTIONS}") != 1:
            raise UsageError(f"{layout.shown(path)}: one line has to be {SECTIONS.strip()}, where the sections come")
        rows = [language.columns, "|---|---|---|"]
        for each in assignment.exercises:
            rows.append(f"| `{each.name}.py` | {', '.join(f'`{name}`' for name in each.names)} | {each.points} |")
        before, after = frame.split(SECTIONS)
        sections = {}
        for number, exercise in enumerate(assignment.exercises, 1):
            title, text = _section(layout, exercise.name, language)
            sections[exercise.name] = f"{language.heading(number, title, exercise.points)}\n{text}"
        return cls(before.replace(TABLE, "".join(f"{row}\n" for row in rows)), sections, after)


def handouts(layout: Layout, assignment: Assignment) -> dict[Path, str]:
    """The handouts that the assignment has a frame for, by their paths. Raises UsageError."""
    paths = {ENGLISH: layout.handout, KOREAN: layout.korean_handout}
    return {paths[language]: Handout.read(layout, assignment, language).text for language in _languages(layout)}


def frames_with_points(layout: Layout, assignment: Assignment, points: int) -> dict[Path, str]:
    """The frames that say how many points there are in all, by their paths, with `points` instead."""
    found = {}
    for path in (_frame(layout, language) for language in _languages(layout)):
        text = path.read_text(encoding="utf-8")
        head = cut(text)[0] if text.strip() else ""
        told = re.sub(rf"(?<![\d.]){assignment.total_points}(?=\s*(?:points?\b|점))", str(points), head)
        if told != head:
            found[path] = text.replace(head, told, 1)
    return found


def pictures(layout: Layout, assignment: Assignment) -> dict[str, bytes]:
    """The pictures that frame and sections show, by their paths from the assignment's folder.

    Those of another assignment's section come from there. Raises UsageError for one that is missing, and for two of one
    name.
    """
    found: dict[str, bytes] = {}
    for name in ("_frame", *assignment.exercise_names):
        for section in (layout.section(name, language.suffix) for language in (ENGLISH, KOREAN)):
            for picture in _PICTURE.findall(section.read_text(encoding="utf-8")) if section.is_file() else ():
                source = layout.home(name).folder / picture
                if not source.is_file():
                    raise UsageError(f"{layout.shown(section)}: there is no {layout.shown(source)}, which it shows")
                if found.setdefault(picture, source.read_bytes()) != source.read_bytes():
                    raise UsageError(f"{layout.shown(section)}: another picture is called {picture}, too; rename one")
    return found


def cut(text: str) -> list[str]:
    """A text cut before its headings of the second level, without what is empty."""
    parts, fence = [""], ""
    for line in text.splitlines(keepends=True):
        if match := _FENCE.match(line):
            fence = "" if fence == match[1] else fence or match[1]
        elif not fence and line.startswith("## "):  # in a fence it would be a comment
            parts.append("")
        parts[-1] += line
    return [part.strip() for part in parts if part.strip()]


def contradictions(layout: Layout, assignment: Assignment) -> list[str]:
    """Where frames and sections say something else than assignment.toml, exercise.toml and the stubs, a sentence each.

    Raises UsageError for a file that is missing or is not as it has to be.
    """
    found = [told for language in _languages(layout) for told in _contradictions(layout, assignment, language)]
    names = {"_frame", *assignment.exercise_names} - layout.homes.keys()
    files = [*sorted(layout.sections.glob("*.md")), *sorted(layout.sections.glob("*.plot.py"))]
    strays = [file for file in files if file.name.partition(".")[0] not in names]
    return found + [f"{layout.shown(path)}: belongs to no exercise of {assignment.name}; remove it" for path in strays]


def _contradictions(layout: Layout, assignment: Assignment, language: Language) -> Iterator[str]:
    path = _frame(layout, language)
    file, head = layout.shown(path), cut(_read(layout, path, "write it"))[0]
    heading = head.partition("\n")[0].lstrip("#").strip()
    if language is ENGLISH and assignment.title.casefold() not in heading.casefold():
        yield f'{file}, line 1: the title is "{heading}", assignment.toml says "{assignment.title}"'
    told = [float(points) for points in _POINTS.findall(head)]
    if told and assignment.total_points not in told:
        yield f"{file}: {told[0]:g} points in all, the exercises have {assignment.total_points}"
    for exercise in assignment.exercises:
        yield from _section_contradictions(layout, exercise, language)


def _section_contradictions(layout: Layout, exercise: Exercise, language: Language) -> Iterator[str]:
    file = layout.shown(layout.section(exercise.name, language.suffix))
    title, text = _section(layout, exercise.name, language)
    if re.match(r"\d+\.", title) or _POINTS.search(title):
        yield f'{file}, line 1: the heading is "{title}"; number and points are put there when the handout is made'
    if language is ENGLISH and exercise.title.casefold() not in title.casefold():
        yield f'{file}, line 1: the heading is "{title}", exercise.toml says "{exercise.title}"'
    lines = text.splitlines()
    begin = f"{language.file} `{exercise.name}.py`"
    start = next((number for number, line in enumerate(lines) if line.startswith(begin)), None)
    if start is None:
        yield f"{file}: no line begins with: {begin}; write one that says what to define"
        return
    paragraph = " ".join("\n".join(lines[start:]).partition("\n\n")[0].split())
    told = {code.partition("(")[0]: code for code in _CODE.findall(paragraph)}
    where = f"{file}, line {start + 2}"
    signatures = _signatures(exercise_stub(layout, exercise))
    for name in exercise.names:
        if name not in told:
            yield f"{where}: {name} is to be defined, too, says exercise.toml"
            continue
        there, wanted = _signatures(f"def {told[name]}: pass").get(name), signatures.get(name)
        if there is not None and wanted is not None and there != wanted:
            yield f"{where}: {name}({there}) is {name}({wanted}) in the stub"


def _frame(layout: Layout, language: Language) -> Path:
    return layout.sections / f"_frame{language.suffix}"


def _languages(layout: Layout) -> list[Language]:
    """Those that there is a frame in."""
    return [language for language in (ENGLISH, KOREAN) if _frame(layout, language).is_file()]


def _section(layout: Layout, exercise: str, language: Language) -> tuple[str, str]:
    """The heading of a section, and what follows in the lines below."""
    path = layout.section(exercise, language.suffix)
    head, _, text = _read(layout, path, f"write the section of {exercise}").partition("\n")
    if not head.startswith("## ") or not head[3:].strip():
        raise UsageError(f"{layout.shown(path)}, line 1: has to be the heading, ## and the title of {exercise}")
    return head[3:].strip(), text.rstrip("\n") + "\n"


def _read(layout: Layout, path: Path, remedy: str) -> str:
    try:
        return layout.read(path)
    except FileNotFoundError:
        raise UsageError(f"{layout.shown(path)}: missing; {remedy}") from None


def _signatures(source: str) -> dict[str, str]:
    """The arguments of what it defines at the top level, without types: `input_size, bias=True`; none if no Python."""
    try:
        definitions = ast.parse(source).body
    except SyntaxError:
        return {}
    found = {}
    for node in definitions:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            for each in node.body if isinstance(node, ast.ClassDef) else [node]:
                if isinstance(each, ast.FunctionDef) and (each is node or each.name == "__init__"):
                    found[node.name] = _without_types(each.args).removeprefix("self").removeprefix(", ")
    return found


def _without_types(arguments: ast.arguments) -> str:
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return ast.unparse(arguments)
