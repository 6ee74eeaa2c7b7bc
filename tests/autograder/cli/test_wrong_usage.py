"""A slip on the command line is told before any work is done, with what to do, and without a traceback."""

from __future__ import annotations

import re
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

WRONG = {
    "a report where a file is in the way": (
        ["verify", "demo", "--json", "notes.txt/report.json"],
        r"notes\.txt/report\.json cannot be written: .*notes\.txt is not a folder; name another file",
    ),
    "a page where a file is in the way": (
        ["verify", "demo", "--html", "notes.txt/page.html"],
        r"notes\.txt/page\.html cannot be written: .*notes\.txt is not a folder; name another file",
    ),
    "an unknown exercise": (
        ["verify", "demo", "--exercise", "dubble"],
        r'assignment "demo" has no exercise "dubble" \(did you mean "double"\?\); it has double, shift',
    ),
    "a name that nothing has": (
        ["verify", "demo", "--kind", "mistake", "--only", "no_such_thing"],
        r"--only no_such_thing: no mistake has that in its name",
    ),
    "an unknown assignment to build": (["build", "dem"], r'no assignment "dem" in .* \(did you mean "demo"\?\); .*'),
    "zips where a file is in the way": (
        ["build", "demo", "--out", "notes.txt"],
        r"notes\.txt cannot be the folder for the zips: notes\.txt is not a folder; choose another with --out",
    ),
    "an unknown assignment to extend": (
        ["new", "triple", "--assignment", "dem"],
        r'no assignment "dem" in .* \(did you mean "demo"\?\); there are: demo',
    ),
    "a zip that is not there": (
        ["otter", "nowhere.zip", "class"],
        r"nowhere\.zip: there is no such zip; make it with: \.venv/bin/autograder build",
    ),
    "an empty name": (["build", ""], "an argument is empty; write a name or a path there, or leave it out"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_it_is_told_in_one_line_with_status_2(project, autograder, arguments, message):
    (project / "notes.txt").write_text("notes\n")
    before = sorted(project.rglob("*"))
    process = autograder(project, *arguments)
    assert process.returncode == 2
    assert re.fullmatch(f"autograder: {message}\n", process.stderr)
    assert process.stdout == ""
    assert sorted(project.rglob("*")) == before
