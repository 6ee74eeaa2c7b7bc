"""Submissions are read by confined processes, which may fail or lie: that costs their own submission, and is told."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.grading import reading
from autograder.grading.reading import Readers
from autograder.sandbox.launcher import Zygote
from autograder.submissions.collect import collect, digest_of
from autograder.submissions.confined import MalformedContentsError, contents_of, order
from autograder.submissions.model import Contents, Expected, Problem, Segment, SourceFile, Submission
from autograder.submissions.read import read_submission

EXPECTED = (
    Expected("double", "double.py", ("Double",), forbidden=("torch.nn.Bilinear",)),
    Expected("shift", "shift.py", ("shift",)),
)
DOUBLE = "from torch import nn\n\n\nclass Double(nn.Module):\n    kind = nn.Bilinear\n    text = eval('3')\n"
SHIFT = "def shift(x):\n    return x + 1\n"
NUMBER = struct.Struct("<q")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kim").mkdir()
    (tmp_path / "kim/double.py").write_text(DOUBLE)
    (tmp_path / "kim/shift.py").write_text(SHIFT)
    return tmp_path / "kim"


# -- a real one ------------------------------------------------------------------------------------------------------


@pytest.fixture
def readers(zygote: Zygote) -> Iterator[Readers]:
    with zygote.reading() as line:
        yield Readers(line)


def test_what_is_read_is_what_was_handed_in(readers: Readers, folder: Path) -> None:
    contents = readers.read(Submission("kim", folder), EXPECTED)
    assert contents == read_submission(Submission("kim", folder), EXPECTED)
    assert contents.sources["shift"].text == SHIFT
    assert contents.sources["double"].uses == ("line 5 uses torch.nn.Bilinear, which this exercise does not allow",)
    assert contents.sources["double"].doubtful == ("line 6: text = eval('3')",)


def test_what_was_changed_since_its_digest_was_taken_is_not_read(readers: Readers, folder: Path) -> None:
    submission = Submission("kim", folder, digest=digest_of(collect(folder)))
    assert readers.read(submission, EXPECTED).sources
    (folder / "notes.txt").touch()
    with pytest.raises(OSError, match="what kim handed in was changed meanwhile; grade again"):
        readers.read(submission, EXPECTED)


def test_names_that_are_no_text_arrive(readers: Readers, folder: Path) -> None:
    (folder / "shift.py").rename(folder / os.fsdecode(b"shift\xff.py"))
    contents = readers.read(Submission("kim", folder), EXPECTED)
    assert contents == read_submission(Submission("kim", folder), EXPECTED)
    assert contents.problems["shift"].message.startswith("found `shift?.py`")


def test_a_source_that_becomes_gigabytes_costs_its_exercise(readers: Readers, folder: Path) -> None:
    copies = "def f():\n try:\n  pass\n" + "  return\n" * 4_000 + " finally:\n" + "  x\n" * 4_000
    (folder / "shift.py").write_text(copies)
    contents = readers.read(Submission("kim", folder), EXPECTED)
    assert contents.problems["shift"].kind == "syntax"
    assert "becomes too large" in contents.problems["shift"].message
    assert contents.sources["double"].text == DOUBLE


def test_a_source_without_end_costs_its_submission(
    readers: Readers, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lee").mkdir()
    accents = "\u0300\u0323" * 100_000
    (tmp_path / "lee/shift.py").write_text(f"a{accents} = 1\n{SHIFT}", encoding="utf-8")
    contents = readers.read(Submission("lee", tmp_path / "lee"), EXPECTED)
    why = "that takes more time or memory than there is for it"
    assert contents.sources == {}
    for exercise in ("double", "shift"):
        assert contents.problems[exercise] == Problem(
            exercise, "unreadable", f"What was handed in could not be read: {why}."
        )
    assert capfd.readouterr().err == f"lee: could not be read: {why}\n"
    assert readers.read(Submission("kim", folder), EXPECTED).problems == {}


def test_readers_hold_no_torch(zygote: Zygote, readers: Readers) -> None:
    (pid,) = Path(f"/proc/{zygote.pid}/task/{zygote.pid}/children").read_text().split()[:1]
    assert "libtorch" not in Path(f"/proc/{pid}/maps").read_text()
    assert "libtorch" in Path(f"/proc/{zygote.pid}/maps").read_text()


# -- one that has been taken over ------------------------------------------------------------------------------------


@pytest.fixture
def taken_over(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Readers]]:
    """Readers that do and say what they are told to, and end with a wait status."""
    lines: list[socket.socket] = []
    monkeypatch.setattr(reading, "_LONGEST", 1.0)

    def make(does: Callable[[socket.socket], object], status: int = 0) -> Readers:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        lines.extend((ours, theirs))

        def serve() -> None:
            _, (descriptor,), _, _ = socket.recv_fds(theirs, 100, 1)
            theirs.send(NUMBER.pack(4_711))
            with socket.socket(fileno=descriptor) as connection:
                does(connection)
                theirs.recv(100)  # it is ended
            theirs.send(NUMBER.pack(status))

        threading.Thread(target=serve, daemon=True).start()
        return Readers(ours)

    yield make
    for line in lines:
        line.close()


def says(data: bytes, *, last: bool = True) -> Callable[[socket.socket], object]:
    def does(connection: socket.socket) -> None:
        connection.sendall(b"!")
        while connection.recv(1 << 16):
            pass
        connection.settimeout(1.0)  # nobody may read to the end
        with contextlib.suppress(OSError):
            connection.sendall(data)
        if last:
            connection.shutdown(socket.SHUT_WR)

    return does


def why(contents: Contents) -> str:
    assert contents.sources == {}
    (message,) = {problem.message for problem in contents.problems.values()}
    assert sorted(contents.problems) == ["double", "shift"]
    return message.removeprefix("What was handed in could not be read: ")


TOO_MUCH = "that takes more time or memory than there is for it."


@pytest.mark.parametrize(
    ("does", "status", "message"),
    [
        (says(b""), 0, "what came back from reading it is no answer."),
        (says(b"\xc1"), 0, "what came back from reading it is no answer."),
        (says(bytes(65 << 20)), 0, "what came back from reading it is no answer."),
        (says(b"", last=False), 0, "that takes too long."),
        (says(b""), signal.SIGKILL, TOO_MUCH),
        (says(b""), 72 << 8, TOO_MUCH),
        (says(b""), signal.SIGSEGV, "it crashes Python's own reading of it."),
        (says(b""), 70 << 8, "it is unlike anything that is handed in."),
    ],
    ids=["nothing", "nonsense", "too much", "never", "killed", "no memory", "crashed", "raised"],
)
def test_a_reader_that_fails_costs_its_submission(
    taken_over: Callable[..., Readers], folder: Path, does: object, status: int, message: str
) -> None:
    assert why(taken_over(does, status).read(Submission("kim", folder), EXPECTED)) == message


def test_a_reader_that_is_not_confined_is_nobodys_fault(taken_over: Callable[..., Readers], folder: Path) -> None:
    readers = taken_over(lambda connection: connection.shutdown(socket.SHUT_RDWR), 70 << 8)
    with pytest.raises(OSError, match="before it was confined"):
        readers.read(Submission("kim", folder), EXPECTED)


# -- what it says is read strictly -----------------------------------------------------------------------------------


def right() -> dict[str, Any]:
    segments = [Segment(1, "double.py")]
    return {
        "sources": {"double": SourceFile("double", "double.py", DOUBLE, tuple(segments))},
        "problems": {"shift": Problem("shift", "missing", "`shift.py` was not handed in.")},
        "notes": ["Ignored `a.py`: `double.py` counts."],
    }


def changed(**parts: Any) -> bytes:
    return msgspec.msgpack.encode(right() | parts)


def source(**parts: Any) -> dict[str, Any]:
    return {"double": msgspec.to_builtins(right()["sources"]["double"]) | parts}


def problem(**parts: Any) -> dict[str, Any]:
    return {"shift": msgspec.to_builtins(right()["problems"]["shift"]) | parts}


def test_a_right_answer_is_taken() -> None:
    contents = contents_of(changed(), EXPECTED)
    assert contents == Contents(right()["sources"], right()["problems"], tuple(right()["notes"]))


@pytest.mark.parametrize(
    "parts",
    [
        {"problems": {}},
        {"problems": {**right()["problems"], "double": Problem("double", "missing", "")}},
        {"problems": {**right()["problems"], "other": Problem("other", "missing", "")}},
        {"problems": problem(exercise="double")},
        {"problems": problem(kind="graded")},
        {"problems": problem(message="x" * 50_001)},
        {"problems": problem(message="a\x1b[2Jb")},
        {"sources": source(exercise="shift")},
        {"sources": source(text=b"x")},
        {"sources": source(text="x" * 2_000_001)},
        {"sources": source(text="a\0b")},
        {"sources": source(origin="a\nb")},
        {"sources": source(origin="x" * 201)},
        {"sources": source(segments=[[1, "double.py"]])},
        {"sources": source(segments=[{"first_line": 0, "label": "double.py"}])},
        {"sources": source(segments=[{"first_line": 1, "label": "\u202e"}])},
        {"sources": source(uses=["x"] * 201)},
        {"sources": source(uses=["a\nb"])},
        {"sources": source(doubtful=[3])},
        {"notes": ["x"] * 20_001},
        {"notes": ["\u2028"]},
        {"notes": 3},
    ],
    ids=lambda parts: str(parts)[:60],
)
def test_any_other_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(MalformedContentsError):
        contents_of(changed(**parts), EXPECTED)


# -- what a grader reads itself --------------------------------------------------------------------------------------


def test_links_are_not_followed_and_what_is_no_file_is_not_opened(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("SECRET = 1\n")
    (folder / "shift.py").unlink()
    (folder / "shift.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(folder / "pipe.py")
    (tmp_path / "link").symlink_to(folder)
    assert b"SECRET" not in order(collect(folder), EXPECTED)
    assert collect(tmp_path / "link").refused == "`link` is a link: hand in the file itself."
    assert {file.refused for file in collect(folder).files} == {
        "",
        "`shift.py` is a link: hand in the file itself.",
        "`pipe.py` is not an ordinary file.",
    }


def test_only_what_may_be_read_is_sent_and_not_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "weights.pt").write_bytes(b"weights")
    monkeypatch.setattr("autograder.submissions.collect.MAX_BYTES", len(DOUBLE))
    files = {file.where: file for file in collect(folder).files}
    assert files[b"weights.pt"].data == b""
    assert files[b"double.py"].data == DOUBLE.encode()
    assert files[b"shift.py"].refused.startswith("`shift.py` is not read: what was handed in is larger than ")


def test_the_coordinators_end_needs_no_torch() -> None:
    program = "import sys, autograder.grading.reading; print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"
