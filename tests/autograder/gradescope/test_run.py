"""A whole run over an /autograder folder: whatever happens, results.json is valid and holds what is known."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from autograder.gradescope.report import not_graded
from autograder.gradescope.results_file import Results, ResultsFile
from autograder.results.model import NOT_RUN

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="Gradescope grades on Linux")]

SEED = 8_264_137
TRIPLE = "from torch import nn\n\n\nclass Double(nn.Module):\n    def forward(self, x):\n        return 3 * x\n"
ENDLESS_SHIFT = "def shift(x):\n    while True:\n        pass\n"
METADATA: dict[str, Any] = {
    "id": 77,
    "created_at": "2026-05-01T12:00:00.000000Z",
    "assignment": {"due_date": None, "total_points": "5.0"},
    "users": [{"name": "Kim"}, {"name": "Lee"}],
    "previous_submissions": [],
}
LATE = """
[deadline]
due = 2026-04-30T12:00:00Z
late_penalty_per_day = 0.1
late_days = 3
"""


def entries(document: Any, title: str) -> list[Any]:
    return [entry for entry in document["tests"] if entry["name"].startswith(f"{title}:")]


def packed(text: str) -> str:
    """The text without space: where lines are broken does not matter."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def right(desk):
    """A right submission, a day late."""
    return desk.run_here(desk.place(desk.right, METADATA, LATE))


@pytest.fixture(scope="module")
def mixed(desk):
    """One exercise is wrong, the other right, something is ignored; with a seed from outside."""
    files = {"double.py": TRIPLE, "shift.py": desk.right["shift.py"], "old/shift.py": "# of mine"}
    return desk.run(desk.place(files, METADATA), {"AUTOGRADER_SEED": str(SEED)})


@pytest.fixture
def endless(desk) -> Path:
    """A folder in which the first exercise is right and the second takes a minute."""
    return desk.place({**desk.right, "shift.py": ENDLESS_SHIFT}, METADATA, question_seconds=3600.0)


def check_first_exercise_is_in(document: Any, reason: str) -> None:
    """The first exercise has its marks, the second was not run, and why."""
    assert [entry["score"] for entry in entries(document, "Doubling")] == [1.0, 2.0, 1.0]
    assert [entry["score"] for entry in entries(document, "Shifting")] == [0.0]
    assert packed(reason) in packed(entries(document, "Shifting")[0]["output"])
    assert "**Not everything was graded.**" in document["output"]
    assert reason in document["output"]
    assert document["score"] == 4.0


# --- submissions that are graded ---


def test_a_right_submission_gets_full_marks_in_every_check(right):
    assert right.result.score == right.result.max_score == 5.0
    assert [entry["status"] for entry in right.document["tests"]] == ["passed"] * 4
    assert sum(entry["score"] for entry in right.document["tests"]) == 5.0


def test_lateness_follows_from_the_metadata(right):
    assert right.document["score"] == 4.5
    assert "**Late:** 1 day after the due date. 90% of the marks count." in right.document["output"]


def test_checks_are_seen_as_the_assignment_says(right):
    assert [entry["visibility"] for entry in right.document["tests"]] == [
        "visible",
        "after_due_date",
        "after_due_date",
        "hidden",
    ]


def test_the_submission_is_named_after_all_who_made_it(right):
    assert right.result.student == "Kim + Lee"


def test_nothing_but_the_results_is_left_in_their_folder(right):
    assert os.listdir(right.folder / "results") == ["results.json"]


def test_the_results_can_be_read_by_everybody(right):
    assert (right.folder / "results" / "results.json").stat().st_mode & 0o444 == 0o444


def test_a_rerun_has_the_same_seed_scores_and_messages(desk, right):
    # Of its own seed: the environment has none.
    again = desk.run_here(right.folder)
    assert again.result.seed == right.result.seed
    assert [{**entry, "output": ""} for entry in again.document["tests"]] == [
        {**entry, "output": ""} for entry in right.document["tests"]
    ]


def test_a_single_file_with_all_exercises_is_a_submission(desk):
    graded = desk.run_here(desk.place({"all_of_it.py": "\n".join(desk.right.values()), ".DS_Store": "clutter"}))
    assert graded.document["score"] == 5.0
    assert graded.result.student == "submission"


def test_a_file_whose_name_is_not_utf8_is_graded(desk):
    folder = desk.place({})
    name = os.fsencode(folder / "submission") + b"/L\xf6sung.py"
    Path(os.fsdecode(name)).write_text("\n".join(desk.right.values()))
    assert desk.run_here(folder).document["score"] == 5.0


def test_names_that_are_not_utf8_do_no_harm_beside_what_counts(desk):
    folder = desk.place(desk.right)
    for name in (b"double (\xf6).py", b"\xff\xfe.zip", b"L\xf6sung.ipynb"):
        Path(os.fsdecode(os.fsencode(folder / "submission") + b"/" + name)).write_text("pass")
    assert desk.run_here(folder).document["score"] == 5.0


def test_a_link_to_the_solutions_earns_nothing(desk):
    folder = desk.place({})
    (folder / "submission" / "double.py").symlink_to(folder / "source/payload/solutions/demo/double.py")
    document = desk.run_here(folder).document
    assert document["score"] == 0.0
    assert "is a link: hand in the file itself" in document["output"]


def test_a_link_instead_of_a_folder_earns_nothing(desk):
    folder = desk.place({})
    (folder / "submission" / "mine").symlink_to(folder / "source/payload/solutions/demo")
    assert desk.run_here(folder).document["score"] == 0.0


def test_an_empty_submission_gets_nothing_and_is_told_why(desk):
    document = desk.run_here(desk.place({})).document
    assert document["score"] == 0.0
    assert [entry["status"] for entry in document["tests"]] == ["failed"] * 4
    assert "### Doubling: 0 of " in document["output"]
    assert "double.py" in document["output"]


# --- the same result as on the command line ---


@pytest.fixture(scope="module")
def on_the_command_line(mixed, tmp_path_factory) -> Any:
    """The result of the same submission and seed as `autograder grade` writes it."""
    folder = tmp_path_factory.mktemp("class")
    shutil.copytree(mixed.folder / "submission", folder / "submissions" / "kim")
    command = [sys.executable, "-m", "autograder", "grade", "demo", folder / "submissions", "--out", folder / "out"]
    root = mixed.folder / "source" / "payload"
    subprocess.run(
        [*command, "--seed", str(SEED), "--jobs", "1"], cwd=root, check=True, capture_output=True, timeout=300
    )
    return json.loads((folder / "out" / "results" / "kim.json").read_text())


def test_a_submission_gets_on_gradescope_what_it_gets_on_the_command_line(mixed, on_the_command_line):
    titles = {"double": "Doubling", "shift": "Shifting"}
    expected = {
        f"{titles[name]}: {test['title']}": test
        for name, exercise in on_the_command_line["exercises"].items()
        for test in exercise["tests"]
    }
    found = {entry["name"]: entry for entry in mixed.document["tests"]}
    assert len(mixed.document["tests"]) == len(expected) == 4
    assert found.keys() == expected.keys()
    for name, test in expected.items():
        assert {key: found[name][key] for key in ("score", "max_score", "visibility")} == {
            key: test[key] for key in ("score", "max_score", "visibility")
        }
        assert packed(found[name]["output"].replace("`", "")) == packed(test["message"].replace("`", "") or "Passed.")
    assert mixed.document["score"] == on_the_command_line["score"]
    assert {test["status"] for test in expected.values()} == {"passed", "failed"}


def test_how_it_was_graded_is_what_the_command_line_says_too(mixed, on_the_command_line):
    data = mixed.document["extra_data"]
    assert data["seed"] == on_the_command_line["seed"] == SEED
    assert [data[key] for key in ("suite", "isolation")] == [on_the_command_line[key] for key in ("suite", "isolation")]


def test_notes_are_those_of_the_command_line_and_told(mixed, on_the_command_line):
    assert list(mixed.result.notes) == on_the_command_line["notes"] != []
    assert packed(mixed.result.notes[0]) in packed(mixed.document["output"])


def test_stdout_holds_traces_for_the_instructor(mixed):
    assert "# For instructors" in mixed.stdout
    assert f"Seed {SEED}" in mixed.stdout
    assert "### `test_outputs (after_due_date)`" in mixed.stdout
    assert mixed.result.exercises["double"].tests[0].trace.strip().splitlines()[-1] in mixed.stdout


def test_no_trace_is_in_what_students_read(mixed):
    assert "Traceback" not in json.dumps(mixed.document)


# --- grading ends before it is done ---


def grading_process() -> psutil.Process:
    """The child of this process that grades."""
    (found,) = [
        child for child in psutil.Process().children() if "autograder.gradescope.grade" in " ".join(child.cmdline())
    ]
    return found


def test_when_the_grading_process_is_killed_what_was_graded_before_counts(desk, endless, watcher, knows):
    with watcher(lambda: knows(endless, "Doubling"), lambda: grading_process().kill()) as watching:
        graded = desk.run(endless)
    assert watching.acted
    check_first_exercise_is_in(graded.document, "Not run: grading ended before.")
    assert graded.result.exercises["shift"].status == NOT_RUN
    assert "the grading process ended before it was done" in graded.stderr
    assert watching.left_over() == []


class Clock:
    """Time that passes as usual until something has happened; then all but half a second is over."""

    def __init__(self, happened: Callable[[], bool], seconds: float) -> None:
        self._happened, self._end, self._ahead = happened, time.monotonic() + seconds, 0.0

    def monotonic(self) -> float:
        if not self._ahead and self._happened():
            self._ahead = self._end - time.monotonic() - 0.5
        return time.monotonic() + self._ahead


def test_when_time_is_nearly_up_what_was_graded_before_counts(desk, endless, watcher, knows, monkeypatch):
    clock = Clock(lambda: knows(endless, "Doubling"), 300)
    monkeypatch.setattr("autograder.gradescope.run.time", SimpleNamespace(monotonic=clock.monotonic))
    with watcher(lambda: False, lambda: None) as watching:
        graded = desk.run(endless, {"AUTOGRADER_SECONDS": "300"})
    check_first_exercise_is_in(graded.document, "Not run: the time for grading was nearly up.")
    assert any("autograder.sandbox.zygote" in name for name in watching.commands)
    assert watching.left_over() == []


def test_without_time_for_anything_the_submission_could_not_be_graded_yet(desk, valid):
    graded = desk.run(desk.place(desk.right), {"AUTOGRADER_SECONDS": "0.05"})
    assert graded.document == valid(not_graded())
    assert "the time was nearly up" in graded.stderr


def test_grading_stops_a_minute_before_the_limit_of_gradescope(desk, monkeypatch, valid):
    # 2 minutes, of which 59.95 seconds are over when grading begins.
    folder = desk.place(desk.right, settings="[gradescope]\ntimeout_minutes = 2\n")
    monkeypatch.setattr("autograder.gradescope.run.time", SimpleNamespace(monotonic=lambda: time.monotonic() + 59.95))
    graded = desk.run(folder)
    assert graded.document == valid(not_graded())
    assert "the time was nearly up" in graded.stderr


def test_a_time_that_is_no_number_is_told_to_the_instructor(desk, valid):
    graded = desk.run(desk.place(desk.right), {"AUTOGRADER_SECONDS": "a while"})
    assert graded.document == valid(not_graded())
    assert "AUTOGRADER_SECONDS=a while: give a number of seconds" in graded.stderr


def test_when_run_autograder_is_asked_to_stop_what_was_graded_before_counts(desk, endless, watcher, knows):
    process = psutil.Popen(
        [sys.executable, "-I", "-m", "autograder.gradescope", str(endless)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with watcher(lambda: knows(endless, "Doubling"), lambda: process.send_signal(signal.SIGTERM)) as watching:
        _, errors = process.communicate(timeout=300)
    assert watching.acted
    check_first_exercise_is_in(desk.document(endless), "Not run: grading ended before.")
    assert process.returncode == 0
    assert "asked to stop" in errors
    assert "Traceback" not in errors
    assert watching.left_over() == []


def test_the_handler_of_the_signal_is_given_back(desk):
    folder = desk.place(desk.right)
    shutil.rmtree(folder / "source")
    handler = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        desk.run(folder)
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, handler)


# --- what cannot be graded ---


@pytest.fixture
def refused_by(desk, valid) -> Callable[[Callable[[Path], object]], str]:
    """What the instructor reads when the payload is spoiled like this; students read that it is not their fault."""

    def run(spoil: Callable[[Path], object]) -> str:
        folder = desk.place(desk.right, METADATA)
        spoil(folder)
        graded = desk.run_here(folder)
        assert graded.document == valid(not_graded())
        assert graded.result is None
        assert os.listdir(folder / "results") == ["results.json"]
        return str(graded.stderr)

    return run


def test_a_damaged_assignment_is_told_to_the_instructor(refused_by):
    told = refused_by(lambda folder: _append(folder, "assignments/demo/assignment.toml", "points = ["))
    assert "assignment.toml: not valid TOML" in told


def test_a_suite_that_cannot_be_collected_is_told_to_the_instructor(refused_by):
    told = refused_by(lambda folder: _append(folder, "tests/demo/shift/test_shift.py", "import no_such_module"))
    assert "no_such_module" in told


def test_a_missing_payload_is_told_to_the_instructor(refused_by):
    told = refused_by(lambda folder: shutil.rmtree(folder / "source"))
    assert "expected one assignment, found 0" in told


def test_two_assignments_are_told_to_the_instructor(refused_by):
    def spoil(folder: Path) -> None:
        there = folder / "source/payload/assignments"
        shutil.copytree(there / "demo", there / "other")

    assert "expected one assignment, found 2" in refused_by(spoil)


def test_a_missing_submission_is_told_to_the_instructor(refused_by):
    told = refused_by(lambda folder: shutil.rmtree(folder / "submission"))
    assert "Traceback" in told
    assert "FileNotFoundError" in told


def test_a_fault_of_ours_loses_nothing_and_ends_well(desk, valid):
    folder = desk.place(desk.right)
    (folder / "source/payload/assignments/demo/assignment.toml").write_text("title = [")
    process = subprocess.run(
        [sys.executable, "-I", "-m", "autograder.gradescope", folder], capture_output=True, text=True, timeout=300
    )
    assert process.returncode == 0
    assert "not valid TOML" in process.stderr
    assert desk.document(folder) == valid(not_graded())


def _append(folder: Path, name: str, line: str) -> None:
    with (folder / "source" / "payload" / name).open("a") as file:
        file.write(f"\n{line}\n")


# --- the limit on submissions ---


@pytest.fixture
def limited(desk) -> Callable[..., Any]:
    """A run under a limit of one submission within 24 hours, after one at a certain time."""

    def run(submission_time: str) -> Any:
        before = {
            "submission_time": submission_time,
            "score": 3.25,
            "autograder_error": False,
            "results": {"score": 3.25, "tests": [{"name": "Doubling: Shape", "score": 1.0, "max_score": 1.0}]},
        }
        metadata = {**METADATA, "previous_submissions": [before]}
        return desk.run_here(desk.place(desk.right, metadata, "[gradescope]\nsubmissions_per_day = 1\n"))

    return run


def test_one_submission_too_many_keeps_the_earlier_score(limited):
    graded = limited("2026-04-30T12:00:00.000001Z")
    assert graded.result is None
    assert graded.document["score"] == 3.25
    assert "**Not graded.** 1 submission within 24 hours" in graded.document["output"]
    assert graded.document["tests"] == [{"name": "Doubling: Shape", "score": 1.0, "max_score": 1.0}]
    assert "too many submissions" in graded.stdout


def test_a_submission_after_24_hours_is_graded(limited):
    assert limited("2026-04-30T12:00:00.000000Z").document["score"] == 5.0


# --- no space left ---


def results(text: str) -> Results:
    return Results(score=1.0, output=text)


@pytest.fixture
def small_disk() -> Iterator[Callable[[Path], Path]]:
    """Makes a folder a disk of its own, of 4 MB."""
    mounted = []

    def mount(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("mounting is not allowed here")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> None:
    """Fill the disk to the last byte."""
    with (folder / "filler").open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def test_results_are_written_on_a_disk_that_was_filled_meanwhile(small_disk, tmp_path, valid):
    folder = small_disk(tmp_path / "results")
    file = ResultsFile(folder)
    file.write(results("first"))
    file.set_aside()
    fill(folder)
    with pytest.raises(OSError, match="No space left"):
        (folder / "more").write_bytes(bytes(1 << 13))
    (folder / "more").unlink()
    file.write(results("second " * 10_000))
    assert valid(file.path.read_bytes())["output"].startswith("second")
    file.release()
    assert sorted(os.listdir(folder)) == ["filler", "results.json"]


def test_results_that_do_not_fit_leave_the_earlier_ones(small_disk, tmp_path, valid, capsys):
    folder = small_disk(tmp_path / "results")
    file = ResultsFile(folder)
    file.write(results("first"))
    file.set_aside()
    fill(folder)
    file.write(results("x" * (3 << 20)))
    assert valid(file.path.read_bytes())["output"] == "first"
    assert "earlier ones stay" in capsys.readouterr().err
    assert sorted(os.listdir(folder)) == ["filler", "results.json"]


def test_where_nothing_can_be_set_aside_it_is_told_and_results_that_fit_are_written(
    small_disk, tmp_path, valid, capsys
):
    folder = small_disk(tmp_path / "results")
    (folder / "large").write_bytes(bytes(3 << 20))
    file = ResultsFile(folder)
    file.set_aside()
    file.write(results("first"))
    assert valid(file.path.read_bytes())["output"] == "first"
    assert "no space could be set aside" in capsys.readouterr().err
    assert sorted(os.listdir(folder)) == ["large", "results.json"]


def test_a_submission_is_graded_while_the_disk_is_being_filled(desk, small_disk, watcher):
    folder = desk.place(desk.right)
    disk = small_disk(folder / "results")
    reserve = disk / ".reserve"
    with watcher(lambda: reserve.exists() and reserve.stat().st_size > 0, lambda: fill(disk)) as watching:
        graded = desk.run(folder)
    assert watching.acted
    assert (disk / "filler").stat().st_size > 1 << 20
    assert graded.document["score"] == 5.0
