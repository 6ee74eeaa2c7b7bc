"""Plain folders whose files still have the names that an LMS made: `kim/se_block-1.py`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.results.whole import PART
from autograder.sources.collect import FOLDER
from autograder.sources.names import expected_names, rename_notes, safe_file_name
from autograder.sources.tree import copy, open_tree
from autograder.submissions.model import Submission


def is_renamed_submission(path: Path, wanted: Collection[str]) -> bool:
    """Whether a folder is one student's, with files named `se_block-1.py` for `se_block.py` and no others."""
    if not path.is_dir():
        return False
    names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    renamed = expected_names(names, wanted)
    return bool(renamed) and all(name in renamed or name in wanted for name in names)


def with_expected_names(
    submissions: Sequence[Submission], wanted: Collection[str], out: Path
) -> tuple[list[Submission], dict[str, tuple[str, ...]]]:
    """The submissions, those with such names as copies below `out`; and notes on what was renamed, by student."""
    done: list[Submission] = []
    notes: dict[str, tuple[str, ...]] = {}
    for submission in submissions:
        tree = open_tree(submission.path) if submission.path.is_dir() else None
        near = [name for name in tree.names if name.count("/") <= 1] if tree else []
        renamed = expected_names(near, wanted)
        if tree is None or not renamed:
            done.append(submission)
            continue
        place = out / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".", suffix=PART) as temporary:
            new = Path(temporary, "new")
            for name in tree.names:
                target = new.joinpath(*map(safe_file_name, renamed.get(name, name).split("/")))
                target.parent.mkdir(parents=True, exist_ok=True)
                copy(tree, name, target)
            if (place / submission.student).exists():
                os.replace(place / submission.student, Path(temporary, "old"))
            os.replace(new, place / submission.student)
        done.append(replace(submission, path=place / submission.student))
        notes[submission.student] = tuple(rename_notes(renamed))
    return done, notes
