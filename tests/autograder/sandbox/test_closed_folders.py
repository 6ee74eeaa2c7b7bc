"""Where what a worker imports lies below a folder that only its owner may enter: root's home, a clone of mode 0700."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.own_root import OwnRoot
from autograder.sandbox.session import Session, Source
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="only root's workers become other users, and only root mounts",
)

PROJECT = Path(autograder.__file__).parents[1]
USER = 61_000

CLOSE = """
mount --make-rprivate /
while test $# -gt 0; do
  mode=$1 folder=$2
  shift 2
  exec 3< "$folder"
  mount -t tmpfs -o "mode=$mode" closed "$folder"
  for entry in $(ls -A /proc/self/fd/3/); do
    source=/proc/self/fd/3/$entry
    if test -L "$source"; then cp -P "$source" "$folder/"; continue; fi
    if test -d "$source"; then mkdir "$folder/$entry"; else : > "$folder/$entry"; fi
    mount --no-canonicalize --rbind "$source" "$folder/$entry"
  done
  exec 3<&-
done
"""
"""Gives folders other modes: each is replaced by one of that mode which holds the same."""

ATTEMPT = """
def attempt(code):
    try:
        return str(eval(code))
    except BaseException as error:
        return type(error).__name__
"""
ASKED = (
    "__import__('torch.nn.utils.parametrizations').__name__",
    "__import__('sqlite3').__name__",
    f"open({str(PROJECT / 'pyproject.toml')!r}).read()",
    f"open({autograder.__file__!r}).read()",
    f"__import__('os').listdir({str(PROJECT)!r})",
)
_CLONE_NEWNS = 0x00020000
REFUSED = {"PermissionError", "FileNotFoundError"}


@pytest.mark.parametrize(
    ("mode", "folders"),
    [
        ("700", [PROJECT]),
        ("750", [PROJECT]),
        ("711", [PROJECT]),
        ("700", [PROJECT.parent]),
        ("700", [PROJECT.parent, PROJECT]),
        ("700", [PROJECT.parent, Path(sys.base_prefix)]),
    ],
)
def test_the_level_is_full_wherever_a_closed_folder_is(mode: str, folders: list[Path]):
    if Path("/") in folders:
        pytest.skip("the project lies at the top of the file system")
    closed = [word for folder in folders for word in (mode, str(folder))]

    def ask() -> list[Any]:
        os.chdir("/")
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "no mounts of its own")
        subprocess.run(["bash", "-euc", CLOSE, "bash", *closed], check=True)
        with Zygote() as zygote:
            report = zygote.report()
            line = WorkerLine(WorkerSupply(zygote.connect()), Allowance(), TimeLimits())
            session = Session(Source("exercise", "exercise.py", ATTEMPT), line)
            session.begin("test")
            found = [Namespace(session, Random(0, "test")).attempt(code) for code in ASKED]
            line.close()
        return [report.level, report.reasons, found]

    level, reasons, (lazy, standard, *ours) = in_a_fork(ask)
    assert (level, reasons) == ("full", [])
    assert (lazy, standard) == ("torch", "sqlite3")
    assert set(ours) <= REFUSED


def in_a_fork(work: Callable[[], list[Any]]) -> list[Any]:
    """What a function returns in a fork of this process, which has torch already."""
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        try:
            os.write(write_end, json.dumps(work()).encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write_end)
    os.wait()
    with os.fdopen(read_end) as pipe:
        said: list[Any] = json.load(pipe)
    return said


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="autograder-closed-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def seen_by_another(paths: list[Path], *asked: Path, umask: int = 0o022) -> list[str | None]:
    """What another user reads in these files, None where he may not, in a root that holds `paths`."""

    def read() -> list[str | None]:
        os.umask(umask)
        OwnRoot(paths).enter(None, size_mb=1, files=10)
        os.setresgid(USER, USER, USER)
        os.setgroups([])
        os.setresuid(USER, USER, USER)
        return [_read(path) for path in asked]

    return in_a_fork(read)


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None


@pytest.fixture
def place(folder: Path) -> Callable[..., Path]:
    """Makes a file, whose folder and the folders above it have these modes, and returns its folder."""

    def make(name: str, *modes: int) -> Path:
        made = folder
        for part, mode in zip(Path(name).parts, modes, strict=True):
            made /= part
            made.mkdir(exist_ok=True)
            made.chmod(mode)
        made.joinpath("file").write_text(name)
        made.joinpath("file").chmod(0o644)
        return made

    return make


def test_a_folder_below_a_closed_one_is_reached_and_nothing_beside_it(place: Callable[..., Path]):
    needed, beside = place("home/lib", 0o700, 0o755), place("home/solutions", 0o700, 0o755)
    assert seen_by_another([needed], needed / "file", beside / "file") == ["home/lib", None]


def test_every_closed_folder_on_the_way_is_opened(place: Callable[..., Path]):
    needed = place("home/clone/env/lib", 0o700, 0o750, 0o700, 0o755)
    assert seen_by_another([needed], needed / "file") == ["home/clone/env/lib"]


def test_a_folder_within_one_that_is_needed_too_is_there_once(place: Callable[..., Path]):
    outer, inner = place("home/lib", 0o700, 0o755), place("home/lib/python", 0o700, 0o755, 0o755)
    assert seen_by_another([inner, outer], outer / "file", inner / "file") == ["home/lib", "home/lib/python"]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("open/link", "{folder}/home/lib"),
        ("home/link", "lib"),
        ("home/link", "{folder}/elsewhere/lib"),
        ("home/link", "../elsewhere/lib"),
        ("home/link", "../open/other"),
    ],
)
def test_a_link_to_it_is_followed(place: Callable[..., Path], folder: Path, link: str, target: str):
    """Python opens its packages by the path that it was started with, links and all."""
    place("home/lib", 0o700, 0o755)
    place("elsewhere/lib", 0o700, 0o755)
    place("open/more", 0o755, 0o755)
    (folder / "open/other").symlink_to(folder / "home/lib")
    (folder / link).symlink_to(target.format(folder=folder))
    secret = place("home/secret", 0o700, 0o755)
    (seen, hidden) = seen_by_another([folder / link], folder / link / "file", secret / "file")
    assert seen in ("home/lib", "elsewhere/lib")
    assert hidden is None


def test_a_strict_umask_closes_nothing_again(place: Callable[..., Path]):
    needed = place("home/clone/lib", 0o700, 0o755, 0o755)
    assert seen_by_another([needed], needed / "file", umask=0o077) == ["home/clone/lib"]
