"""The notebook: made by otter, in date, runs from top to bottom, and is worth what the files are worth."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest
from PIL import Image, ImageChops, ImageStat

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout
from autograder.errors import UsageError
from autograder.packaging.notebook import make_notebook, source_notebook
from autograder.student.folder import StudentFolder
from autograder.student.live import read_cells_run
from autograder.submissions.find import find_submissions
from autograder.submissions.model import Expected
from autograder.submissions.read import read_submission

pytestmark = pytest.mark.long

SLIPS = {
    "residual_block": ("stride=stride, padding=1", "padding=1"),
    "se_block": ("gate[:, :, None, None]", "gate"),
    "depthwise_separable_conv": (
        "class DepthwiseSeparableConv(nn.Module):",
        "import no_such_library\n\n\nclass DepthwiseSeparableConv(no_such_library.Module):",
    ),
    "lstm_cell": ("class LSTMCell(nn.Module):", "class LSTMCell(nn.LSTMCell):"),
    "clip_grad": ("def clip_grad_value", "def clip_grad_by_value"),
    "replace_head": ("heads = find_heads(model)", "heads = find_head(model)"),
}


@pytest.fixture(scope="module")
def executed(
    tmp_path_factory: pytest.TempPathFactory,
    student_zip: Path,
    fill: Callable[[Path, Mapping[str, str]], None],
    python: str,
    environment: dict[str, str],
) -> Callable[..., tuple[Path, Any]]:
    """Unpacks the zip, fills in the notebook, and runs it from top to bottom without a network; folder and outputs."""

    def execute(name: str, texts: Mapping[str, str], allow_errors: bool = False) -> tuple[Path, Any]:
        folder = tmp_path_factory.mktemp(name)
        with zipfile.ZipFile(student_zip) as file:
            file.extractall(folder)
        path = folder / "core" / "core.ipynb"
        fill(path, texts)
        notebook = nbformat.read(path, as_version=4)
        nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "PIP_NO_INDEX": "1"}
        resources = {"metadata": {"path": str(path.parent)}}
        client = nbclient.NotebookClient(notebook, timeout=300, resources=resources, allow_errors=allow_errors)
        client.create_kernel_manager().kernel_spec.argv[0] = python
        client.execute(env=environment | nowhere)
        return path.parent, notebook

    return execute


@pytest.fixture(scope="module")
def filled_in(executed, solutions):
    return executed("filled_in", solutions)


@pytest.fixture(scope="module")
def untouched(executed):
    return executed("untouched", {})


@pytest.fixture(scope="module")
def with_slips(executed, solutions):
    assert all(old in solutions[exercise] for exercise, (old, _) in SLIPS.items())
    return executed("with_slips", {name: solutions[name].replace(*change) for name, change in SLIPS.items()}, True)


def shown(notebook: Any) -> dict[str, str]:
    """What `grader.check("<exercise>")` shows, by exercise."""
    found = {}
    for cell in notebook.cells:
        if match := re.fullmatch(r'grader\.check\("(\w+)"\)', cell.source):
            (output,) = cell.outputs
            found[match[1]] = output["data"]["text/plain"]
    return found


def summary(notebook: Any) -> str:
    """What `grader.check_all()` shows."""
    (cell,) = [cell for cell in notebook.cells if cell.source == "grader.check_all()"]
    (output,) = cell.outputs
    return str(output["data"]["text/plain"])


def test_it_is_in_date(layout, assignment):
    assert layout.notebook("core.ipynb").read_bytes() == make_notebook(layout, assignment)


def test_making_it_again_gives_the_same_bytes(layout, assignment):
    assert make_notebook(layout, assignment) == make_notebook(layout, assignment)


def test_it_is_valid_and_holds_nothing_of_a_machine_or_a_moment(layout, assignment):
    path = layout.notebook("core.ipynb")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{number}" for number in range(1, len(notebook.cells) + 1)]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert str(layout.root) not in path.read_text()


def test_every_exercise_has_its_explanation_its_stub_and_its_check(layout, stubs):
    notebook = nbformat.read(layout.notebook("core.ipynb"), as_version=4)
    sources = [cell.source for cell in notebook.cells]
    for exercise, stub in stubs.items():
        place = sources.index(stub.strip())
        assert f"File `{exercise}.py`" in sources[place - 1]
        assert "$$" in sources[place - 1] or "    " in sources[place - 1]
        assert sources[place + 1] == f'grader.check("{exercise}")'


def test_the_picture_is_inside(layout):
    notebook = nbformat.read(layout.notebook("core.ipynb"), as_version=4)
    pictures = [cell for cell in notebook.cells if "](data:image/png;base64," in cell.source]
    assert len(pictures) == 1
    assert "![A residual block:" in pictures[0].source


def test_the_picture_is_what_its_script_draws(project_copy, layout):
    pictures = project_copy / "assignments/core/pictures"
    drawn, committed = pictures / "residual_block.png", layout.folder / "pictures/residual_block.png"
    drawn.unlink()
    subprocess.run([sys.executable, str(pictures / "draw.py")], check=True, timeout=300)
    with Image.open(drawn) as new, Image.open(committed) as old:
        difference = ImageStat.Stat(ImageChops.difference(new.convert("L"), old.convert("L")))
    assert difference.mean[0] < 1  # of 255: letters differ a little with the version of the font library


def test_autograder_check_tells_handout_and_notebook_that_are_out_of_date(project_copy, python, environment):
    handout = project_copy / "assignments/core/handout/_frame.md"
    handout.write_text(handout.read_text().replace("Six small pieces", "Six tiny pieces"))
    command = [python, "-m", "autograder", "check"]
    done = subprocess.run(command, cwd=project_copy, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "autograder: 2 things to put right:",
        "  assignments/core/HANDOUT.md: differs from what it is made from; run: .venv/bin/autograder renew core",
        "  assignments/core/core.ipynb: differs from what it is made from; run: .venv/bin/autograder renew core",
    ]


def test_the_source_that_otter_reads_holds_the_solutions(layout, assignment, solutions):
    source = nbformat.writes(source_notebook(layout, assignment))
    assert all(json.dumps(text.splitlines()[-2])[1:-1] in source for text in solutions.values())


def test_a_handout_without_a_section_is_told(project_copy):
    layout, assignment = Layout(project_copy, "core"), load_assignment(project_copy, "core")
    layout.section("lstm_cell", ".md").unlink()
    with pytest.raises(UsageError, match=r"handout/lstm_cell\.md: missing; write the section of lstm_cell"):
        make_notebook(layout, assignment)


def test_with_solutions_all_public_checks_pass(filled_in, stubs):
    _, notebook = filled_in
    told = shown(notebook)
    for exercise in stubs:
        first, _, last = told[exercise].partition("\n")
        assert re.fullmatch(rf"  ✓ {exercise}  all \d public checks pass", first)
        assert last.strip().startswith("The public checks are worth ")
        assert "The hidden ones ask about " in last
    lines = summary(notebook).splitlines()
    assert [line.split()[1] for line in lines[:6]] == list(stubs)
    assert lines[-2] == "6 of 6 exercises pass their public checks, hidden checks ask more"
    assert re.match(r"The public checks are worth [\d.]+ of 100 points\. The hidden ones ask about ", lines[-1])


def test_untouched_each_check_fails_kindly(untouched, stubs):
    _, notebook = untouched
    told = shown(notebook)
    assert told.keys() == stubs.keys()
    for exercise, text in told.items():
        assert text.startswith(f"  · {exercise}")
        assert f"Not implemented yet ({exercise}: implement " in text
        assert "Not started: the first failure is normal. Go to its cell and replace the lines that raise" in text
        assert text.splitlines()[-2:] == [
            f'Stuck? grader.hint("{exercise}")',
            f'Its worked example, step by step: grader.explain("{exercise}")',
        ]


def test_a_cell_is_shown_as_html_with_hints_that_can_be_unfolded(untouched, assignment):
    _, notebook = untouched
    for cell in notebook.cells:
        if match := re.fullmatch(r'grader\.check\("(\w+)"\)', cell.source):
            html = cell.outputs[0]["data"]["text/html"]
            assert f'</span><code style="margin: 0 0.6em">{match[1]}</code>not started</p>' in html
            assert html.count("<details") == len(assignment.exercise(match[1]).hints) == 3


def test_nothing_is_shown_of_how_checks_are_carried_out(untouched, with_slips, filled_in):
    for _, notebook in (untouched, with_slips, filled_in):
        for text in [*shown(notebook).values(), summary(notebook)]:
            for inside in (
                "Traceback",
                "Error at line",
                "Test case",
                "DoesNotPass",
                " in test ",
                "otter",
                "ask(",
                "\x1b",
            ):
                assert inside not in text


def test_each_exercise_reads_as_check_py_says_it_of_the_notebook(with_slips, check):
    folder, notebook = with_slips
    for exercise, told in shown(notebook).items():
        checked = check(folder, str(folder / "core.ipynb"), exercise).stdout
        # What is said of other cells depends on how many have been run; how to go on, on where one is.
        first, after = (
            re.split(r"\n(?:\d+ of \d+ public checks pass, |Stuck\?)", re.sub(r"(?m)^  Note: .*\n", "", text))[0]
            for text in (told, checked)
        )
        assert " ".join(
            first.replace("A cell counts once it has been run: run it, then this one again.", "").split()
        ) == (" ".join(after.split()))


def test_messages_are_the_graders_with_the_numbers_of_cells(with_slips, grade, tmp_path):
    folder, notebook = with_slips
    told = shown(notebook)
    (tmp_path / "class").mkdir()
    shutil.copy(folder / "core.ipynb", tmp_path / "class" / "student.ipynb")
    result = grade(tmp_path / "class", tmp_path / "out")["student"]
    for exercise, graded in result["exercises"].items():
        first = next(test for test in graded["tests"] if test["public"] and test["status"] != "passed")
        lines = [line.strip() for line in told[exercise].splitlines()]
        assert [line for line in first["message"].splitlines() if line.strip() not in lines] == []
    assert "(cell 3, line " not in told["residual_block"]  # a shape differs there: no line raised
    assert re.search(r"cell 8, line \d+", told["depthwise_separable_conv"] + told["lstm_cell"])


def test_all_ways_to_hand_in_give_the_same_marks(filled_in, assignment, solutions, grade, tmp_path):
    folder, _ = filled_in
    (exported,) = folder.glob("core_*.zip")
    members = zipfile.ZipFile(exported).namelist()
    assert "core.ipynb" in members
    assert not [name for name in members if name.endswith(".pdf")]
    students = tmp_path / "class"
    for way in ("files", "notebook", "whole_folder"):
        (students / way).mkdir(parents=True)
    for exercise, text in solutions.items():
        (students / "files" / f"{exercise}.py").write_text(text)
    shutil.copy(folder / "core.ipynb", students / "notebook")
    shutil.copytree(folder, students / "whole_folder", dirs_exist_ok=True)
    for exercise in solutions:
        (students / "whole_folder" / f"{exercise}.py").unlink()  # handed in with the notebook, without the stubs
    shutil.copy(folder / "core.ipynb", students / "alone.ipynb")
    shutil.copy(exported, students / "exported.zip")
    with zipfile.ZipFile(students / "zip_of_files.zip", "w") as file:
        for exercise, text in solutions.items():
            file.writestr(f"core/{exercise}.py", text)
    with zipfile.ZipFile(students / "zip_of_notebook.zip", "w") as file:
        file.write(folder / "core.ipynb", "core/core.ipynb")
    expected = [Expected(each.name, f"{each.name}.py", each.names) for each in assignment.exercises]
    read = {each.student: read_submission(each, expected) for each in find_submissions(students, expected)}
    texts = {way: {name: source.text for name, source in contents.sources.items()} for way, contents in read.items()}
    assert all(contents.problems == {} for contents in read.values())
    assert texts["files"] == texts["zip_of_files"]
    notebooks = ("notebook", "whole_folder", "alone", "zip_of_notebook", "exported")
    assert [way for way in notebooks if texts[way] != texts["exported"]] == []
    assert read.keys() == {"files", "zip_of_files", *notebooks}
    results = grade(students, tmp_path / "out", "files", "exported")
    assert {student: result["score"] for student, result in results.items()} == {"files": 100.0, "exported": 100.0}


def test_check_py_reads_a_notebook_as_the_grader_does(with_slips, check):
    folder, notebook = with_slips
    done = check(folder, str(folder / "core.ipynb"), "--all", "residual_block", "lstm_cell")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "which this exercise does not allow" in line]
    assert line.strip() in shown(notebook)["lstm_cell"]


# -- cells as they were run


def test_the_last_run_of_a_cell_counts(unpacked, solutions):
    folder = StudentFolder.open(unpacked)
    first = solutions["se_block"].replace("torch.sigmoid(", "torch.tanh(")
    contents = read_cells_run(folder, ["", first, "x = 1", solutions["se_block"], "%matplotlib inline"])
    source = contents.sources["se_block"]
    last = source.text.rstrip().count("\n") + 1
    assert source.position(last).startswith("cell 3, line ")
    assert contents.problems["lstm_cell"].message.startswith("`core.ipynb`: no cell defines LSTMCell")


def test_a_cell_with_a_magic_counts(unpacked, solutions):
    contents = read_cells_run(StudentFolder.open(unpacked), ["", "%%time\n" + solutions["se_block"]])
    assert "class SEBlock" in contents.sources["se_block"].text


def test_a_session_of_thousands_of_runs_is_read(unpacked, solutions):
    inputs = ["", *["x = 1"] * 4000, solutions["se_block"]]
    contents = read_cells_run(StudentFolder.open(unpacked), inputs)
    assert "class SEBlock" in contents.sources["se_block"].text


# -- the first cell

FIRST_CELL = """
import json, sys, types
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell

notebook, uploads, without = sys.argv[1:]
uploads = json.loads(uploads)
times = max(1, len(uploads))
if uploads:
    def upload():
        chosen = uploads.pop(0)
        if chosen == "blocked":
            raise RuntimeError("no upload in this browser")
        return {Path(chosen).name: Path(chosen).read_bytes()} if chosen else {}

    files = types.ModuleType("google.colab.files")
    files.upload = upload
    colab = types.ModuleType("google.colab")
    colab.files = files
    sys.modules.update({"google": types.ModuleType("google"), "google.colab": colab, "google.colab.files": files})
shell = InteractiveShell.instance()
installed = []
shell.register_magic_function(installed.append, "line", "pip")
if without:
    import importlib.util
    find_spec = importlib.util.find_spec
    importlib.util.find_spec = lambda name, *rest: None if name == without else find_spec(name, *rest)
cell = json.loads(Path(notebook).read_text())["cells"][1]["source"]
for _ in range(times):
    result = shell.run_cell(cell)
if result.error_in_exec:
    sys.exit(1)
check = str(shell.user_ns["grader"].check("se_block"))
print(json.dumps({"cwd": Path.cwd().name, "installed": installed, "check": check}))
"""


@pytest.fixture
def first_cell(layout, python, environment, tmp_path):
    """Runs the notebook's first cell in a folder, on a pretended Colab, or without a library."""

    def run(folder: Path, *uploads: str, without: str = "") -> subprocess.CompletedProcess[str]:
        """On Colab where anything is uploaded: the cell is run once for each file; "" is cancelled."""
        command = [python, "-c", FIRST_CELL, str(layout.notebook("core.ipynb")), json.dumps(uploads), without]
        elsewhere = {"IPYTHONDIR": str(tmp_path / "ipython")}
        return subprocess.run(
            command, cwd=folder, env=environment | elsewhere, capture_output=True, text=True, timeout=300
        )

    return run


def last_line(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_in_its_folder_the_first_cell_installs_nothing(first_cell, unpacked):
    said = last_line(first_cell(unpacked))
    assert (said["cwd"], said["installed"]) == ("core", [])


def test_what_is_missing_is_installed(first_cell, unpacked):
    assert last_line(first_cell(unpacked, without="msgspec"))["installed"] == ["install -q -r requirements.txt"]


def test_on_colab_the_first_cell_asks_for_the_zip(first_cell, tmp_path, student_zip):
    (tmp_path / "content").mkdir()
    done = first_cell(tmp_path / "content", str(student_zip))
    assert "Choose core-student.zip" in done.stdout
    said = last_line(done)
    assert said["cwd"] == "core"
    assert (tmp_path / "content/core/checks").is_dir()
    assert "no cell defines SEBlock" in said["check"]


NOT_HERE = (
    "core-student.zip is not here yet. Run this cell again and choose it.\n"
    "Or drag it from your computer into Files, at the left edge, and run this cell again.\n"
)


@pytest.mark.parametrize("upload", ["", "blocked", "another file"])
def test_on_colab_an_upload_that_fails_says_what_to_do(first_cell, tmp_path, upload):
    content = tmp_path / "content"
    content.mkdir()
    if upload == "another file":
        upload = str(tmp_path / "core.ipynb")
        Path(upload).write_text("{}")
    done = first_cell(content, upload)
    assert done.returncode == 1
    assert done.stdout.endswith(NOT_HERE)
    assert "Traceback" not in done.stdout + done.stderr
    assert "RuntimeError no upload in this browser\n" in done.stdout or upload != "blocked"


def test_on_colab_the_first_cell_can_be_run_again_after_a_cancelled_upload(first_cell, tmp_path, student_zip):
    (tmp_path / "content").mkdir()
    done = first_cell(tmp_path / "content", "", str(student_zip))
    assert NOT_HERE in done.stdout
    assert last_line(done)["cwd"] == "core"


def test_on_colab_a_zip_that_was_dragged_there_is_taken(first_cell, tmp_path, student_zip):
    (tmp_path / "content").mkdir()
    shutil.copy(student_zip, tmp_path / "content/core-student (1).zip")
    done = first_cell(tmp_path / "content", "blocked")
    assert last_line(done)["cwd"] == "core"
    assert "Choose core-student.zip" not in done.stdout


def test_beside_the_unpacked_folder_the_first_cell_finds_it(first_cell, unpacked):
    assert last_line(first_cell(unpacked.parent))["cwd"] == "core"


def test_a_notebook_alone_says_what_is_missing(first_cell, tmp_path):
    done = first_cell(tmp_path)
    assert done.returncode == 1
    assert done.stdout == "Open this notebook in the folder that you have unpacked, beside the folder checks.\n"


# -- what `grader` says, cell by cell

SESSION = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance(user_ns={})
sys.path.insert(0, "checks/_engine")
cells = ["from autograder.student.live import Grader\\ngrader = Grader()", *json.loads(sys.argv[1])]
for cell in cells:
    result = shell.run_cell(cell, store_history=True, silent=False)
    result.raise_error()
    print("::", repr(result.result))
"""


@pytest.fixture
def session(unpacked, python, environment, tmp_path):
    """Runs these cells in the student's folder; what each one shows."""

    def run(*cells: str) -> list[str]:
        command = [python, "-c", SESSION, json.dumps(cells)]
        elsewhere = {"IPYTHONDIR": str(tmp_path / "ipython"), "FORCE_COLOR": "1"}
        done = subprocess.run(
            command, cwd=unpacked, env=environment | elsewhere, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return [part.strip("\n") for part in re.split(r"(?m)^:: ", done.stdout)[2:]]

    return run


def test_a_cell_that_was_not_run_yet_is_asked_for(session):
    (told,) = session('grader.check("se_block")')
    assert "no cell defines SEBlock" in told
    assert "  A cell counts once it has been run: run it, then this one again." in told
    assert "\x1b" not in told


def test_a_misspelt_exercise_is_asked_about(session):
    (told, hint) = session('grader.check("se_blok")', 'grader.hint("SE_Block.py")')
    assert "There is no exercise se_blok. Did you mean se_block?" in told
    assert "Exercises: residual_block, se_block, " in told
    assert "Hint 1 of 3; ask again for the next: " in hint


def test_the_worked_example_of_a_cell_is_shown_with_the_numbers_of_cells(session, solutions):
    _, told = session(solutions["lstm_cell"], 'grader.explain("lstm_cell")')
    assert told.startswith("lstm_cell: the worked example, by hand\n")
    assert re.search(r"\n  cell 2, line \d+  c = f \* c \+ i \* g\n      f \* c = \[\[1\]\]\n", told)
    assert told.endswith("\n  This check passes.")


def test_hints_come_one_at_a_time_and_go_on_where_check_py_was(session, unpacked, check):
    first, second = session('grader.hint("se_block")', 'grader.hint("se_block")')
    assert "Hint 1 of 3" in first
    assert "Hint 2 of 3" in second
    assert "Hint 3 of 3" in check(unpacked, "se_block", "--hint").stdout
