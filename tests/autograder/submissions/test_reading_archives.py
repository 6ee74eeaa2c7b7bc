"""Zip archives: handed in as they are, or in a folder. Nothing is ever written to disk."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions import archive
from autograder.submissions.archive import MAX_UNPACKED_BYTES, Budget, open_zip
from autograder.submissions.model import BadArchiveError, Contents, Expected, Submission
from autograder.submissions.read import read_submission

Zipped = Callable[..., bytes]
Read = Callable[[Path], Contents]
HandIn = Callable[..., Path]


@pytest.fixture
def read_zip(tmp_path: Path, read: Read) -> Callable[[bytes], Contents]:
    def read_bytes(data: bytes) -> Contents:
        path = tmp_path / "kim.zip"
        path.write_bytes(data)
        before = sorted(tmp_path.rglob("*"))
        contents = read(path)
        assert sorted(tmp_path.rglob("*")) == before
        return contents

    return read_bytes


def refused(contents: Contents) -> str:
    """The message, which is the same for every exercise."""
    assert not contents.sources
    assert {problem.kind for problem in contents.problems.values()} == {"archive"}
    (message,) = {problem.message for problem in contents.problems.values()}
    return message


# -- archives that are read ----------------------------------------------------------------------------------------


def test_a_zip_of_the_files(read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]) -> None:
    contents = read_zip(zipped(sources))
    assert {source.text for source in contents.sources.values()} == set(sources.values())
    assert contents.sources["se_block"].origin == "kim.zip/se_block.py"
    assert contents.sources["se_block"].locate(2) == "se_block.py, line 2"
    assert contents.notes == ()


def test_a_zip_of_one_folder_as_macos_makes_it(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    files: dict[str, str | bytes] = {f"week4/{name}": text for name, text in sources.items()}
    files |= {"__MACOSX/week4/._se_block.py": b"\0\5\26\7", "week4/.DS_Store": b"\0"}
    contents = read_zip(zipped(files))
    assert not contents.problems
    assert contents.sources["se_block"].origin == "kim.zip/week4/se_block.py"


def test_a_zip_with_entries_for_its_folders(read_zip: Callable[[bytes], Contents], sources: dict[str, str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("week4/", "")
        archive.writestr("week4/se_block.py", sources["se_block.py"])
    assert set(read_zip(buffer.getvalue()).sources) == {"se_block"}


def test_a_zip_from_windows_with_backslashes(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    data = zipped({f"week4\\{name}": text for name, text in sources.items()}, mode=0, system=0)
    assert not read_zip(data).problems


@pytest.mark.parametrize(
    ("folder", "encoding"),
    [
        ("功課", "big5"),
        ("許功蓋", "big5"),
        ("表ソ能", "shift-jis"),
        ("作业", "gbk"),
        ("과제", "cp949"),
        ("과제", "utf-8"),
    ],
)
def test_folders_may_be_named_in_any_encoding(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str], folder: str, encoding: str
) -> None:
    """As Windows writes them: the bytes of the name, and no word on what they mean. In Big5, 功 ends in a backslash."""
    encoded = folder.encode(encoding)
    placeholder = "x" * len(encoded)
    data = zipped({f"{placeholder}/{name}": text for name, text in sources.items()}, mode=0, system=0)
    assert not read_zip(data.replace(placeholder.encode(), encoded)).problems


def test_a_name_in_utf8_that_does_not_say_so_is_shown_as_it_is(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    data = zipped({"xxxxxx/se_block.py": sources["se_block.py"]})
    contents = read_zip(data.replace(b"xxxxxx", "과제".encode()))
    assert contents.sources["se_block"].origin == "kim.zip/과제/se_block.py"


def test_a_zip_in_a_zip(read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]) -> None:
    inner = zipped({"se_block.py": sources["se_block.py"], "residual_block.py": "inner = 1\n"})
    contents = read_zip(zipped({"residual_block.py": sources["residual_block.py"], "work/inner.zip": inner}))
    assert contents.sources["residual_block"].text == sources["residual_block.py"]
    assert contents.sources["se_block"].origin == "kim.zip/work/inner.zip/se_block.py"
    assert "Ignored `kim.zip/work/inner.zip/residual_block.py`: `kim.zip/residual_block.py` counts." in contents.notes


def test_a_nearly_right_name_in_a_zip(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    problem = read_zip(zipped({"resblock.py": sources["residual_block.py"]})).problems["residual_block"]
    assert problem.kind == "misnamed"
    assert problem.message == "found `kim.zip/resblock.py`, expected `residual_block.py`: rename it and submit again."


def test_an_empty_zip(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    problem = read_zip(zipped({})).problems["se_block"]
    assert (problem.kind, problem.message) == ("missing", "`se_block.py` was not handed in. Nothing was handed in.")


def test_a_source_in_a_zip_has_the_same_limit(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    problem = read_zip(zipped({"se_block.py": "#" * 1_000_001}, compression=zipfile.ZIP_STORED)).problems["se_block"]
    assert (problem.kind, problem.message) == ("unreadable", "`kim.zip/se_block.py` is larger than 1 MB.")


def test_other_files_in_a_zip_are_not_unpacked(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    data = zipped(sources | {"data.bin": "correct checksum"}, compression=zipfile.ZIP_STORED)
    assert not read_zip(data.replace(b"correct checksum", b"damaged contents")).problems


def test_the_checks_that_students_were_given_are_skipped_in_a_zip_too(
    read: Read, hand_in: HandIn, zipped: Zipped, sources: dict[str, str]
) -> None:
    archive = zipped({"core/SE_block.py": sources["se_block.py"], "core/checks/notebook/se_block.py": "x = 1\n"})
    problem = read(hand_in({"hw4.zip": archive})).problems["se_block"]
    assert problem.message == "found `hw4.zip/core/SE_block.py`, expected `se_block.py`: rename it and submit again."


# -- a zip in a folder ---------------------------------------------------------------------------------------------


def test_a_zip_in_a_folder_fills_in_what_is_missing(
    read: Read, hand_in: HandIn, zipped: Zipped, sources: dict[str, str]
) -> None:
    archive = zipped({"se_block.py": "zipped = 1\n", "clip_grad.py": sources["clip_grad.py"]})
    contents = read(hand_in({"se_block.py": sources["se_block.py"], "work.zip": archive}))
    assert contents.sources["se_block"].text == sources["se_block.py"]
    assert contents.sources["clip_grad"].origin == "work.zip/clip_grad.py"
    assert contents.problems["residual_block"].kind == "missing"
    assert contents.notes == ("Ignored `work.zip/se_block.py`: `se_block.py` counts.",)


def test_a_zip_beside_all_files_is_not_opened(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in(sources | {"work.zip": b"not a zip"}))
    assert not contents.problems
    assert contents.notes == ("Ignored `work.zip`: every exercise has its own file beside it.",)


def test_a_bad_zip_in_a_folder_costs_only_what_it_might_have_held(
    read: Read, hand_in: HandIn, zipped: Zipped, sources: dict[str, str]
) -> None:
    archive = zipped({"../evil.py": "", "se_block.py": sources["se_block.py"]})
    contents = read(hand_in({"residual_block.py": sources["residual_block.py"], "work.zip": archive}))
    assert set(contents.sources) == {"residual_block"}
    assert {problem.kind for problem in contents.problems.values()} == {"archive"}


# -- archives that are refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("/etc/passwd", "holds an absolute path, `/etc/passwd`"),
        ("\\\\server\\share\\x.py", "holds an absolute path"),
        ("C:\\x.py", "holds an absolute path"),
        ("../se_block.py", "holds a path that leads out of its folder: `../se_block.py`"),
        ("a/../../se_block.py", "holds a path that leads out of its folder"),
        ("a\\..\\..\\se_block.py", "holds a path that leads out of its folder"),
        ("__MACOSX/../../x", "holds a path that leads out of its folder"),
        ("se_block.py\n", "has control characters"),
        ("se\x1b[31m.py", "has control characters"),
        ("./", "holds a file without a name"),
    ],
)
def test_names_that_are_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str], name: str, says: str
) -> None:
    assert says in refused(read_zip(zipped(sources | {name: "x"})))


def test_a_name_with_a_nul_is_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    # zipfile itself cuts the name there, so that `se_block.py` would be seen.
    data = zipped({"se_block.py#.txt": sources["se_block.py"]}).replace(b"se_block.py#.txt", b"se_block.py\0.txt")
    assert "has control characters" in refused(read_zip(data))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (stat.S_IFLNK, "holds a link, `se_block.py`"),
        (stat.S_IFCHR, "holds something that is not a file: `se_block.py`"),
        (stat.S_IFBLK, "holds something that is not a file"),
        (stat.S_IFIFO, "holds something that is not a file"),
        (stat.S_IFSOCK, "holds something that is not a file"),
    ],
)
def test_links_and_devices_are_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, kind: int, says: str
) -> None:
    assert says in refused(read_zip(zipped({"se_block.py": "/etc/passwd"}, mode=kind | 0o777)))


def test_an_encrypted_member_is_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    data = bytearray(zipped({"se_block.py": sources["se_block.py"]}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(read_zip(bytes(data))) == "`kim.zip` is encrypted: make it without a password."


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_ways_of_packing_that_unpack_without_limit_are_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str], compression: int
) -> None:
    assert "packed in a way that is not accepted" in refused(read_zip(zipped(sources, compression=compression)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("se_block.py", "SE_Block.py"),
        ("a/se_block.py", "A/se_block.py"),
        ("é.py", "e\u0301.py"),
        ("a.py", "\uff41.py"),
        ("a/./b.py", "a//b.py"),
    ],
)
def test_names_that_a_file_system_may_take_for_the_same_are_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, first: str, second: str
) -> None:
    assert "holds two files of the same name" in refused(read_zip(zipped({first: "x = 1", second: "x = 2"})))


@pytest.mark.parametrize("name", ["se_block.py", "a"])
def test_the_same_name_twice_is_refused(read_zip: Callable[[bytes], Contents], name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x = 1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(name, "x = 2")
    assert f"holds two files of the same name (`{name}`)" in refused(read_zip(buffer.getvalue()))


def test_too_many_entries_are_refused(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    assert "holds more than 2,000 files" in refused(read_zip(zipped({f"{number}.txt": "" for number in range(2_001)})))


def test_entries_of_inner_archives_count_too(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    inner = zipped({f"{number}.txt": "" for number in range(1_000)})
    data = zipped({"a.zip": inner, "b.zip": inner})
    assert refused(read_zip(data)) == "`kim.zip/b.zip` holds more than 2,000 files: zip only your own."


def test_a_bomb_is_refused_by_its_ratio(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    message = refused(read_zip(zipped({"se_block.py": "", "zeros.bin": b"\0" * 2_000_000})))
    assert message == "`kim.zip` holds `zeros.bin`, which unpacks to more than 200 times its size."


def test_small_files_may_be_packed_well(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    assert not read_zip(zipped(sources | {"zeros.py": "#" * 900_000})).problems


def test_more_than_a_hundred_megabytes_in_all_are_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped
) -> None:
    block = bytes(range(256)) * 64 + b"\0" * 1_000_000  # packs about a hundredfold
    files = {f"{number}.bin": block * 20 for number in range(6)}
    assert "unpacks to more than 100 MB" in refused(read_zip(zipped(files)))


def with_declared_size(data: bytes, size: int) -> bytes:
    """The archive of one member with another unpacked size in both of its headers."""
    changed = bytearray(data)
    struct.pack_into("<L", changed, data.index(b"PK\x01\x02") + 24, size)
    struct.pack_into("<L", changed, data.index(b"PK\x03\x04") + 22, size)
    return bytes(changed)


def test_a_header_that_understates_the_size_is_refused(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    data = with_declared_size(zipped({"se_block.py": "x = 1\n" * 100_000}), 6)
    assert "is damaged" in refused(read_zip(data))


def test_a_header_that_overstates_the_size_is_refused(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    data = with_declared_size(zipped({"se_block.py": "x = 1\n"}), 60)
    assert "is damaged" in refused(read_zip(data))


@pytest.mark.parametrize(
    ("size", "allowed", "says"),
    [(100_000, 250_000, "unpacks to more than 100 MB"), (2_000_000, 100_000_000, "more than 200 times its size")],
)
def test_what_is_read_is_counted_whatever_the_headers_say(
    zipped: Zipped, monkeypatch: pytest.MonkeyPatch, size: int, allowed: int, says: str
) -> None:
    data = zipped(dict.fromkeys(("a.ipynb", "b.ipynb", "c.ipynb"), "x" * size))
    monkeypatch.setattr(archive, "_checked", lambda members, where, budget: [(member.filename,) for member in members])
    with pytest.raises(BadArchiveError, match=says):
        open_zip(data, "kim.zip", 0, Budget(unpacked_bytes=allowed))


def test_one_budget_serves_several_archives(zipped: Zipped) -> None:
    data = zipped({"a.ipynb": "{}" * 50_000, "b.ipynb": "{}" * 50_000})
    budget = Budget(unpacked_bytes=200_000)
    open_zip(data, "kim.zip", 0, budget)
    assert (budget.entries, budget.unpacked_bytes) == (1_998, 0)
    with pytest.raises(BadArchiveError, match="unpacks to more than"):
        open_zip(data, "kim.zip", 0, budget)


def test_three_layers_of_archives_are_refused(
    read_zip: Callable[[bytes], Contents], zipped: Zipped, sources: dict[str, str]
) -> None:
    data = zipped({"b.zip": zipped({"c.zip": zipped(sources)})})
    assert refused(read_zip(data)) == "`kim.zip` holds archives inside an archive inside it: zip the files once."


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"Rar!\x1a\x07\x00", b"x = 1\n" * 1000, b"\0" * 10_000])
def test_what_is_no_zip_is_refused(read_zip: Callable[[bytes], Contents], data: bytes) -> None:
    assert refused(read_zip(data)) == "`kim.zip` is damaged, or is not a zip archive: make it again."


def test_a_damaged_member_is_refused(read_zip: Callable[[bytes], Contents], zipped: Zipped) -> None:
    data = bytearray(zipped({"se_block.py": "x = 1\n" * 50}, compression=zipfile.ZIP_STORED))
    data[60] ^= 0xFF
    assert "is damaged" in refused(read_zip(bytes(data)))


def test_an_archive_of_more_than_fifty_megabytes_is_refused(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "kim.zip"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    assert refused(read(path)) == "`kim.zip` is larger than 50 MB."


def test_the_budget_covers_what_is_allowed() -> None:
    assert Budget().unpacked_bytes == MAX_UNPACKED_BYTES == 100_000_000


# -- whatever bytes come -------------------------------------------------------------------------------------------


WHOLE = io.BytesIO()
with zipfile.ZipFile(WHOLE, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("se_block.py", "class SEBlock:\n    pass\n")
    _archive.writestr("week4/clip_grad.py", "def clip_grad(): pass\n")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(changes=st.dictionaries(st.integers(0, len(WHOLE.getvalue()) - 1), st.integers(0, 255), max_size=8))
def test_no_damage_makes_reading_raise(tmp_path_factory: pytest.TempPathFactory, changes: dict[int, int]) -> None:
    data = bytearray(WHOLE.getvalue())
    for position, value in changes.items():
        data[position] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(bytes(data))
    wanted = Expected("se_block", "se_block.py", ("SEBlock",))
    contents = read_submission(Submission("kim", path), (wanted,))
    assert len(contents.sources) + len(contents.problems) == 1
