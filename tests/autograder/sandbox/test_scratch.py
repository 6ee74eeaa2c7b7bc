"""Whatever a worker makes of its scratch folder, it is removed, and nothing else is touched."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autograder.sandbox.scratch import Scratch


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
