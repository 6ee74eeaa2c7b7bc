"""Brings catalogues up to date: `python -m tools.messages ko`, before and after translating.

Collects the messages of the engine and of every assignment, merges them into the catalogues of the language, and says
what is not translated. Translations of what has changed are kept as fuzzy, which do not count; what is not there any
more goes. A new language begins with this command.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from autograder.course.assignment import open_assignment
from autograder.course.layout import assignment_names, find_project
from autograder.course.messages import messages
from autograder.language import ENGINE, LOCALE
from autograder.language.engine import engine_messages
from autograder.language.source import Message

_DATED = tuple(
    f'"{key}'
    for key in (
        *("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Last-Translator", "Language-Team"),
        *("Project-Id-Version", "Report-Msgid-Bugs-To"),
    )
)
"""Lines of a header that would change with every run, or say nothing."""


def bring_up_to_date(path: Path, language: str, found: Iterable[tuple[Path, Message]], root: Path) -> tuple[int, int]:
    """Merge messages into a catalogue; how many there are, and how many of them are translated."""
    template = Catalog(charset="utf-8", fuzzy=False)
    for file, each in found:
        text = (each.text, each.plural) if each.plural else each.text
        where = file.relative_to(root).as_posix()
        template.add(text, locations=[(where, each.line)], auto_comments=[each.note] if each.note else [])
    for message in template:
        message.flags.discard("python-format")  # of our placeholders, none has a %
    catalogue = Catalog(locale=language, charset="utf-8", fuzzy=False)
    if path.is_file():
        with path.open("rb") as file_:
            catalogue = read_po(file_, locale=language)
    catalogue.update(template, no_fuzzy_matching=False, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# Translations. `python -m tools.messages` brings this file up to date."
    for message in catalogue:
        message.flags.discard("python-format")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file_:
        write_po(file_, catalogue, width=0, ignore_obsolete=True, include_lineno=False)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(_DATED)), encoding="utf-8")
    told = [message for message in catalogue if message.id]
    return len(told), sum(bool(message.string) and not message.fuzzy and _whole(message.string) for message in told)


def _whole(text: object) -> bool:
    return all(text) if isinstance(text, tuple) else bool(text)


def main(language: str) -> None:
    """Every catalogue of a language."""
    root = find_project(Path.cwd())
    found = {LOCALE / language / ENGINE: engine_messages()}
    for name in assignment_names(root):
        layout, assignment = open_assignment(root, name)
        found[layout.catalogue(language)] = messages(layout, assignment)
    for path, each in found.items():
        count, done = bring_up_to_date(path, language, each, root)
        print(f"{path.relative_to(root)}: {done} of {count} messages are translated")


if __name__ == "__main__":
    main(*sys.argv[1:])
