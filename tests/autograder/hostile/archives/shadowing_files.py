"""Hands in files named like what a grader imports

Route: names
Tries: to have conftest.py, torch.py, sitecustomize.py, pytest.ini and a package autograder loaded
Holds: The student's folder is on nobody's path: one file is loaded, as text.
"""

from __future__ import annotations

from pathlib import Path

CODE = "raise SystemExit('ESCAPED')\nopen('/tmp/autograder-hostile-was-here', 'w').write('x')\n"


def make(folder: Path, base: dict[str, str]) -> None:
    for name, text in base.items():
        (folder / name).write_text(text)
    for name in (
        "conftest.py",
        "torch.py",
        "sitecustomize.py",
        "usercustomize.py",
        "pytest.py",
        "msgspec.py",
        "__init__.py",
    ):
        (folder / name).write_text(CODE)
    for package in ("autograder", "torch", "tests"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(CODE)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\npython_files = *.py\n")
    (folder / "x.pth").write_text("import os; os._exit(0)\n")
    (folder / "assignment.toml").write_text("title = 'mine'\n")
