"""The plugin through which `otter run -a <assignment>-autograder.zip` gives the marks that Gradescope gives.

otter would run a submission in a Jupyter kernel, together with the tests that judge it. Here the submission is moved
away before, graded by our engine in processes of its own, and the kernel gets an empty notebook. Afterwards our results
take the place of otter's. tests/autograder/packaging/otter/test_otter_contract.py holds otter to what this needs.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from otter.plugins import AbstractOtterPlugin
from otter.test_files import GradingResults

from autograder.gradescope.run import run
from autograder.packaging.autograder_zip import ENTRY
from autograder.packaging.otter_run import HANDED_IN
from autograder.results.model import Result


class GradingPlugin(AbstractOtterPlugin):  # type: ignore[misc]  # otter has no types
    """Grades in before_grading, keeps the student's code out of the kernel, puts the results in."""

    def before_grading(self, config: Any) -> None:
        """Move the submission out of otter's reach and grade it."""
        submission = Path(self.submission_path).parent
        home = submission.parent / "graded"
        (home / "submission").mkdir(parents=True)
        (home / "source").symlink_to(submission.parent / "source")
        shutil.copy(submission.parent / "submission_metadata.json", home)
        _move_away(submission, home / "submission")
        self._result = run(home, time.monotonic(), os.environ)
        self._document = json.loads((home / "results" / "results.json").read_bytes())

    def before_execution(self, submission: Any) -> Any:
        """An empty notebook: nothing of the student's reaches the kernel."""
        notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        return notebook

    def after_grading(self, results: Any) -> None:
        """Put our results in: one test file per check, and our results.json."""
        graded = GradingResults.from_ottr_json(json.dumps({"test_file_results": _test_files(self._result)}))
        results.results = graded.results
        results.output = self._document["output"]
        # otter writes what this returns, with one visibility for all tests and without formats otherwise.
        results.to_gradescope_dict = partial(_document, self._document)


def _move_away(submission: Path, target: Path) -> None:
    """Move what was handed in; what otter has put beside it stays."""
    entries = [entry for entry in sorted(submission.iterdir()) if not _is_otters(entry)]
    if [entry.name for entry in entries] == [HANDED_IN] and entries[0].is_dir():
        entries = sorted(entries[0].iterdir())
    for entry in entries:
        shutil.move(entry, target / entry.name)


def _is_otters(entry: Path) -> bool:
    return entry.name in (ENTRY, "tests") or (entry.name == "__init__.py" and entry.stat().st_size == 0)


def _test_files(result: Result | None) -> list[dict[str, Any]]:
    """The checks in the form in which otter takes results from its R client."""
    return [
        {
            # otter takes the name of a test file from its path.
            "filename": f"{exercise}.{test.name}".replace("/", "|") + ".py",
            "test_case_results": [
                {
                    "passed": test.status == "passed",
                    "error": "\n".join(filter(None, (test.message, test.note))) or None,
                    "test_case": {
                        "name": test.title,
                        "code": "",
                        "points": test.max_score,
                        "hidden": test.visibility != "visible",
                        "success_message": None,
                        "failure_message": None,
                    },
                }
            ],
        }
        for exercise, found in (result.exercises.items() if result is not None else ())
        for test in found.tests
    ]


def _document(document: dict[str, Any], config: Any) -> dict[str, Any]:
    return document
