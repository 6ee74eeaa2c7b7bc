"""Archives and folders made to cost time or memory, to be read twice in two ways, or to reach outside."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.submissions.archive import Budget, open_zip
from autograder.submissions.files import list_folder
from autograder.submissions.model import BadArchiveError, Contents, UnreadableError

Zipped = Callable[..., bytes]
Read = Callable[[Path], Contents]
HandIn = Callable[..., Path]


@pytest.fixture
def read_zip(tmp_path: Path, read: Read) -> Callable[[bytes], Contents]:
    def read_bytes(data: bytes) -> Contents:
        (tmp_path / "kim.zip").write_bytes(data)
        return read(tmp_path / "kim.zip")

    return read_bytes


def refusal(data: bytes) -> str:
    """Why an archive is refused, which must not take long."""
    started = time.process_time()
    with pytest.raises(BadArchiveError) as caught:
        open_zip(data, "kim.zip", 0, Budget())
    assert time.process_time() - started < 3
    return str(caught.value)


# -- bombs ---------------------------------------------------------------------------------------------------------


def test_a_long_name_is_shown_in_short(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    problem = read_zip(zipped({"x" * 501 + ".py": ""})).problems["se_block"]
    assert problem.kind == "archive"
    assert "holds a file whose name is longer than 500 characters: `xxx" in problem.message
    assert len(problem.message) < 200


def test_a_hundred_thousand_entries() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # so many that the archive is a zip64
        for number in range(100_000):
            archive.writestr(f"{number}", "")
    assert refusal(buffer.getvalue()) == "`kim.zip` holds more than 2,000 files: zip only your own."


def test_members_that_share_their_bytes_are_counted_each(zipped: Zipped) -> None:
    """Every record points to the same megabyte."""
    data = zipped({"a.py": bytes(range(256)) * 4_000}, compression=zipfile.ZIP_STORED)
    place = data.index(b"PK\x01\x02")
    records = b"".join(data[place : place + 46] + f"{number:03}a"[-4:].encode() for number in range(150))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 150, 150, len(records), place, 0)
    assert "unpacks to more than 100 MB" in refusal(data[:place] + records + end)


# -- two ways to read one archive ----------------------------------------------------------------------------------


def test_what_stands_before_and_after_an_archive_is_no_matter(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    assert not read_zip(b"#!/bin/sh\nexit\n" + zipped(sources)).problems
    assert not read_zip(zipped(sources) + bytes(20)).problems


def test_the_last_of_two_archives_in_one_file_counts(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    contents = read_zip(zipped({"se_block.py": "first = 1\n"}) + zipped(sources))
    assert contents.sources["se_block"].text == sources["se_block.py"]


def test_a_name_that_differs_in_both_lists_is_refused(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    data = zipped({"se_block.py": "x = 1\n"}).replace(b"se_block.py", b"../evil.py!", 1)
    problem = read_zip(data).problems["se_block"]
    assert (problem.kind, problem.message) == (
        "archive",
        "`kim.zip` is damaged, or is not a zip archive: make it again.",
    )


def test_a_zip64_is_read(read_zip: Callable[[bytes], Contents], sources: dict[str, str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("se_block.py", "w", force_zip64=True) as member:
        member.write(sources["se_block.py"].encode())
    assert read_zip(buffer.getvalue()).sources["se_block"].text == sources["se_block.py"]


# -- odd names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["con.py", "nul", "aux.txt", "a\u202eyp.py", "x" * 300, "se_block.py ", "한글/é.txt"])
def test_names_that_some_system_dislikes_do_no_harm(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str], name: str
) -> None:
    assert not read_zip(zipped(sources | {name: "x = 1\n"})).problems


def test_what_turns_the_direction_of_writing_is_not_shown(
    read_zip: Callable[[bytes], Contents], zipped: Zipped
) -> None:
    message = read_zip(zipped({"se_bl\u202eock.py": "class SEBlock: pass\n"})).problems["se_block"].message
    assert message == "found `kim.zip/se_bl?ock.py`, expected `se_block.py`: rename it and submit again."


@pytest.mark.parametrize("name", ["se_block.py/", "se_block.py/notes.txt"])
def test_a_folder_of_the_files_name_is_no_file(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, name: str
) -> None:
    assert read_zip(zipped({name: ""})).problems["se_block"].kind == "missing"


def test_a_file_in_a_folder_of_its_own_name_is_found(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    contents = read_zip(zipped({"se_block.py/se_block.py": sources["se_block.py"]}))
    assert contents.sources["se_block"].text == sources["se_block.py"]


def test_clutter_is_never_a_problem(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    clutter = {"__MACOSX/._se_block.py": b"\0\5\26\7", ".DS_Store": b"\0", "week4/.DS_Store": b"\0", "Thumbs.db": b""}
    contents = read_zip(zipped({**sources, **clutter}))
    assert (contents.problems, contents.notes) == ({}, ())


# -- what is opened ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["kim.py", "kim.zip", "kim.ipynb", "kim"])
def test_a_submission_that_is_a_fifo_does_not_block(read: Read, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    message = read(tmp_path / name).problems["se_block"].message
    assert "is not an ordinary file" in message or "cannot be read" in message


@pytest.mark.parametrize("name", ["kim.py", "kim.zip", "kim.ipynb", "kim"])
def test_a_submission_that_is_a_link_is_not_followed(
    read: Read, tmp_path: Path, name: str, sources: dict[str, str]
) -> None:
    (tmp_path / "solution.py").write_text("\n".join(sources.values()))
    (tmp_path / name).symlink_to(tmp_path / "solution.py")
    assert read(tmp_path / name).problems["se_block"].message == f"`{name}` is a link: hand in the file itself."


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(
    hand_in: HandIn, tmp_path: Path, sources: dict[str, str]
) -> None:
    folder = hand_in({"se_block.py": sources["se_block.py"]})
    (tmp_path / "secret.py").write_text("secret = 1\n")
    (item,) = list_folder(folder)
    (folder / "se_block.py").unlink()
    (folder / "se_block.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(UnreadableError, match="is a link: hand in the file itself"):
        item.load()


def test_a_folder_that_becomes_a_link_after_it_was_listed_is_not_followed(
    hand_in: HandIn, tmp_path: Path, sources: dict[str, str]
) -> None:
    folder = hand_in({"week4/se_block.py": sources["se_block.py"]})
    (item,) = list_folder(folder)
    (folder / "week4").rename(tmp_path / "elsewhere")
    (folder / "week4").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnreadableError, match="is a link: hand in the file itself"):
        item.load()
