"""Small downloads of every system, made as its own code names files: paths in the zip, and what is in them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

NAMES = (
    "Ada Lovelace",
    "김민준",
    "José Núñez-Peña",
    "עדה לאבלייס",
    "Anne - Marie van der Berg",
    "O'Connor, Aoife",
    "x" * 200,
    "홍" * 80,
)
WORK = {"residual_block.py": "class ResidualBlock: pass\n", "lstm_cell.py": "class LSTMCell: pass\n"}
METADATA_ENTRY = """\
submission_{number}:
  :submitters:
  - :name: {name}
    :sid: 'S{number}'
    :email: s{number}@example.edu
  :created_at: 2026-01-30 15:00:00.573062000 Z
"""

Files = dict[str, str]


def canvas(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    files = {}
    for number, name in enumerate(names):
        who = re.sub(r"\W", "", name).lower()
        late = "_LATE" if number % 3 == 1 else ""
        for place, (file, text) in enumerate(work.items()):
            files[f"{who}{late}_{4400 + number}_{67000 + 10 * number + place}_{file}"] = text
    return files


def moodle(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    return {
        f"{name}_{1234000 + number}_assignsubmission_file/{file}": text
        for number, name in enumerate(names)
        for file, text in work.items()
    }


def moodle_flat(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    return {name.replace("_file/", "_file_"): text for name, text in moodle(names, work).items()}


def blackboard(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    files = {}
    for number, name in enumerate(names):
        begin = f"Week 4_user_{number}_attempt_2026-01-30-15-{number:02}-00"
        files[f"{begin}.txt"] = (
            f"Name: {name} (user_{number})\nAssignment: Week 4\n\nComments:\n"
            "There are no student comments for this assignment.\n"
        )
        files |= {f"{begin}_{file}": text for file, text in work.items()}
    return files


def brightspace(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    files = {"index.html": "<html></html>"}
    for number, name in enumerate(names):
        folder = f"{397000 + number}-2557369 - {name} - Jan 30, 2026 3{number:02} PM"
        files |= {f"{folder}/{file}": text for file, text in work.items()}
    return files


def gradescope(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    entries = [METADATA_ENTRY.format(number=100 + n, name=f'"{name}"') for n, name in enumerate(names)]
    files = {"assignment_7_export/submission_metadata.yml": "---\n" + "".join(entries)}
    for number in range(len(names)):
        files |= {f"assignment_7_export/submission_{100 + number}/{file}": text for file, text in work.items()}
    return files


def github(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    return {f"week4-submissions/week4-{name}/{file}": text for name in names for file, text in work.items()}


def nbgrader(names: tuple[str, ...] = NAMES, work: Mapping[str, str] = WORK) -> Files:
    files = {f"submitted/{name}/week4/timestamp.txt": "2026-01-30 15:00:00.5 UTC" for name in names}
    return files | {f"submitted/{name}/week4/{file}": text for name in names for file, text in work.items()}


SYSTEMS = {
    "Canvas": canvas,
    "Moodle": moodle,
    "Moodle, flat": moodle_flat,
    "Blackboard": blackboard,
    "Brightspace": brightspace,
    "Gradescope": gradescope,
    "GitHub Classroom": github,
    "nbgrader": nbgrader,
}


def as_zip(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def as_folder(path: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return path
