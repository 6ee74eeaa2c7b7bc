"""The autograder's zip in a container like Gradescope's: the image, the marks, and what hostile code can do there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from corpus import EXERCISES, WHOLE, Course, Exploit, base_files, corpus, right_files
from stage import ROOT, SEED, Simulated, replace_payload

from autograder.course.assignment import load_assignment
from autograder.course.layout import Layout, assignment_names
from autograder.errors import UsageError
from autograder.gradescope.policy import SEED_VARIABLE
from autograder.packaging.autograder_zip import build_autograder_zip
from autograder.results import model
from autograder.results.feedback import message
from tools.gradescope.container import Ended, Size
from tools.gradescope.simulate import build_image, new_image

pytestmark = pytest.mark.long

EXAMPLES = ROOT / "examples/submissions/core"
rehearsed = pytest.mark.skipif(not WHOLE, reason="tried by make rehearse, and by make test with something smaller")

# -- the image --------------------------------------------------------------------------------------------------------


def test_setup_checks_the_image_with_the_reference_solutions(simulated):
    assert "the reference solutions get 100 of 100 points" in simulated.said
    assert "setup: done: " in simulated.said


def test_the_image_holds_less_than_one_and_a_half_gigabytes(simulated):
    assert 300 < simulated.built.megabytes < 1500


def test_suites_and_solutions_are_closed_to_everybody_but_root(simulated):
    source = simulated.image.home / "source"
    assert source.stat().st_mode & 0o077 == 0
    assert [path for path in source.rglob("*") if path.stat().st_mode & 0o077] == []
    assert len(list((source / "payload").rglob("test_*.py"))) == 12


@rehearsed
def test_setup_says_what_to_do_when_a_package_has_vanished(simulated, tmp_path, capfd):
    image = new_image(tmp_path / "broken", Path("/"), simulated.package)
    with (image.home / "source/requirements.txt").open("a") as file:
        file.write("no-such-package-of-anybody\n")
    with pytest.raises(UsageError, match=r"setup\.sh ended with status 1"):
        build_image(image)
    said = "".join(capfd.readouterr())
    assert "setup: FAILED: pip cannot install requirements.txt; the lines above say which package" in said
    assert "no-such-package-of-anybody" in said


# -- the container ----------------------------------------------------------------------------------------------------


def _inside(simulated: Simulated, script: str, size: Size | None = None) -> tuple[Ended, str]:
    """How a shell script ends in the container, and what it prints."""
    program = simulated.image.home / "script"
    program.write_text(f"#!/bin/bash\nexport PATH=/autograder/venv/bin:$PATH\n{script}\n")
    program.chmod(0o755)
    output = simulated.image.home / "printed"
    ended = simulated.image.run("/autograder/script", {}, size or Size(), output)
    return ended, output.read_text(errors="replace")


REFUSED = {
    "a user namespace": "unshare --user true",
    "a mount namespace": "unshare --mount true",
    "a mount": "mount -t tmpfs none /mnt",
    "a clock": "date -s 2030-01-01",
}


@pytest.mark.parametrize("command", REFUSED.values(), ids=REFUSED)
def test_the_container_refuses_its_root(simulated, command):
    ended, said = _inside(simulated, f"id -u; {command}")
    assert said.startswith("0\n")
    assert ended.status != 0


def test_the_container_shows_nothing_of_what_lies_outside(simulated):
    _, said = _inside(simulated, f"ls / /root; cat {ROOT}/README.md")
    assert "assignments" not in said
    assert "No such file" in said


def test_whoever_takes_more_memory_than_there_is_is_ended(simulated):
    ended, said = _inside(
        simulated,
        'python -c "x = bytearray(200 << 20); print(1); import time; time.sleep(20)"; echo 2',
        Size(memory_mib=100),
    )
    assert ended.killed == 1
    assert ended.peak_bytes > 100 << 20
    assert "2" in said


def test_whoever_takes_too_long_is_ended(simulated):
    ended, said = _inside(simulated, "sleep 3600; echo done", Size(seconds=1.0))
    assert ended.overrun
    assert said == ""


# -- the marks --------------------------------------------------------------------------------------------------------

SUBMISSIONS = sorted(path.name for path in EXAMPLES.iterdir()) if WHOLE else ["kim_minjun.ipynb"]


@pytest.fixture(scope="module")
def by_command_line(on_the_command_line, tmp_path_factory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("class")
    for name in SUBMISSIONS:
        copy = shutil.copytree if (EXAMPLES / name).is_dir() else shutil.copy
        copy(EXAMPLES / name, folder / name)
    return on_the_command_line(folder)


def assert_same(results: dict[str, Any], expected: dict[str, Any]) -> None:
    """results.json says of every check what the command line's result says."""
    assert results["score"] == pytest.approx(expected["score"], abs=0.005)
    # Within an exercise, what students see comes first.
    tests = [
        msgspec.convert(test, model.TestResult)
        for entry in expected["exercises"].values()
        for test in sorted(entry["tests"], key=lambda test: test["visibility"] != "visible")
    ]
    assert [test["score"] for test in results["tests"]] == [test.score for test in tests]
    shown = [_words(test["output"]) for test in results["tests"]]
    assert shown == [_words(" ".join([*(message(test) or ["Passed."]), test.note])) for test in tests]
    assert results["extra_data"]["suite"] == expected["suite"]
    assert results["extra_data"]["seed"] == SEED
    assert results["extra_data"]["isolation"] == "full"


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_the_container_gives_the_marks_and_messages_of_make_grade(simulated, by_command_line, name, valid_results):
    graded = simulated.grade(EXAMPLES / name)
    assert graded.results is not None, simulated.printed()
    valid_results(graded.results)
    assert_same(graded.results, by_command_line[Path(name).stem])
    assert graded.ended.peak_bytes < 768 << 20
    assert graded.ended.killed == 0
    assert graded.ended.seconds < 300


@rehearsed
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_otter_gives_the_marks_and_messages_of_make_grade(simulated, by_command_line, name, valid_results, tmp_path):
    command = [sys.executable, "-m", "autograder", "otter", str(simulated.package), str(EXAMPLES / name)]
    environment = {**os.environ, SEED_VARIABLE: str(SEED)}
    subprocess.run([*command, "--out", str(tmp_path)], cwd=ROOT, env=environment, check=True, capture_output=True)
    results = json.loads((tmp_path / "results.json").read_text())
    valid_results(results)
    assert_same(results, by_command_line[Path(name).stem])


def _words(text: str) -> str:
    """Without what only breaks lines."""
    return " ".join(text.split())


def test_the_command_shows_what_a_student_sees(simulated):
    command = [sys.executable, "-m", "tools.gradescope", "core", str(EXAMPLES / "haddad_omar")]
    options = ["--package", str(simulated.package), "--images", str(simulated.images), "--seed", "1"]
    finished = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "image: made before" in finished.stdout
    assert "AUTOGRADER SCORE  -" in finished.stdout  # as long as there are hidden checks
    assert "Your code behaves exactly like code that leaves out the final ReLU." in finished.stdout
    results = json.loads((simulated.image.home / "results/results.json").read_text())
    tests = results["tests"]
    hidden = [test for test in tests if test.get("visibility", "visible") != "visible"]
    assert 0 < len(hidden) < len(tests)
    assert 90 < results["score"] < 100
    assert f"score {results['score']:g}, {len(hidden)} of {len(tests)} tests hidden for now" in finished.stdout


OTHERS = [name for name in assignment_names(ROOT) if name != "core"]


@pytest.mark.parametrize("name", OTHERS if WHOLE else OTHERS[-1:])
def test_every_other_assignment_gives_its_solutions_full_marks(simulated, name, valid_results, tmp_path):
    layout, folder = Layout(ROOT, name), tmp_path / "right"
    folder.mkdir()
    for exercise in load_assignment(ROOT, name).exercise_names:
        shutil.copy(layout.solution(exercise), folder)
    replace_payload(simulated, build_autograder_zip(ROOT, name, tmp_path))
    try:
        graded = simulated.grade(folder)
    finally:
        replace_payload(simulated, simulated.package)
    assert graded.results is not None, simulated.printed()
    valid_results(graded.results)
    assert graded.results["score"] == 100
    assert graded.ended.peak_bytes < 768 << 20


# -- hostile submissions ----------------------------------------------------------------------------------------------

HOSTILE = [exploit for kind in ("exploits", "archives") for exploit in corpus(kind)]
CHOSEN = (
    "archive-zip_slip",
    "exploit-forge_results",
    "exploit-read_known_paths",
    "exploit-write_known_paths",
)


@pytest.fixture(scope="module")
def course(simulated: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """The image with a payload that is full of canaries."""
    course = Course(tmp_path_factory.mktemp("course-gradescope"))
    replace_payload(simulated, build_autograder_zip(course.root, "core", tmp_path_factory.mktemp("zip")))
    yield course
    replace_payload(simulated, simulated.package)


@pytest.fixture(scope="module")
def grade_hostile(simulated: Simulated, course: Course) -> Callable[[Exploit], dict[str, Any]]:
    """Grades a submission of the corpus, whose files know where the suites are; the results."""

    def grade(exploit: Exploit) -> dict[str, Any]:
        place = course.root / "hostile"
        place.mkdir(exist_ok=True)
        folder = place / exploit.name
        exploit.build(folder, right_files() if exploit.kind == "controls" else base_files(), beside=False)
        for file in folder.rglob("*.py"):
            if file.is_file() and not file.is_symlink():
                file.write_bytes(file.read_bytes().replace(bytes(course.root), b"/autograder/source/payload"))
        return _results(simulated, folder)

    return grade


def _results(simulated: Simulated, folder: Path) -> dict[str, Any]:
    # Processor time is not what is tried here, and there are two hundred of these.
    graded = simulated.grade(folder, Size(memory_mib=768, seconds=300.0))
    assert not graded.ended.overrun
    assert graded.results is not None, simulated.printed()
    return graded.results


@pytest.fixture(scope="module")
def base(simulated: Simulated, course: Course) -> dict[str, float]:
    """Points of the submission that exploits are added to, without them."""
    folder = course.root / "base"
    folder.mkdir()
    for name, text in base_files().items():
        (folder / name).write_text(text)
    return _by_exercise(_results(simulated, folder))


def _by_exercise(results: dict[str, Any]) -> dict[str, float]:
    points: dict[str, float] = {}
    for test in results["tests"]:
        if "score" in test:
            exercise = test["number"].partition(".")[0]
            points[exercise] = points.get(exercise, 0.0) + test["score"]
    return points


@pytest.mark.parametrize(
    "exploit", [each for each in HOSTILE if WHOLE or each.name in CHOSEN], ids=lambda exploit: exploit.name
)
def test_a_hostile_submission_gains_nothing(simulated, course, base, grade_hostile, exploit, valid_results):
    results = grade_hostile(exploit)
    valid_results(results)
    points = _by_exercise(results)
    assert {number: got for number, got in points.items() if got > base[number] + 1e-9} == {}
    assert results["score"] <= sum(base.values()) + 1e-9
    seen = json.dumps(results)
    assert "ESCAPED" not in seen
    assert [canary for canary in course.canaries if canary in seen] == []
    assert [path.name for path in (simulated.image.home / "results").iterdir() if path.name != "stdout"] == [
        "results.json"
    ]


@pytest.mark.parametrize("control", corpus("controls")[:: 1 if WHOLE else 15], ids=lambda control: control.name)
def test_an_odd_but_honest_submission_gets_full_marks(simulated, grade_hostile, control, valid_results):
    results = grade_hostile(control)
    valid_results(results)
    named = control.directive("exercise")
    places = {str(place) for place, exercise in enumerate(EXERCISES, start=1) if named in ("all", exercise)}
    handed_in = [test for test in results["tests"] if test["number"].partition(".")[0] in places]
    assert handed_in
    assert [test["output"] for test in handed_in if test["score"] != test["max_score"]] == []
