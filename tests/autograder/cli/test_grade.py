"""`autograder grade` from the command line to the files it writes: every way to fail costs one exercise, in words."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")]

GRADES = """\
student,double,shift,total,max,status
crashes,0,1,1,5,graded
ends_at_import,0,1,1,5,cannot be imported: double
ends_in_forward,0,1,1,5,graded
exits_at_import,0,1,1,5,cannot be imported: double
exits_in_forward,0,1,1,5,graded
forbidden,0,1,1,5,uses what is not allowed: double
half,3,1,4,5,graded
imports_a_helper,0,1,1,5,cannot be imported: double
lies,0,1,1,5,graded
loops_at_import,0,1,1,5,cannot be imported: double
loops_in_forward,0,1,1,5,out of time: double
misnames,0,1,1,5,misnamed: double
misses_one,0,1,1,5,not found: double
misspells,0,1,1,5,misnamed: double
one_file,4,1,5,5,graded
out_of_memory_in_python,0,1,1,5,graded
out_of_memory_in_torch,0,1,1,5,graded
raises_at_import,0,1,1,5,cannot be imported: double
raises_in_forward,0,1,1,5,graded
right,4,1,5,5,graded
stub,0,1,1,5,graded
syntax_error,0,1,1,5,syntax error: double
wrong,1,1,2,5,graded
wrong_shape,0,1,1,5,graded
"""

STUDENTS = [line.partition(",")[0] for line in GRADES.splitlines()[1:]]

NO_LOOP = "took longer than 1 s and was stopped. Is there a loop that does not end?"
NO_MEMORY = "Your code asked for more memory than it may use (line 7, in `forward`: `return "
STOPPED = "Your code stopped the program (SystemExit: 0) instead of returning a result "
NOT_LOADED = "Your file could not be imported. It raised "
WORDS = {
    "crashes": ("error", "Your code crashed the Python process (segmentation fault)."),
    "ends_at_import": ("error", "Your code ended the Python process (exit status 0) instead of returning a result."),
    "ends_in_forward": ("error", "Your code ended the Python process (exit status 3) instead of returning a result."),
    "exits_at_import": ("error", f"{STOPPED}(line 5: `sys.exit(0)`)."),
    "exits_in_forward": ("error", f"{STOPPED}(line 7, in `forward`: `sys.exit(0)`)."),
    "forbidden": ("error", "torch.nn.Bilinear"),
    "half": ("failed", "Double() in training mode: the gradient of the input differs in 6 of 6 values, by up to "),
    "imports_a_helper": ("error", f"{NOT_LOADED}ModuleNotFoundError: No module named 'helper_of_mine' (line 5: `"),
    "lies": ("error", "the answer could not be read"),
    "loops_at_import": ("timeout", f"Importing your file {NO_LOOP}"),
    "loops_in_forward": ("timeout", f"One call of your code {NO_LOOP}"),
    "misnames": ("error", "found `doubling.py`, expected `double.py`: rename it and submit again."),
    "misses_one": ("error", "`double.py` was not handed in. Found: `shift.py`."),
    "misspells": ("error", "`double.py` defines `Dubble`, expected `Double`: rename it and submit again."),
    "out_of_memory_in_python": ("error", f"{NO_MEMORY}[0] * 2**33`)."),
    "out_of_memory_in_torch": ("error", f"{NO_MEMORY}torch.zeros(2**33)`)."),
    "raises_at_import": ("error", f"{NOT_LOADED}ZeroDivisionError: division by zero (line 5: `1 / 0`)."),
    "raises_in_forward": ("error", "(line 7, in `forward`: `return torch.zeros(2) @ torch.zeros(3)`)."),
    "stub": ("error", "Not implemented yet (double: implement Double.forward): line 7 still says so."),
    "syntax_error": ("error", "line 5"),
    "wrong": ("failed", "Double() in evaluation mode: the output differs in "),
    "wrong_shape": ("failed", "Double() in evaluation mode: the output has shape ("),
}


# -- what is written --------------------------------------------------------------------------------------------------


def test_a_class_in_which_everything_goes_wrong_is_graded(graded):
    assert graded.process.returncode == 0, graded.process.stderr
    assert graded.process.stderr == ""


def test_grades_are_a_table(graded):
    assert (graded.out / "grades.csv").read_text(encoding="utf-8-sig") == GRADES


def test_every_student_has_a_result_and_feedback(graded):
    assert sorted(path.name for path in (graded.out / "results").iterdir()) == [f"{name}.json" for name in STUDENTS]
    assert sorted(path.name for path in (graded.out / "feedback").glob("*.md")) == [f"{name}.md" for name in STUDENTS]
    assert sorted(path.name for path in (graded.out / "feedback").glob("*.html")) == [
        f"{name}.html" for name in STUDENTS
    ]


@pytest.mark.parametrize(("student", "words"), WORDS.items(), ids=WORDS)
def test_what_went_wrong_is_told_in_words(graded, student, words):
    status, message = words
    exercise = graded.result(student)["exercises"]["double"]
    failing = [test for test in exercise["tests"] if test["status"] != "passed"]
    assert failing[0]["status"] == status
    assert message in failing[0]["message"]
    told = "not started, see line 7" if student == "stub" else message
    assert told.replace("`", "") in graded.feedback(student).replace("`", "")


@pytest.mark.parametrize("student", STUDENTS)
def test_what_went_wrong_costs_that_exercise_only(graded, student):
    (test,) = graded.result(student)["exercises"]["shift"]["tests"]
    assert (test["status"], test["score"], test["message"]) == ("passed", 1.0, "")


def test_after_two_timeouts_the_rest_of_the_exercise_is_not_run(graded):
    statuses = [test["status"] for test in graded.result("loops_in_forward")["exercises"]["double"]["tests"]]
    messages = [test["message"] for test in graded.result("loops_in_forward")["exercises"]["double"]["tests"]]
    assert statuses == ["timeout"] * 3
    assert messages[2] == "Not run: earlier checks of this exercise already ran out of time."


OF_TEST = {
    "name": str,
    "title": str,
    "status": {"passed", "failed", "error", "timeout"},
    "score": float,
    "max_score": float,
    "visibility": {"visible", "after_due_date", "after_published", "hidden"},
    "message": str,
    "seconds": float,
    "public": bool,
    "trace": str,
    "note": str,
    "fault": str,
    "cause": int,
    "line": int,
    "numbers": [{"where": str, "got": str, "expected": str}],
    "kind": str,
}
OF_EXERCISE = {
    "score": float,
    "max_score": float,
    "status": {"graded", "missing", "misnamed", "syntax", "unreadable", "archive", "not_allowed", "not_loaded"},
    "message": str,
    "tests": [OF_TEST],
    "diagnosis": [{"mistake": str, "title": str, "hint": str, "cause": int}],
    "evidence": [str],
    "doubtful": [str],
    "excerpts": [{"line": int, "where": str, "number": int, "marked": int, "lines": [str]}],
}
OF_RESULT = {
    "schema": {1},
    "student": str,
    "assignment": {"demo"},
    "seed": int,
    "suite": str,
    "isolation": {"full", "reduced", "none"},
    "score": float,
    "max_score": float,
    "exercises": {"double": OF_EXERCISE, "shift": OF_EXERCISE},
    "notes": [str],
}


def deviations(value, schema, where="result"):
    """Where a value is not as the schema says: a type, a set of values, a list of one kind, or fields by name."""
    match schema:
        case dict() if not isinstance(value, dict) or value.keys() != schema.keys():
            return [f"{where} has other fields than it should"]
        case dict():
            return [bad for key in schema for bad in deviations(value[key], schema[key], f"{where}.{key}")]
        case list() if not isinstance(value, list):
            return [f"{where} is not a list"]
        case list():
            return [
                bad for number, item in enumerate(value) for bad in deviations(item, schema[0], f"{where}[{number}]")
            ]
        case set():
            return [] if value in schema else [f"{where} is {value!r}"]
        case _:
            return [] if type(value) is schema else [f"{where} is a {type(value).__name__}"]


@pytest.mark.parametrize("student", STUDENTS)
def test_a_result_has_the_fields_that_others_rely_on(graded, student):
    assert deviations(graded.result(student), OF_RESULT) == []


@pytest.mark.parametrize("student", STUDENTS)
def test_marks_add_up(graded, student):
    result = graded.result(student)
    exercises = result["exercises"].values()
    assert result["score"] == sum(exercise["score"] for exercise in exercises)
    assert result["max_score"] == sum(exercise["max_score"] for exercise in exercises) == 5.0
    for exercise in exercises:
        assert exercise["max_score"] == sum(test["max_score"] for test in exercise["tests"])
        assert exercise["score"] == sum(test["score"] for test in exercise["tests"])


def test_a_result_says_how_it_came_about(graded):
    results = [graded.result(student) for student in STUDENTS]
    assert {result["seed"] for result in results} == {8_264_137}
    assert len({(result["suite"], result["isolation"]) for result in results}) == 1
    assert re.fullmatch("[0-9a-f]{16}", results[0]["suite"])


def test_who_may_see_a_check_is_written(graded):
    seen = {
        test["name"]: (test["public"], test["visibility"])
        for exercise in graded.result("right")["exercises"].values()
        for test in exercise["tests"]
    }
    assert seen == {
        "test_outputs": (False, "after_due_date"),
        "test_gradients": (False, "after_due_date"),
        "test_shape": (True, "visible"),
        "test_shift": (False, "hidden"),
    }


def texts_for_students(graded, student):
    """Everything of a result that a student may read."""
    exercises = graded.result(student)["exercises"].values()
    messages = [test["message"] for exercise in exercises for test in exercise["tests"]]
    page = "\n".join(line for line in graded.feedback(student).splitlines() if not line.startswith("    "))  # their own
    return [page, *(exercise["message"] for exercise in exercises), *messages]


@pytest.mark.parametrize("student", STUDENTS)
def test_students_read_no_path_no_line_of_a_suite_and_no_tensor(graded, class_project, student):
    suites = "\n".join(path.read_text() for path in class_project.glob("tests/demo/*/test_*.py"))
    lines = [line.strip() for line in suites.splitlines() if re.search(r"[a-z]\w*\(|=|import", line)]
    assert len(lines) > 15
    for text in texts_for_students(graded, student):
        assert str(class_project) not in text
        assert not re.search(r"/(?:tmp|root|home|usr|work)\b|site-packages|[\w/]+/\w+\.py", text)
        assert "tensor(" not in text
        assert "Traceback" not in text
        assert [line for line in lines if line in text] == []


def test_instructors_read_the_traceback(graded):
    assert "test_double" in (graded.out / "instructor/raises_in_forward.md").read_text()
    tests = graded.result("raises_in_forward")["exercises"]["double"]["tests"]
    assert all("test_double" in test["trace"] for test in tests)
    assert {test["trace"] for test in graded.result("right")["exercises"]["double"]["tests"]} == {""}


def test_the_closing_table_names_everybody(graded):
    shown = graded.process.stdout
    assert [student for student in STUDENTS if student not in shown] == []
    assert "Demonstration" in shown
    assert re.search(r"right +4 +1 +5\b", shown)
    assert "misnames: misnamed: double" in shown
    assert "loops_in_forward: out of time: double" in shown


def test_the_run_says_where_the_files_are_and_how_to_repeat_it(graded):
    shown = graded.process.stdout
    assert "24 graded, median 1 of 5" in shown
    assert "--seed 8264137" in shown


def test_paths_are_printed_on_lines_of_their_own_also_on_a_narrow_terminal(project, command, environment):
    (project / "class").mkdir()
    (project / "class/kim.py").write_text("def shift(x): return x + 1\n")
    out = project / ("a_folder_with_a_long_name_" * 4)
    arguments = command("grade", "demo", "class", "--out", out)
    narrow = {**environment, "COLUMNS": "60"}
    process = subprocess.run(arguments, cwd=project, env=narrow, capture_output=True, text=True, timeout=300)
    lines = [f"Grades: {out}/grades.csv", f"Known mistakes: {out}/known_mistakes.csv", f"For students: {out}/feedback"]
    lines += [f"For you, with tracebacks: {out}/instructor", f"The class in one page: {out}/report.html"]
    assert [line for line in lines if line not in process.stdout.splitlines()] == []
    assert process.stdout.splitlines()[-2:] == ["Graded: class", f"The class in one page: {out}/report.html"]


def test_a_terminal_that_knows_ascii_alone_gets_all_numbers_and_names_spelled_out(project, command, environment):
    (project / "class/김민준").mkdir(parents=True)
    (project / "class/김민준/shift.py").write_text("def shift(x): return x + 1\n")
    plain = {**environment, "PYTHONIOENCODING": "ascii"}
    arguments = command("grade", "demo", "class", "--out", "out")
    process = subprocess.run(arguments, cwd=project, env=plain, capture_output=True, timeout=300)
    assert (process.returncode, process.stderr) == (0, b"")
    assert re.search(rb"\n \\uae40\\ubbfc\\uc900 +0 +1 +1\n", process.stdout)
    assert "김민준" in (project / "out/grades.csv").read_text(encoding="utf-8-sig")


# -- the same again ---------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_files_whatever_the_number_of_graders(graded, grade_class):
    again = grade_class("again", "--jobs", 1)
    assert again.process.returncode == 0
    assert again.without_times().keys() == graded.without_times().keys()
    differing = [name for name, text in again.without_times().items() if text != graded.without_times()[name]]
    assert differing == []


def test_one_submission_is_graded_without_isolation_when_asked_and_with_a_seed_of_its_own(class_project, autograder):
    out = class_project / "one"
    process = autograder(class_project, "grade", "demo", "class/half", "--out", out, "--isolation", "none")
    assert process.returncode == 0
    assert "Isolation: none." in process.stdout
    result = json.loads((out / "results/half.json").read_text())
    assert (result["isolation"], result["score"]) == ("none", 4.0)
    assert f"--seed {result['seed']} repeats" in process.stdout


def test_one_of_a_class_is_graded_again_and_the_others_keep_their_rows(graded, grade_class):
    grade_class("only", "--jobs", 2)
    one = grade_class("only", "--only", "half", "--fresh", seed=())  # not another one than the others'
    assert one.process.returncode == 0
    assert "Stopped" not in one.process.stdout
    assert one.without_times() == graded.without_times()
    other_seed = grade_class("only", "--only", "half", seed=("--seed", 5))
    assert other_seed.process.returncode == 2
    assert "was graded with seed 8264137, and" in other_seed.process.stderr
    assert one.without_times() == graded.without_times()


def test_one_of_a_class_that_is_not_graded_yet_is_graded_alone(grade_class):
    alone = grade_class("alone", "--only", "half")
    grades = (alone.out / "grades.csv").read_text(encoding="utf-8-sig")
    assert grades == "student,double,shift,total,max,status\nhalf,3,1,4,5,graded\n"


# -- what cannot be graded --------------------------------------------------------------------------------------------

DEADLY = '''
import os
import pytest


@pytest.mark.points(4)
def test_it(student):
    """It goes well."""
    os._exit(student.number()) if student.number() else None
'''


def test_what_cannot_be_graded_is_told_with_status_3_and_the_others_are_graded(project, autograder):
    (project / "tests/demo/double/test_double.py").write_text(DEADLY)
    (project / "tests/demo/double/test_double_public.py").unlink()
    for student, number in (("ann", 0), ("bob", 9), ("kim", 0)):
        folder = project / "class" / student
        folder.mkdir(parents=True)
        (folder / "double.py").write_text(f"class Double: pass\n\n\ndef number(): return {number}\n")
        (folder / "shift.py").write_text("def shift(x): return x + 1\n")
    process = autograder(project, "grade", "demo", "class", "--out", "out", "--jobs", 1)
    assert process.returncode == 3
    assert "Not graded: bob: the grader itself stopped twice on this" in process.stdout
    rows = list(csv.reader((project / "out/grades.csv").open(encoding="utf-8-sig")))
    assert rows[1:] == [
        ["ann", "4", "1", "5", "5", "graded"],
        ["bob", "", "", "", "", "not graded: the grader itself stopped twice on this"],
        ["kim", "4", "1", "5", "5", "graded"],
    ]
    assert sorted(path.stem for path in (project / "out/results").iterdir()) == ["ann", "kim"]
    alone = autograder(project, "grade", "demo", "class/bob", "--out", "alone", "--jobs", 2)
    assert alone.returncode == 3
    assert "Not graded: bob: double: the grader itself stopped twice on this" in alone.stdout


def until_there(path, process):
    """Return when the file is there; fail when the process ends before."""
    while not path.exists():
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the run ended before {path.name} was written")


def test_an_interrupt_keeps_what_is_graded_and_leaves_no_process(project, command, environment):
    toml = project / "assignments/demo/assignment.toml"
    toml.write_text(re.sub(r"_seconds = [\d.]+", "_seconds = 300.0", toml.read_text()))
    for student, text in (("ann", "return 2 * x"), ("bob", "while True: pass"), ("kim", "return x * 2")):
        folder = project / "class" / student
        folder.mkdir(parents=True)
        (folder / "double.py").write_text(
            f"from torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        {text}\n"
        )
        (folder / "shift.py").write_text("def shift(x): return x + 1\n")
    arguments = command("grade", "demo", "class", "--out", "out", "--jobs", 1)
    with subprocess.Popen(arguments, cwd=project, env=environment, stdout=subprocess.PIPE, text=True) as process:
        until_there(project / "out/feedback/ann.md", process)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(2)
        shown, _ = process.communicate(timeout=300)
    assert process.returncode == 3
    assert "Stopped: 2 of 3 submissions were not graded." in shown
    assert json.loads((project / "out/results/ann.json").read_text())["score"] == 5.0
    rows = list(csv.reader((project / "out/grades.csv").open(encoding="utf-8-sig")))
    assert [row[0] for row in rows] == ["student", "ann", "bob", "kim"]
    assert rows[1] == ["ann", "4", "1", "5", "5", "graded"]
    assert [path.name for path in (project / "out/results").iterdir()] == ["ann.json"]
    assert len(children) >= 2
    assert psutil.wait_procs(children, timeout=300)[1] == []


# -- wrong usage ------------------------------------------------------------------------------------------------------

WRONG = {
    "an unknown assignment": (
        ["grade", "dmo", "class"],
        r"autograder: no assignment \"dmo\" in .*assignments \(did you mean \"demo\"\?\); there are: demo",
    ),
    "a path that is not there": (["grade", "demo", "nowhere"], "autograder: nowhere does not exist: name a folder .*"),
    "an empty folder": (["grade", "demo", "empty"], "autograder: empty holds no submissions: expected a folder, .*"),
    "a file of another kind": (["grade", "demo", "notes.txt"], "autograder: notes.txt is not a submission: .*"),
    "a file where the results should go": (
        ["grade", "demo", "notes.py", "--out", "notes.txt"],
        "autograder: notes.txt cannot be the folder for results: .*notes.txt is not a folder; choose another .*",
    ),
    "an empty path": (
        ["grade", "demo", ""],
        "autograder: an argument is empty; write a name or a path there, or leave it out",
    ),
    "a shard without a seed": (
        ["grade", "demo", "class", "--shard", "1/4"],
        "autograder: --shard 1/4 needs --seed N, the same for all shards",
    ),
    "a shard that is not there": (
        ["grade", "demo", "class", "--shard", "5/4", "--seed", "1"],
        "autograder: --shard 5/4: write K/N, from 1/N to N/N",
    ),
    "a cluster without encryption": (
        ["grade", "demo", "class", "--cluster", "tcp://127.0.0.1:8786"],
        "autograder: --cluster tcp://127.0.0.1:8786: write local, tls://host:port or ssh:host,host; solutions go "
        "nowhere unencrypted",
    ),
    "a cluster of nobody": (
        ["grade", "demo", "class", "--cluster", "ssh:lab1,"],
        "autograder: --cluster ssh:lab1,: write local, tls://host:port or ssh:host,host; solutions go nowhere "
        "unencrypted",
    ),
    "a number of somebody else's workers": (
        ["grade", "demo", "class", "--cluster", "tls://127.0.0.1:8786", "--jobs", "2"],
        "autograder: --cluster tls://127.0.0.1:8786 has as many workers as were started there: leave out --jobs",
    ),
    "an unknown level": (
        ["grade", "demo", "class", "--isolation", "half"],
        "autograder: --isolation half: choose full or none",
    ),
}


def test_without_the_extra_a_cluster_says_what_to_install(project, autograder, monkeypatch):
    monkeypatch.setattr("autograder.cli.find_spec", {"distributed": None, "cryptography": True}.get)
    process = autograder(project, "grade", "demo", "class", "--cluster", "local")
    assert process.returncode == 2
    assert process.stderr == "autograder: --cluster local needs Dask: .venv/bin/pip install -e '.[cluster]'\n"


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_in_one_line_with_status_2(project, autograder, arguments, message):
    (project / "empty").mkdir()
    (project / "notes.txt").write_text("notes\n")
    (project / "notes.py").write_text("notes = 1\n")
    process = autograder(project, arguments[0], "--out", "out", *arguments[1:])
    assert process.returncode == 2
    assert re.fullmatch(message + "\n", process.stderr)
    assert process.stdout == ""
    assert not (project / "out").exists()


def test_a_folder_without_a_project_is_told(tmp_path, autograder):
    process = autograder(tmp_path, "grade", "demo", ".")
    assert process.returncode == 2
    assert "no folder `assignments` here or above; run this inside the project's folder" in process.stderr


def test_a_suite_that_cannot_be_collected_is_told(project, autograder):
    (project / "tests/demo/shift/test_shift.py").write_text("import nothing_of_that_name\n")
    (project / "class").mkdir()
    (project / "class/kim.py").write_text("def shift(x): return x + 1\n")
    process = autograder(project, "grade", "demo", "class", "--out", "out")
    assert process.returncode == 2
    assert "No module named 'nothing_of_that_name'" in process.stderr
    assert "tests/demo/shift" in process.stderr


@pytest.mark.parametrize(
    "arguments", [["grade"], ["grade", "demo"], ["frobnicate"], ["grade", "demo", ".", "--jobs", "0"]]
)
def test_arguments_that_are_missing_or_unknown_are_told(tmp_path, autograder, arguments):
    process = autograder(tmp_path, *arguments)
    assert process.returncode == 2
    assert "Usage: " in process.stderr
    assert Path(tmp_path, "results").exists() is False


def test_when_the_process_that_forks_graders_dies_the_run_ends_with_what_is_graded(project):
    folder = project / "many"
    for number in range(120):
        shutil.copytree(project / "solutions/demo", folder / f"s{number:03}")
        (folder / f"s{number:03}/notes.py").write_text(f"# {number}\n")  # what is the same is graded once
    command = [sys.executable, "-m", "autograder", "grade", "demo", "many", "--out", "out", "--jobs", "1"]
    run = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while not list((project / "out/results").glob("*.json")):
        assert run.poll() is None
        time.sleep(0.05)
    (zygote,) = psutil.Process(run.pid).children()
    zygote.kill()
    said, _ = run.communicate(timeout=300)
    assert run.returncode == 3, said
    assert "Stopped: the process that starts graders and workers has ended" in said
    assert "Traceback" not in said
    rows = list(csv.DictReader((project / "out/grades.csv").open(encoding="utf-8-sig")))
    assert len(rows) == 120
    assert {row["status"] for row in rows} == {"graded", "not graded: the run was stopped before"}


def edit(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


AMISS = {
    "points do not add up": (
        lambda root: edit(root / "tests/demo/double/exercise.toml", "points = 4", "points = 5"),
        "tests/demo/double: the checks are worth 4 points, exercise.toml says 5",
    ),
    "no solution": (
        lambda root: (root / "solutions/demo/shift.py").unlink(),
        'solutions/demo/shift.py: missing; write the reference solution of "shift", or remove the exercise from ',
    ),
    "a solution that raises": (
        lambda root: edit(root / "solutions/demo/shift.py", "\ndef shift", "1 / 0\n\ndef shift"),
        "solutions/demo/shift.py, line 1: the reference solution cannot be loaded: ZeroDivisionError: division by",
    ),
    "a solution that is not Python": (
        lambda root: edit(root / "solutions/demo/shift.py", "def shift(x):", "def shift(x:"),
        "solutions/demo/shift.py, line 2: the reference solution cannot be loaded: SyntaxError: '(' was never closed\n",
    ),
    "a solution that lacks a name": (
        lambda root: edit(root / "solutions/demo/double.py", "class Double", "class Dubble"),
        "solutions/demo/double.py: the reference solution does not define Double, which exercise.toml asks for",
    ),
    "an exercise without a suite": (
        lambda root: edit(root / "assignments/demo/assignment.toml", '"shift"', '"shit"'),
        'assignments/demo/assignment.toml: key "exercises", number 2: there is no tests/demo/shit/exercise.toml '
        '(did you mean "shift"?); write it, or remove "shit" from the list\n',
    ),
    "an exercise whose suite has no checks": (
        lambda root: (root / "tests/demo/shift/test_shift.py").unlink(),
        "tests/demo/shift: the checks are worth 0 points, exercise.toml says 1",
    ),
    "a beside.py that is not Python": (
        lambda root: (root / "tests/demo/shift/beside.py").write_text("\ndef step(:\n"),
        "tests/demo/shift/beside.py, line 2: not valid Python: ",
    ),
    "a beside.py that raises": (
        lambda root: (root / "tests/demo/shift/beside.py").write_text("1 / 0\n"),
        "tests/demo/shift/beside.py: cannot be loaded: ZeroDivisionError: division by zero",
    ),
    "a suite that is not Python": (
        lambda root: edit(root / "tests/demo/shift/test_shift.py", "(student, reference, rng)", "(student"),
        "tests/demo/shift/test_shift.py:\n     File ",
    ),
    "a suite that cannot be imported": (
        lambda root: edit(root / "tests/demo/shift/test_shift.py", "import pytest", "import pytest\nimport nowhere"),
        "tests/demo/shift/test_shift.py, line 3:\n   ModuleNotFoundError: No module named 'nowhere'\n",
    ),
}


@pytest.mark.parametrize(("damage", "message"), AMISS.values(), ids=AMISS)
def test_what_is_amiss_with_the_assignment_is_told_before_it_costs_anybody_points(project, autograder, damage, message):
    damage(project)
    (project / "class").mkdir()
    (project / "class/kim.py").write_text("def shift(x): return x + 1\n")
    process = autograder(project, "grade", "demo", "class", "--out", "out")
    assert process.returncode == 2
    assert message in process.stderr
    assert "tests/demo/double/test_double" not in process.stderr
    assert "importlib" not in process.stderr
    assert not (project / "out").exists()


FAULTY = """
import pytest


@pytest.mark.points(1)
@pytest.mark.visibility("hidden")
def test_shift(student, reference, rng):
    \"\"\"One is added.\"\"\"
    student.shift(lambda: rng.randn(3))
"""


def test_a_suite_that_asks_for_what_cannot_be_asked_is_told_to_the_instructor(project, autograder):
    (project / "tests/demo/shift/test_shift.py").write_text(FAULTY)
    process = autograder(project, "grade", "demo", project / "solutions/demo", "--out", project / "out")
    assert process.returncode == 3
    assert "shift, test_shift: the suite cannot ask that: a value of type function cannot be passed" in process.stdout
    (result,) = (project / "out/results").glob("*.json")
    (test,) = json.loads(result.read_text())["exercises"]["shift"]["tests"]
    assert test["message"].startswith("This check could not be carried out, and not because of your code.")
    assert "cannot be passed to the other side" in test["fault"]
