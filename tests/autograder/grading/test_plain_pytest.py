"""Suites are plain pytest: instructors and students run them without a grader."""

from __future__ import annotations

import pytest


@pytest.fixture
def pytest_on(project, collected):
    """Runs pytest on the project's suites with these options; what became of each test, by name."""

    class Recorder:
        def __init__(self):
            self.outcomes = {}

        def pytest_runtest_logreport(self, report):
            self.outcomes.setdefault(report.nodeid.rpartition("::")[2], []).append(report.outcome)

    def run(*options, files=("test_double.py", "test_double_public.py")):
        collected()
        recorder = Recorder()
        folder = project.layout.suite("double")
        quiet = ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
        settings = ["--rootdir", str(project.root), "-c", "/dev/null", "--import-mode=importlib"]
        status = pytest.main([*quiet, *settings, *options, *(str(folder / file) for file in files)], [recorder])
        failed = {name for name, outcomes in recorder.outcomes.items() if "failed" in outcomes}
        return int(status), set(recorder.outcomes), failed

    return run


ALL = {"test_outputs[2]", "test_outputs[5]", "test_gradients", "test_shape"}


def test_without_options_the_solutions_are_tried(pytest_on):
    assert pytest_on() == (0, ALL, set())


def test_a_folder_of_files_is_tried(project, pytest_on):
    job = project.hand_in("kim", "return x[:1] + x[:1]")
    assert pytest_on("--submission", str(job.place)) == (1, ALL, ALL)


def test_one_file_is_tried(project, pytest_on):
    job = project.hand_in("kim", "return 2 * x.detach() + 0 * x")
    assert pytest_on("--submission", f"{job.place}/double.py") == (1, ALL, {"test_gradients"})


def test_public_checks_need_no_reference(project, pytest_on):
    job = project.hand_in("kim", "return 3 * x")
    (project.layout.solution("double")).unlink()
    status, names, failed = pytest_on("--submission", str(job.place), files=("test_double_public.py",))
    assert (status, names, failed) == (0, {"test_shape"}, set())


def test_a_file_that_is_not_there_is_told(pytest_on, capsys):
    assert pytest_on("--submission", "/nowhere") == (4, set(), set())
    assert "--submission /nowhere: no such file or folder" in capsys.readouterr().err
