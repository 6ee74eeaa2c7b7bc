"""`otter run` for any submission.

otter opens the one notebook of a submission, or its one script, and refuses any other number. A submission here has
several files, or a notebook beside them. So they are handed to otter in a folder, which it does not look into, and it
finds the one notebook that the autograder's zip brings along.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.errors import UsageError
from autograder.packaging.zips import Member, write_zip
from autograder.results.whole import require_writable

HANDED_IN = "handed_in"
"""A folder of this name, alone in a submission, holds what was handed in."""


def otter_run(package: Path, submission: Path, out: Path) -> int:
    """Grade one submission with `otter run -a package`, which writes `out`/results.json; otter's exit status.

    Raises UsageError when there is no such zip or submission.
    """
    if not package.is_file():
        raise UsageError(f"{package}: there is no such zip; make it with: .venv/bin/autograder build")
    require_writable(out, f"{out} cannot be the folder for results.json", "choose another with --out")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="autograder-otter-") as folder:
        staged = write_zip(Path(folder) / "submission.zip", handed_in(submission))
        command = [sys.executable, "-m", "otter", "run", "--no-logo", "-a", str(package), "-o", str(out), str(staged)]
        return subprocess.run(command, check=False).returncode


def handed_in(submission: Path) -> list[Member]:
    """Everything that was handed in, below one folder. Raises UsageError when there is nothing."""
    if submission.is_dir():
        files = sorted(file for file in submission.rglob("*") if file.is_file() and not file.is_symlink())
        names = {file: file.relative_to(submission).as_posix() for file in files}
    else:
        names = {submission: submission.name} if submission.is_file() else {}
    if not names:
        raise UsageError(f"{submission}: nothing is there to be graded; name a folder, or a .py, .ipynb or .zip file")
    return [Member(f"{HANDED_IN}/{name}", file.read_bytes()) for file, name in names.items()]
