"""`autograder otter` and otter's own `otter run` give the marks of `autograder grade`, and hostile code no way in."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import nbformat
import pytest

from autograder.errors import UsageError
from autograder.packaging.autograder_zip import build_autograder_zip
from autograder.packaging.otter_plugin import GradingPlugin
from autograder.packaging.otter_run import handed_in
from autograder.results.model import Result

pytestmark = pytest.mark.long

SEED = 31_415_926
HEAD = "from torch import nn\n\n\n"
RIGHT = f"{HEAD}class Triple(nn.Module):\n    def forward(self, x):\n        return 3 * x\n"
DETACHED = RIGHT.replace("3 * x", "2 * x + x.detach()")
DOUBLES = RIGHT.replace("3 * x", "2 * x")
BROKEN = RIGHT.replace("(nn.Module)", "(nn.Module")
RIGHT_HALF = "def half(x):\n    return x / 2\n"
NOT_HALF = "def half(x):\n    return x / 3\n"
SCORES = {"folder": 3, "notebook": 2, "hostile": 3, "script": 3}
"""What each submission of the class is worth."""
CLASS = tuple(SCORES)
ATTACKS = ("hostile", "hostile_direct", "stock")
"""Runs of the hostile submission: as a folder, as a zip for otter's own command, and without our plugin."""

# -- a hostile submission ---------------------------------------------------------------------------------------------

OUTSIDE = """
import sys
if {"ipykernel", "IPython", "otter"} & set(sys.modules) or "ipykernel_launcher" in str(sys.argv):
    open("@PLACE@/outside-%s", "w").close()
"""
"""Leaves a marker where it runs in otter's kernel, or in otter itself."""
HOSTILE = (
    OUTSIDE % "submission"
    + """
import glob, os
FORGED = '{"score": 1000, "tests": [{"name": "ESCAPED", "score": 1000, "max_score": 6}], "output": "ESCAPED"}'
places = ["results.json", "../results/results.json", "../../results/results.json", "@PLACE@/escaped"]
places += glob.glob("@TEMPORARY@/*/autograder/results/results.json")
places += glob.glob("@TEMPORARY@/*/autograder/graded/results/results.json")
for place in places:
    try:
        with open(place, "w") as file:
            file.write(FORGED)
    except OSError:
        pass
try:
    import builtins, types
    fake = types.ModuleType("IPython")
    fake.get_ipython = lambda: None
    sys.modules["IPython"] = fake
    sys.modules["otter"] = types.ModuleType("otter")
except Exception:
    pass
"""
    + DOUBLES
)
LAUNCHER = """
open("@PLACE@/outside-launcher", "w").close()
import runpy, sys
sys.path = [entry for entry in sys.path if entry not in ("", __import__("os").getcwd())]
sys.modules.pop("ipykernel_launcher", None)
runpy.run_module("ipykernel_launcher", run_name="__main__")
"""
CONFIGURATION = {"plugins": [], "points_possible": 1000, "score_threshold": 0, "show_stdout": True}
FORGED_TEST = 'OK_FORMAT = True\ntest = {"name": "half", "points": 1000, "suites": []}\n'


class Opened:
    """Runs a command where it is unpickled, as otter unpickles a log."""

    def __init__(self, place: Path) -> None:
        self._command = f"touch {place}/outside-log"

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self._command,)


def notebook(*sources: str) -> str:
    """A notebook with these cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=metadata))


def hostile(places: dict[str, Path], name: str) -> dict[str, str | bytes]:
    """The files of a submission that tries all ways of running in otter's kernel, with markers for one place."""
    place, temporary = places[name], places["temporary"]
    files = {
        "triple.py": HOSTILE,
        "half.py": RIGHT_HALF,
        "_entry.ipynb": notebook(OUTSIDE % "entry"),
        "__init__.py": OUTSIDE % "init",
        "ipykernel_launcher.py": LAUNCHER,
        "IPython/__init__.py": OUTSIDE % "ipython",
        "sitecustomize.py": OUTSIDE % "site",
        "otter_config.json": json.dumps(CONFIGURATION),
        "tests/half.py": FORGED_TEST,
    }
    texts = {
        name: text.replace("@PLACE@", str(place)).replace("@TEMPORARY@", str(temporary)) for name, text in files.items()
    }
    return texts | {".OTTER_LOG": pickle.dumps(Opened(place))}


# -- runs -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A run of otter, and what it left."""

    process: subprocess.CompletedProcess[str]
    results: Any
    """results.json, or None."""
    markers: frozenset[str]

    @property
    def entries(self) -> list[tuple[str, float, float, str, str, str]]:
        """What each test of results.json tells a student."""
        return [
            (test["name"], test["score"], test["max_score"], test["status"], test["visibility"], _words(test["output"]))
            for test in self.results["tests"]
        ]


def _words(text: str) -> str:
    """Without what only breaks lines, or marks code."""
    return " ".join(text.replace("`", "").split())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, make_project: Callable[[Path], Path]) -> Path:
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def package(project: Path) -> Path:
    return build_autograder_zip(project, "small", project / "dist")


@pytest.fixture(scope="module")
def places() -> Iterator[dict[str, Path]]:
    """Folders outside pytest's own that every user may write into: for the markers of each attack, and temporary."""
    with tempfile.TemporaryDirectory(prefix="otter-run-") as name:
        places = {place: Path(name, place) for place in (*ATTACKS, "temporary")}
        for place in (Path(name), *places.values()):
            place.mkdir(exist_ok=True)
            place.chmod(0o777)
        yield places


@pytest.fixture(scope="module")
def submissions(project: Path, places: dict[str, Path], write: Callable[..., Path]) -> Path:
    """A class with a submission of every kind."""
    folder = project / "class"
    write(folder / "folder", {"triple.py": DETACHED, "half.py": NOT_HALF})
    write(folder, {"script.py": DETACHED + "\n\n" + NOT_HALF, "notebook.ipynb": notebook(BROKEN, RIGHT_HALF)})
    for name, content in hostile(places, "hostile").items():
        (folder / "hostile" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "hostile" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture(scope="module")
def runs(
    project: Path,
    package: Path,
    submissions: Path,
    places: dict[str, Path],
    environment: dict[str, str],
    otter: Callable[..., subprocess.CompletedProcess[str]],
    zipped: Callable[..., Path],
) -> dict[str, Run]:
    """All runs, two at a time: a folder, a notebook and a hostile submission with `autograder otter`; with otter's own
    `otter run` a script and the attacks.
    """
    variables = {"AUTOGRADER_SEED": str(SEED), "TMPDIR": str(places["temporary"])}
    outs = project / "otter"

    def ours(submission: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "autograder", "otter", str(package), str(submission)]
        return subprocess.run(
            [*command, "--out", str(outs / submission.stem)],
            cwd=project,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def theirs(name: str, submission: Path, package: Path = package) -> subprocess.CompletedProcess[str]:
        return otter(package, submission, outs / name, **variables)

    stock = zipped(project / "stock.zip", {"otter_config.json": "{}", "tests/placeholder.py": FORGED_TEST})
    attacks = {name: zipped(project / f"{name}.zip", hostile(places, name)) for name in ATTACKS}
    with ThreadPoolExecutor(2) as pool:
        running = {
            Path(name).stem: pool.submit(ours, submissions / name) for name in ("folder", "notebook.ipynb", "hostile")
        }
        running["script"] = pool.submit(theirs, "script", submissions / "script.py")
        running["hostile_direct"] = pool.submit(theirs, "hostile_direct", attacks["hostile_direct"])
        running["stock"] = pool.submit(theirs, "stock", attacks["stock"], stock)
        processes = {name: run.result() for name, run in running.items()}
    found = {}
    for name, process in processes.items():
        written = outs / name / "results.json"
        results = json.loads(written.read_text()) if written.exists() else None
        markers = {path.name for path in places[name].iterdir()} if name in places else set()
        found[name] = Run(process, results, frozenset(markers))
    return found


@pytest.fixture(scope="module")
def graded(project: Path, submissions: Path, environment: dict[str, str]) -> dict[str, Any]:
    """The class graded on the command line, with the same seed; results by student."""
    command = [sys.executable, "-m", "autograder", "grade", "small", "class", "--out", "graded", "--seed", str(SEED)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return {path.stem: json.loads(path.read_text()) for path in (project / "graded/results").glob("*.json")}


# -- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASS)
def test_scores_and_messages_of_every_check_are_those_of_the_command_line(runs, graded, name):
    run, expected = runs[name], graded[name]
    assert run.process.returncode == 0, run.process.stderr
    assert run.results["score"] == expected["score"] == SCORES[name]
    titles = {"triple": "Tripling", "half": "Halving"}
    assert run.entries == [
        (
            f"{titles[exercise]}: {test['title']}",
            test["score"],
            test["max_score"],
            "passed" if test["status"] == "passed" else "failed",
            test["visibility"],
            _words(test["message"]) or "Passed.",
        )
        for exercise, found in expected["exercises"].items()
        for test in sorted(found["tests"], key=lambda test: test["visibility"] != "visible")  # seen first, listed first
    ]
    assert len(run.entries) == 5


@pytest.mark.parametrize("name", CLASS)
def test_results_say_with_which_seed_and_suites_they_were_made(runs, graded, name):
    data = runs[name].results["extra_data"]
    assert (data["seed"], data["suite"]) == (SEED, graded[name]["suite"])
    assert data["isolation"] == graded[name]["isolation"]


def test_otter_prints_the_score_that_the_results_hold(runs):
    assert "Total Score: 3.000 / 6.000 (50.000%)" in runs["folder"].process.stdout
    assert "Total Score: 2.000 / 6.000 (33.333%)" in runs["notebook"].process.stdout


def test_students_see_the_summary_and_not_what_was_printed(runs):
    results = runs["folder"].results
    assert (results["output_format"], results["stdout_visibility"]) == ("md", "hidden")
    assert results["output"].startswith("**Small things: ")


def test_nothing_is_left_behind_but_results(runs, project):
    assert {path.name for path in (project / "otter" / "folder").iterdir()} == {"results.json"}


@pytest.mark.parametrize("name", ["folder", "notebook"])
def test_otters_own_results_hold_one_test_file_for_each_check(graded, name):
    """They are what `otter run --pickle-results` writes."""
    from otter.test_files import GradingResults

    plugin = GradingPlugin("", {}, {})
    plugin._result = msgspec.convert(graded[name], Result)
    plugin._document = {"score": SCORES[name], "tests": [], "output": ""}
    results = GradingResults([])
    plugin.after_grading(results)
    assert set(results.results) == {
        *("triple.test_shape", "triple.test_gradients", "half.test_half"),
        *("triple.test_outputs[one|row]", "triple.test_outputs[three rows]"),
    }
    assert (results.total, results.possible) == (SCORES[name], 6)


# -- hostile submissions ----------------------------------------------------------------------------------------------

KERNEL = {"outside-entry", "outside-launcher", "outside-log"}
"""Markers of code that runs in otter's kernel, or in otter itself."""


def test_with_otter_alone_the_hostile_submission_runs_in_the_kernel_and_in_otter(runs):
    """Without this, the tests below would prove nothing."""
    assert runs["stock"].process.returncode == 0, runs["stock"].process.stderr
    assert runs["stock"].markers >= KERNEL


@pytest.mark.parametrize("name", ["hostile", "hostile_direct"])
def test_nothing_of_a_hostile_submission_runs_in_otter_or_its_kernel(runs, name):
    assert {marker for marker in runs[name].markers if marker.startswith("outside-")} == set()


@pytest.mark.parametrize("name", ["hostile", "hostile_direct"])
def test_a_hostile_submission_writes_no_file_outside(runs, name):
    if runs[name].results["extra_data"]["isolation"] != "full":
        pytest.skip("where isolation is not full, a student's code may write files")
    assert runs[name].markers == frozenset()


@pytest.mark.parametrize("name", ["hostile", "hostile_direct"])
def test_a_hostile_submission_gets_what_its_answers_are_worth(runs, name):
    assert runs[name].process.returncode == 0, runs[name].process.stderr
    assert runs[name].results["score"] == SCORES["hostile"]
    assert runs[name].entries == runs["hostile"].entries
    assert "ESCAPED" not in json.dumps(runs[name].results)


def test_otters_kernel_gets_an_empty_notebook_whatever_otter_has_opened():
    opened = nbformat.reads(notebook("open('anything')", "1 / 0"), as_version=4)
    given = GradingPlugin("", {}, {}).before_execution(opened)
    assert given.cells == []
    assert given.metadata.kernelspec.name == "python3"


# -- what is handed to otter ------------------------------------------------------------------------------------------


def test_all_files_of_a_folder_are_handed_in_below_one_folder(tmp_path, write):
    write(tmp_path, {"a.py": "1", "b.ipynb": "2", "inner/.hidden": "3", "handed_in/c.py": "4"})
    assert {member.name: member.content for member in handed_in(tmp_path)} == {
        "handed_in/a.py": b"1",
        "handed_in/b.ipynb": b"2",
        "handed_in/inner/.hidden": b"3",
        "handed_in/handed_in/c.py": b"4",
    }


def test_a_link_in_a_submission_is_not_followed(tmp_path, write):
    write(tmp_path, {"secret.py": "answer", "mine/a.py": ""})
    (tmp_path / "mine/b.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "mine/c").symlink_to(tmp_path)
    assert [member.name for member in handed_in(tmp_path / "mine")] == ["handed_in/a.py"]


@pytest.mark.parametrize("empty", ["nowhere", "folder"])
def test_a_submission_without_files_is_refused(tmp_path, empty):
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="nothing is there to be graded"):
        handed_in(tmp_path / empty)


def test_a_package_that_is_not_there_is_named(project, submissions, environment):
    command = [sys.executable, "-m", "autograder", "otter", "nowhere.zip", "class/folder", "--out", "unused"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "nowhere.zip" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_cannot_grade_gives_a_score_of_zero_and_an_explanation(package, submissions, otter, tmp_path):
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(package) as whole, zipfile.ZipFile(broken, "w") as file:
        for name in whole.namelist():
            if not name.startswith("payload/"):
                file.writestr(name, whole.read(name))
    script = shutil.copy(submissions / "script.py", tmp_path)
    done = otter(broken, Path(script), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "expected one assignment, found 0" in done.stderr
    results = json.loads((tmp_path / "out/results.json").read_text())
    assert (results["score"], results["tests"]) == (0, [])
    assert "could not be graded" in results["output"]


def test_a_submission_is_handed_over_without_loading_otter_twice(project, environment):
    """It takes two seconds, and `otter run` is a process of its own."""
    code = "import sys, autograder.packaging.otter_run; print('otter' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
