"""Makes the zip that an instructor uploads to Gradescope and that `otter run -a` takes.

`otter generate` makes it, with our plugin and with our templates for its setup.sh and run_autograder. Suites and
solutions are put in afterwards, because otter copies whatever it packs itself into the submission's folder.

    run_autograder, setup.sh    what Gradescope calls
    engine/*.whl                this package; requirements.txt and constraints.txt beside it
    payload/                    a project with this one assignment: assignment.toml, solutions, suites
    otter_config.json, tests/, files/    what otter wants: our plugin, a placeholder of a test, a notebook to open
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path, PurePosixPath

from autograder.course.assignment import Assignment, open_assignment
from autograder.course.layout import Layout
from autograder.course.suites import BANK
from autograder.course.translation import catalogues
from autograder.errors import UsageError
from autograder.language import languages
from autograder.packaging.wheel import engine_folder, engine_wheel
from autograder.packaging.zips import Member, write_zip

PLUGIN = "autograder.packaging.otter_plugin.GradingPlugin"
PAYLOAD = "payload"
ENTRY = "_entry.ipynb"
"""The notebook that otter opens instead of a submission's files."""

_PROGRAMS = ("run_autograder", "setup.sh")
_TEMPLATES = {"common/run_autograder": "run_autograder", "python/setup.sh": "setup.sh"}
"""Our template for each of otter's that we replace."""
_UNUSED = ("environment.yml", "run_otter.py")
"""What otter packs for its own setup.sh and run_autograder."""
_NOT_JUDGING = ("__pycache__", "equivalent_mutants.toml")
"""What no grading needs of a suite."""
_NOT_OURS = ("conda", "miniforge", "mamba", "texlive", "playwright", "pandoc")
"""Traces of otter's own setup.sh."""


def build_autograder_zip(root: Path, assignment: str, out: Path) -> Path:
    """Make the zip of one assignment of the project at `root` in the folder `out`; returns its path.

    Equal inputs give equal bytes. Raises UsageError when the assignment cannot be packed or the zip is not as it should
    be.
    """
    layout, described = open_assignment(root.resolve(), assignment)
    wheel = engine_wheel()
    members = [
        *_made_by_otter(assignment),
        Member(f"engine/{wheel.name}", wheel.content),
        Member("constraints.txt", (engine_folder() / "constraints.txt").read_bytes()),
        Member("requirements.txt", _template("requirements.txt").encode()),
        *_payload(layout, described),
    ]
    _check(members, layout)
    return write_zip(out / f"{assignment}-autograder.zip", members)


def _made_by_otter(assignment: str) -> Iterator[Member]:
    """Members of the zip that `otter generate` makes with our templates."""
    import otter.generate
    from jinja2 import DictLoader
    from otter.utils import chdir

    ours = otter.generate.JINJA_ENV.overlay(
        loader=DictLoader(
            {
                "common/run_otter.py": "",
                **{theirs: _template(name) for theirs, name in _TEMPLATES.items()},
            }
        )
    )
    ours.globals = {**ours.globals, "assignment": assignment}  # an overlay shares them with otter's
    with tempfile.TemporaryDirectory(prefix="autograder-otter-") as name:
        folder = Path(name)
        (folder / "tests").mkdir()
        (folder / "tests" / "placeholder.py").write_text(_template("placeholder.py"))
        (folder / ENTRY).write_text(_template("entry.ipynb"))
        (folder / "otter_config.json").write_text(json.dumps({"plugins": [PLUGIN], "print_summary": False}))
        theirs = otter.generate.JINJA_ENV
        otter.generate.JINJA_ENV = ours
        try:
            with chdir(name):
                otter.generate.main(output_path="autograder.zip", files=[ENTRY])
        finally:
            otter.generate.JINJA_ENV = theirs
        with zipfile.ZipFile(folder / "autograder.zip") as file:
            for member in file.namelist():
                if member not in _UNUSED:
                    yield Member(member, file.read(member), 0o755 if member in _PROGRAMS else 0o644)


def _payload(layout: Layout, assignment: Assignment) -> Iterator[Member]:
    """The project as grading needs it: one assignment, without stubs, alternatives and what explains mutants."""
    # Of the bank, mistakes alone are asked, where students are told which one their code behaves like.
    left_out = {*_NOT_JUDGING, *BANK} - ({"mistakes"} if assignment.feedback.diagnosis != "off" else set())
    files = [layout.description, *_files(layout.solutions, "*.py"), *map(layout.solution, layout.homes)]
    for language in languages():
        files += [path for path in dict.fromkeys(catalogues(layout, language)) if path.is_file()]
    suites = [layout.suites, *map(layout.suite, layout.homes)]
    for file in (file for folder in suites for file in _files(folder, "*")):
        parts = file.relative_to(layout.suites.parent).parts
        # Hidden files are what editors and file managers leave behind.
        if not left_out.intersection(parts) and not any(part.startswith(".") for part in parts):
            files.append(file)
    for file in files:
        yield Member(f"{PAYLOAD}/{layout.shown(file)}", file.read_bytes(), 0o600)


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(file for file in folder.rglob(pattern) if file.is_file())


def _check(members: list[Member], layout: Layout) -> None:
    """Raises UsageError when something is in the zip that must not be, or the other way round."""
    found = {member.name: member for member in members}
    needed = [*_PROGRAMS, "otter_config.json", f"files/{ENTRY}", "tests/placeholder.py"]
    needed += [f"{PAYLOAD}/{layout.shown(layout.description)}"]
    problems = [f"{name} is missing" for name in needed if name not in found]
    setup = found["setup.sh"].content.decode() if "setup.sh" in found else ""
    problems += [f"setup.sh installs {word}" for word in _NOT_OURS if word in setup]
    # otter copies these two folders to where the student's code may be.
    copied = {name for name in found if PurePosixPath(name).parts[0] in ("files", "tests")}
    problems += [
        f"{name} would be copied to the submission" for name in copied - {f"files/{ENTRY}", "tests/placeholder.py"}
    ]
    if problems:
        raise UsageError(f"{layout.assignment}-autograder.zip is not as it should be: {'; '.join(sorted(problems))}")


def _template(name: str) -> str:
    return (resources.files("autograder.packaging") / "templates" / "autograder" / name).read_text(encoding="utf-8")
