"""Whatever a worker makes of its scratch folder, it is removed, and nothing else is touched."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.scratch import RunScratch, Scratch


@pytest.fixture
def scratch(tmp_path):
    return Scratch(str(tmp_path))


def test_a_new_folder_is_private(scratch):
    assert stat.S_IMODE(os.stat(scratch.name).st_mode) == 0o700


@pytest.mark.parametrize("depth", [1, 3_000])
def test_folders_go_however_deep(scratch, depth):
    place = os.open(scratch.name, os.O_RDONLY)
    for level in range(depth):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(os.open(f"file{level}", os.O_CREAT | os.O_WRONLY, dir_fd=below))
        os.close(place)
        place = below
    os.close(place)
    scratch.cleanup()
    assert not Path(scratch.name).exists()


def test_what_is_closed_goes_too(scratch):
    top = Path(scratch.name)
    (top / "a/b/c").mkdir(parents=True)
    (top / "a/b/c/file").write_text("x")
    for name in ("a/b/c", "a/b", "a", "."):
        (top / name).chmod(0)
    scratch.cleanup()
    assert not top.exists()


def test_links_are_removed_and_not_followed(scratch, tmp_path):
    other = tmp_path / "other"
    other.mkdir(mode=0o755)
    other.joinpath("file").write_text("x")
    top = Path(scratch.name)
    (top / "folder").symlink_to(other)
    (top / "inside").mkdir()
    (top / "inside/file").symlink_to(other / "file")
    (top / "inside/again").symlink_to(other)
    (top / "inside/hard").hardlink_to(other / "file")
    (top / "inside").chmod(0)
    scratch.cleanup()
    assert not top.exists()
    assert stat.S_IMODE(other.stat().st_mode) == 0o755
    assert (other / "file").read_text() == "x"


def test_odd_names_go(scratch):
    top = os.fsencode(scratch.name)
    for name in (b"\xff\xfe", b"-rf", b"new\nline", "ü".encode(), b"x" * 255):
        os.mkdir(os.path.join(top, name))
        open(os.path.join(top, name, name), "wb").close()
    scratch.cleanup()
    assert not Path(scratch.name).exists()


def test_what_is_gone_already_is_no_error(scratch):
    scratch.cleanup()
    scratch.cleanup()


# -- runs that were killed --------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from autograder.sandbox.scratch import RunScratch

folder = RunScratch(sys.argv[1]).name
os.mkdir(os.path.join(folder, "worker"), 0o300)
print(folder, flush=True)
{end}
"""


def run_in_another_process(place, end):
    command = [sys.executable, "-c", KILLED.format(end=end), str(place)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_run_left_goes_when_the_next_begins(tmp_path):
    process, left = run_in_another_process(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    process.wait()
    assert left.exists()
    own = RunScratch(str(tmp_path))
    assert not left.exists()
    assert os.listdir(tmp_path) == [os.path.basename(own.name)]
    own.cleanup()
    assert os.listdir(tmp_path) == []


def test_a_run_at_the_same_time_keeps_its_folder(tmp_path):
    process, folder = run_in_another_process(tmp_path, "input()")
    RunScratch(str(tmp_path)).cleanup()
    assert folder.exists()
    process.communicate("\n")


def test_nothing_that_only_bears_the_name_is_removed(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    other.joinpath("file").write_text("x")
    place = tmp_path / "place"
    place.mkdir()
    (place / "autograder-run-link").symlink_to(other)
    (place / "autograder-run-file").write_text("x")
    (place / "autograder-corpus").mkdir()
    before = sorted(os.listdir(place))
    RunScratch(str(place)).cleanup()
    assert sorted(os.listdir(place)) == before
    assert other.joinpath("file").read_text() == "x"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes folders of others")
def test_another_users_folder_stays(tmp_path):
    other = tmp_path / "autograder-run-other"
    other.mkdir()
    os.chown(other, 12_345, 12_345)
    RunScratch(str(tmp_path)).cleanup()
    assert other.exists()
