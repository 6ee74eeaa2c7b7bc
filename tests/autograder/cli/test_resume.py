"""A run that is killed at any moment and started again gives the same bytes, and grades nothing again but what was in
flight; shards give the same bytes as one run.

Runs are forked from this process and share a zygote, so that none of them has to load torch.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import random
import re
import shutil
import signal
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder import run
from autograder.batch.graders import Batch
from autograder.errors import UsageError
from autograder.outputs import write_outputs_again
from autograder.results.database import FILE, Database
from autograder.run import Request
from autograder.sandbox.launcher import Zygote
from autograder.shards import Shard, merge
from autograder.sources.store import read_class

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux")]

SEED = 16
SECONDS = re.compile(rb'"seconds": ?[\d.e-]+')
SHIFT = "def shift(x):\n    return {}\n"
WORK = {"ann": "x + 1", "bob": "1 / 0", "eve": "x + 2", "김민준": "x + x / x", "zoe": "x +"}
MOMENTS = {"coordinator": 16, "grader": 12, "zygote": 2}
"""How often each is killed: thirty times in all."""


@dataclass(frozen=True)
class Lab:
    """A project, a class, and a zygote for all runs."""

    root: Path
    zygote: Zygote
    download: Path

    def fork(self, work: Callable[[], int]) -> int:
        """Exit status of a process that does this inside of the project; minus the signal that killed it."""
        pid = os.fork()
        if pid:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        status = 99
        try:
            os.chdir(self.root)
            with (
                open(self.root / "said", "w", encoding="utf-8") as said,
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(said),
            ):
                status = _said(work)
        finally:
            os._exit(status)

    @property
    def said(self) -> str:
        return (self.root / "said").read_text()

    def grade(self, out: Path, kill: str = "", moment: int = 0, path: Path | None = None, **asked: object) -> int:
        """Grade the class; at its n-th call of a function, the run kills itself, its graders or the zygote."""
        line, reading = self.zygote.connect(), self.zygote.reading()
        mine = copy.copy(self.zygote)
        mine._line, mine._reading = line, reading
        with line, reading:
            request = Request("demo", path or self.download, out, 1, **{"seed": SEED, **asked})  # type: ignore[arg-type]
            return self.fork(lambda: _grade(mine, request, self.root, kill, moment))

    @property
    def started(self) -> list[str]:
        """What graders were given in the last run: "kim: double shift"."""
        return (self.root / "started").read_text().splitlines()

    @property
    def calls(self) -> int:
        """Calls of functions in the last run."""
        return int((self.root / "calls").read_text())


def _said(work: Callable[[], int]) -> int:
    try:
        return work()
    except UsageError as error:
        print(error)
        return 2
    except BaseException:
        traceback.print_exc()
        return 99


def _grade(zygote: Zygote, request: Request, root: Path, kill: str, moment: int) -> int:
    graders: list[int] = []
    fork, give, calls = zygote.fork_grader, Batch._give, itertools.count(1)
    started = os.open(root / "started", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)

    def fork_and_note(name):
        pid, jobs = fork(name)
        graders.append(pid)
        return pid, jobs

    def give_and_note(batch, grader, task):
        os.write(started, f"{task.student}: {' '.join(task.exercises)}\n".encode())
        return give(batch, grader, task)

    def count(frame, event, argument):
        if event in ("call", "c_call") and next(calls) == moment:
            for pid in {"coordinator": [os.getpid()], "grader": graders, "zygote": [zygote.pid]}[kill]:
                with contextlib.suppress(ProcessLookupError):  # a grader that is through
                    os.kill(pid, signal.SIGKILL)

    zygote.fork_grader, Batch._give = fork_and_note, give_and_note  # type: ignore[method-assign]
    sys.setprofile(count)
    try:
        return run.grade_class(zygote, request)
    finally:
        sys.setprofile(None)
        (root / "calls").write_text(str(next(calls)))


def files(out: Path) -> dict[str, bytes]:
    """All that a run wrote, without seconds; the gradebook as its rows."""
    paths = [path for path in out.rglob("*") if path.is_file()]
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in paths if path.name != FILE}
    with closing(Database(out / FILE)) as database:
        found[FILE] = repr([database.last_run(), *database.rows()]).encode()
    return {name: SECONDS.sub(b"", data) for name, data in found.items()}


def graded_in(out: Path) -> set[str]:
    """Students whose results are in the gradebook of a run that was killed."""
    if not (out / FILE).exists():
        return set()
    with closing(Database(out / FILE)) as database:
        digests = {row[0] for row in database.rows()}
    return {row.student for row in read_class(out.parent / "whole").students if row.digest in digests}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, new_project: Callable[[Path], Path], zygote: Zygote) -> Lab:
    root = new_project(tmp_path_factory.mktemp("resume") / "project")
    download = root / "submissions.zip"
    with zipfile.ZipFile(download, "w") as archive:
        for number, (student, value) in enumerate(WORK.items()):
            archive.writestr(f"{student}_{number}_{10 + number}_shift-1.py", SHIFT.format(value))
    return Lab(root, zygote, download)


@pytest.fixture(scope="module")
def whole(lab: Lab) -> tuple[dict[str, bytes], int]:
    """The files of a run that nobody disturbs, and its calls of functions."""
    assert lab.grade(lab.root / "whole") == 0, lab.said
    return files(lab.root / "whole"), lab.calls


@pytest.fixture
def out(lab: Lab) -> Iterator[Path]:
    """A folder for results, in which no run has been."""
    yield lab.root / "out"
    shutil.rmtree(lab.root / "out", ignore_errors=True)


def test_killed_at_any_moment_and_started_again_it_is_the_same(lab: Lab, whole, out: Path) -> None:
    """Twice each: once in the course of the run, and once in that of the one that resumes it."""
    expected, calls = whole
    draw, pairs = random.Random(16), MOMENTS["coordinator"] // 2
    # A busy machine makes some calls more, and a run that resumes another makes fewer.
    moments = draw.sample(range(1, calls * 9 // 10), pairs), draw.sample(range(1, calls // 8), pairs)
    for first, second in zip(*moments, strict=True):
        for moment in (first, second):
            assert lab.grade(out, "coordinator", moment) == -signal.SIGKILL
        before = graded_in(out)
        assert lab.grade(out) == 0, lab.said
        assert not before & {line.partition(":")[0] for line in lab.started}, (
            f"graded twice, killed at {first}, {second}"
        )
        assert files(out) == expected, f"killed at {first} and {second}"
        shutil.rmtree(out)


def test_a_grader_that_is_killed_at_any_moment_changes_nothing(lab: Lab, whole, out: Path) -> None:
    expected, calls = whole
    for moment in random.Random(17).sample(range(1, calls), MOMENTS["grader"]):
        assert lab.grade(out, "grader", moment) == 0, lab.said
        assert len(lab.started) <= len(WORK) + 1
        assert files(out) == expected, f"killed at {moment}"
        shutil.rmtree(out)


def test_the_zygote_may_be_killed_at_any_moment(lab: Lab, whole, out: Path) -> None:
    expected, calls = whole
    for moment in random.Random(18).sample(range(calls // 4, calls), MOMENTS["zygote"]):
        with Zygote() as zygote:
            zygote.report()
            assert Lab(lab.root, zygote, lab.download).grade(out, "zygote", moment) in (0, 3), lab.said
        assert lab.grade(out) == 0, lab.said
        assert files(out) == expected, f"killed at {moment}"
        shutil.rmtree(out)


def test_a_second_run_on_the_same_folder_says_so_and_stops(lab: Lab, out: Path) -> None:
    out.mkdir()
    with closing(Database(out / FILE)):
        assert lab.grade(out) == 2
    assert "another run is writing its results into" in lab.said


@pytest.mark.parametrize("asked", [{}, {"seed": None}])
def test_the_same_again_grades_nothing_and_says_so(lab: Lab, whole, asked: dict[str, object]) -> None:
    """A run that is resumed keeps its seed."""
    assert lab.grade(lab.root / "whole", **asked) == 0
    assert lab.started == []
    assert lab.calls > whole[1] // 8, "so a run that resumes another is long enough to be killed in"
    assert "5 of 5 were graded before, with the same code, checks and seed; --fresh (make: FRESH=1)" in lab.said
    assert files(lab.root / "whole") == whole[0]


def test_everything_is_made_again_from_the_gradebook_alone(lab: Lab, whole, out: Path) -> None:
    shutil.copytree(lab.root / "whole", out)
    for name in set(whole[0]) - {FILE}:
        (out / name).unlink()
    assert lab.fork(lambda: write_outputs_again(out)) == 0, lab.said
    made = files(out)
    assert {name: data for name, data in whole[0].items() if not name.startswith("submissions/")} == made


def test_only_what_has_changed_is_graded_again(lab: Lab, whole, out: Path) -> None:
    def grade(**asked: object) -> list[str]:
        assert lab.grade(out, path=folder, **asked) == 0, lab.said
        return lab.started

    folder = lab.root / "class"
    shutil.copytree(lab.root / "whole/submissions", folder)
    both = ": double shift"
    assert grade() == [student + both for student in sorted(WORK)]
    (folder / "bob/shift.py").write_text(SHIFT.format("1 + x"))
    shutil.rmtree(folder / "eve")
    assert grade() == ["bob" + both]
    assert (out / "grades.csv").read_text(encoding="utf-8-sig").splitlines()[2] == "bob,0,1,1,5,not found: double"
    suite = lab.root / "tests/demo/shift/test_shift.py"
    before = suite.read_text()
    suite.write_text(before.replace("randn(3)", "randn(4)"))
    assert grade() == [f"{student}: shift" for student in sorted(WORK) if student != "eve"]
    assert "4 of 4 only lack shift; the rest of them was graded before." in lab.said
    suite.write_text(before)
    os.utime(suite, (0, 0))  # of one size and second, Python would take it for the other text, which it has compiled
    assert grade() == []
    assert grade(seed=1) == grade(fresh=True) == [student + both for student in sorted(WORK) if student != "eve"]


def test_what_is_the_same_to_the_last_byte_is_graded_once(lab: Lab, out: Path) -> None:
    for student in ("kim", "lee"):
        (lab.root / "same" / student).mkdir(parents=True)
        (lab.root / "same" / student / "shift.py").write_text(SHIFT.format("x + 1"))
    assert lab.grade(out, path=lab.root / "same") == 0
    assert len(lab.started) == 1
    rows = (out / "grades.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert rows == [f"{student},0,1,1,5,not found: double" for student in ("kim", "lee")]


def test_shards_are_joined_to_the_same_bytes(lab: Lab, whole, out: Path) -> None:
    expected, _ = whole
    shards = [Shard(number, 3) for number in (1, 2, 3)]
    for shard in shards[:2]:
        assert lab.grade(out, shard=shard) == 0, lab.said
    assert lab.fork(lambda: merge(out, [])) == 3
    assert "Shards that are not there: 3/3" in lab.said
    assert lab.grade(out, "coordinator", whole[1] // 2, shard=shards[2]) == -signal.SIGKILL
    assert lab.grade(out, shard=shards[2]) == 0
    assert lab.fork(lambda: merge(out, [])) == 0, lab.said
    for shard in shards:
        shutil.rmtree(shard.folder(out))
    assert files(out) == expected


def test_shards_of_different_runs_are_not_joined(lab: Lab, out: Path) -> None:
    for number, seed in ((1, 1), (2, 2)):
        assert lab.grade(out, shard=Shard(number, 2), seed=seed) == 0
    assert lab.fork(lambda: merge(out, [])) == 2
    assert "shard-2-of-2 is of another seed than " in lab.said


def test_what_is_made_later_speaks_the_language_of_the_run(lab: Lab, out: Path) -> None:
    assert lab.grade(out, shard=Shard(1, 2), language="ko") == 0
    assert lab.fork(lambda: merge(out, [])) == 3
    assert "없는 샤드: 2/2\n" in lab.said
    assert lab.fork(lambda: write_outputs_again(out)) == 3
    assert "성적: " in lab.said
    assert read_class(out).language == "ko"
