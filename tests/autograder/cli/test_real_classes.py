"""Files and folders as real classes hand them in, graded from the command line."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")

HEAD = "import torch\nfrom torch import nn\n\n\n"
RIGHT_SHIFT = "def shift(x):\n    return x + 1\n"


def double(forward: str) -> str:
    return f"{HEAD}class Double(nn.Module):\n    def forward(self, x):\n        {forward}\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


RIGHT = double("return 2 * x")
STUB = double('raise NotImplementedError("double: implement Double.forward")')


def notebook_of(*cells: str) -> str:
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell} for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": code})


HONEST = {
    "trial_in_main/double.py": f"{RIGHT}\n\ndef main():\n    nn.Bilinear(1, 1, 1)\n\n\n"
    "if __name__ == '__main__':\n    main()\n",
    "trial_of_an_import/double.py": f"from torch.nn import Bilinear as Theirs\n{RIGHT}\n\n"
    "def test_double():\n    assert Theirs(1, 1, 1)\n",
    "missing_package/double.py": f"import torch, no_such_plots as plots\nfrom no_such_package import *\n{RIGHT}\n\n"
    "def show():\n    plots.show()\n",
    "name_on_the_stub/double.py": "# Kim Minjun\n" + STUB,
    "name_on_the_stub/work.ipynb": notebook_of(HEAD, RIGHT),
    "stub_below/double.py": f"{RIGHT}\n\n{STUB}",
    "stub_cell_below/work.ipynb": notebook_of(RIGHT, STUB),
    "written_by_a_cell/work.ipynb": notebook_of(f"%%writefile double.py\n{RIGHT}", "from double import Double"),
    "global_by_a_function/work.ipynb": notebook_of(
        "def setup():\n    global FACTOR\n    FACTOR = 2\nsetup()", double("return FACTOR * x")
    ),
    "imported_by_another/a_train.ipynb": notebook_of("from double import Double\nDouble()"),
    "imported_by_another/double.ipynb": notebook_of(RIGHT),
}


def test_what_is_never_run_and_what_nobody_needs_costs_nothing(project, autograder):
    students = sorted({name.partition("/")[0] for name in HONEST})
    write(project / "class", {**HONEST, **{f"{student}/shift.py": RIGHT_SHIFT for student in students}})
    process = autograder(project, "grade", "demo", "class", "--out", "out", "--seed", 1)
    assert process.returncode == 0, process.stderr
    rows = csv.DictReader((project / "out/grades.csv").open(encoding="utf-8-sig"))
    assert {row["student"]: float(row["total"]) for row in rows} == dict.fromkeys(students, 5.0)


@pytest.mark.parametrize(
    ("stray", "out", "says"),
    [
        ("double.py", "out", "beside the work of others: `kim`, `lee`"),
        ("collect.py", "out", "class holds collect.py, which defines nothing that is asked for"),
        ("section/choi/double.py", "out", "is not one student's: it holds `choi`, `park`"),
        ("kim/notes.txt", "class/out", "inside of class: name a folder outside of the class"),
    ],
)
def test_what_is_not_one_submission_is_refused_before_anything_is_graded(project, autograder, stray, out, says):
    files = {"kim/double.py": RIGHT, "lee/double.py": RIGHT, "section/park/double.py": RIGHT, stray: "def go(): pass\n"}
    write(project / "class", files)
    process = autograder(project, "grade", "demo", "class", "--out", out)
    assert process.returncode == 2
    assert says in process.stderr
    assert not (project / out).exists()
