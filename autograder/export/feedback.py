"""Zips of the students' pages, named as Canvas and Moodle take them back.

Canvas gives feedback the name and type of a file that the student handed in, so a page is written as that type: in a
.py as comments, in an .ipynb as a cell. Moodle wants the downloaded name of the folder, and any file in it: here, the
page for a browser.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from autograder.errors import UsageError
from autograder.sources.model import ClassList, Row

_MOODLE = re.compile(r"(.*_assignsubmission_(?:file|onlinetext)_?)(?:/.*)?")
_MOODLE_FLAT = re.compile(r"([^/]*_assignsubmission_(?:file|onlinetext)_)[^/]+")
_TIME = (1980, 1, 1, 0, 0, 0)
_PAGE = "feedback.html"


def feedback_zip(out: Path, found: ClassList) -> tuple[bytes, int]:
    """The zip, and how many pages are in it. Raises UsageError for a system that takes none."""
    if found.source not in ("Canvas", "Moodle"):
        source = found.source or "a plain folder"
        raise UsageError(
            f"feedback zips are for Canvas and Moodle, and this class came from {source}: hand out the pages in "
            f"{out / 'feedback'}."
        )
    written = io.BytesIO()
    count = 0
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in found.students:
            name = _name(found.source, row)
            suffix = PurePosixPath(name).suffix.casefold()
            page = out / "feedback" / f"{row.student}{'.html' if suffix == '.html' else '.md'}"
            if not name or not page.is_file():
                continue
            member = zipfile.ZipInfo(name, _TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, _as_type(page.read_text(encoding="utf-8"), suffix))
            count += 1
    return written.getvalue(), count


def _name(source: str, row: Row) -> str:
    if source == "Canvas":
        return _first_of_type(row.original_names)
    for name in row.original_names:
        if match := _MOODLE_FLAT.fullmatch(name):
            return match[1] + _PAGE
        if match := _MOODLE.fullmatch(name):
            return f"{match[1]}/{_PAGE}"
    return ""


def _first_of_type(names: Iterable[str]) -> str:
    """Of the files that Canvas knows, one that can hold a page: a text, a notebook, or Python."""
    order = (".md", ".txt", ".html", ".ipynb", ".py")
    fit = [name for name in names if PurePosixPath(name).suffix.casefold() in order]
    return min(fit, key=lambda name: (order.index(PurePosixPath(name).suffix.casefold()), name), default="")


def _as_type(page: str, suffix: str) -> str:
    if suffix == ".py":
        return "".join(f"# {line}".rstrip() + "\n" for line in page.splitlines())
    if suffix == ".ipynb":
        cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": page}
        return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)
    return page
