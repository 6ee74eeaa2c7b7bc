"""The hostile corpus: reads its files, builds one class of them, and has it graded under various conditions.

`exploits/*.py` are texts that are added to one file (or all, or put in its place) of an honest but mediocre
submission; nothing here ever imports them. `archives/*.py` build a submission that is hostile as a file.
`controls/*.py` are added to a right submission, look odd, and must keep full marks.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
SEED = 4_071_993
USER = 12_345
"""An ordinary user, who need not exist."""
EXERCISES = ("residual_block", "se_block", "depthwise_separable_conv", "lstm_cell", "clip_grad", "replace_head")
SLIPS = {"residual_block": "no_final_relu", "lstm_cell": "candidate_sigmoid", "replace_head": None}
"""What the base gets wrong, so that there is something to gain: a mistake of the bank, or the stub."""
LIMITS = {"load_seconds": 8.0, "question_seconds": 0.5, "exercise_seconds": 10.0, "memory_mb": 512}
PATIENCE = 300.0
"""Seconds for a class to end, all time-outs of its hundred hostile submissions included."""


@dataclass(frozen=True)
class Exploit:
    """One file of the corpus."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name[:-1]}-{self.path.stem}"

    @property
    def kind(self) -> str:
        return self.path.parent.name

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def says(self) -> dict[str, str]:
        """Title and fields of the docstring."""
        title, *lines = (ast.get_docstring(ast.parse(self.text)) or "").splitlines()
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        return {"Title": title, **fields}

    def directive(self, name: str, default: str = "") -> str:
        found = re.search(rf"^# {name}: (.+)$", self.text, re.MULTILINE)
        return found[1] if found else default

    def build(self, folder: Path, base: dict[str, str], *, whole: bool) -> None:
        """Make the submission in `folder`, from the files of an honest one; only what is attacked, or the `whole`."""
        folder.mkdir()
        if self.kind == "archives":
            _load(self.path).make(folder, base)
            return
        wanted = self.directive("exercise")
        for name, text in base.items():
            if wanted in ("all", name.removesuffix(".py")):
                text = self.text if self.directive("place") == "instead" else f"{text}\n\n{self.text}"
            elif not whole:
                continue
            (folder / name).write_text(text, encoding="utf-8")


def corpus(kind: str) -> list[Exploit]:
    """All files of `exploits`, `archives` or `controls`."""
    return [Exploit(path) for path in sorted((HERE / kind).glob("*.py"))]


def _load(path: Path) -> Any:
    specification = importlib.util.spec_from_file_location(f"hostile_{path.stem}", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def base_files() -> dict[str, str]:
    """The honest, mediocre submission that exploits are added to."""
    files = right_files()
    for exercise, slip in SLIPS.items():
        place = PROJECT / "assignments/core" if slip is None else PROJECT / "tests/core" / exercise / "mistakes"
        files[f"{exercise}.py"] = (place / f"{slip or exercise}.py").read_text(encoding="utf-8")
    return files


def right_files() -> dict[str, str]:
    return {f"{name}.py": (PROJECT / "solutions/core" / f"{name}.py").read_text(encoding="utf-8") for name in EXERCISES}


@dataclass(frozen=True)
class Graded:
    """What became of a class."""

    out: Path
    status: int
    printed: str
    seconds: float
    canaries: tuple[str, ...]
    left: tuple[str, ...]
    """What was there after the run and should not be: processes and files."""

    def result(self, student: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "results" / f"{student}.json").read_text())
        return found

    def scores(self, student: str) -> dict[str, float]:
        return {name: entry["score"] for name, entry in self.result(student)["exercises"].items()}

    def seen_by(self, student: str) -> str:
        """All that a student may get to see: the page, and the messages of the result."""
        result = self.result(student)
        page = (self.out / "feedback" / f"{student}.md").read_text()
        exercises = result["exercises"].values()
        messages = [entry["message"] for entry in exercises]
        messages += [test["message"] for entry in exercises for test in entry["tests"]]
        return "\n".join([page, *messages, *result["notes"]])


@dataclass(frozen=True)
class Conditions:
    """How a class is graded: at which level, by whom, and whether the kernel has Landlock."""

    level: str
    as_user: bool = False
    without_landlock: bool = False
    alone: bool = False
    """In a PID namespace, with which all ends that a class without isolation leaves behind."""
    whole: bool = True
    """Every hostile submission has all exercises, and mistakes are diagnosed; else only what an exploit attacks."""


class Course:
    """A copy of the project's `core`, with canaries in everything that must not be read, and short time limits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._canaries: list[str] = []
        for part in ("assignments", "solutions", "tests"):
            shutil.copytree(PROJECT / part / "core", root / part / "core", ignore=shutil.ignore_patterns("__pycache__"))
        for file in sorted([*(root / "solutions").rglob("*.py"), *(root / "tests").rglob("test_*.py")]):
            kind = "solution" if "solutions" in file.parts else "suite"
            file.write_text(f'{file.read_text()}\n\n_SECRET = "{self._canary(kind)}"\n')
        description = root / "assignments/core/assignment.toml"
        text = f"# {self._canary('assignment')}\n{description.read_text()}"
        for key, value in LIMITS.items():
            text = re.sub(rf"^{key} = [\d.]+", f"{key} = {value}", text, flags=re.MULTILINE)
        description.write_text(text)
        (root / "earlier/results").mkdir(parents=True)
        (root / "earlier/results/kim.json").write_text(json.dumps({"score": self._canary("result")}))
        self.environment = {"AUTOGRADER_TEST_SECRET": self._canary("environment")}
        self.neighbour = self._canary("neighbour")
        for path in [root, *root.rglob("*")]:  # whatever permissions would forbid is not what is tested
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _canary(self, kind: str) -> str:
        self._canaries.append(f"CANARY-{kind}-{''.join(secrets.choice('abcdefghkmnprstwxyz') for _ in range(8))}")
        return self._canaries[-1]

    def grade(self, name: str, hostile: list[Exploit], conditions: Conditions) -> Graded:
        """Grade a class of neighbours, the base alone, and these, in one batch."""
        folder, out = self.root / name, self.root / f"{name}-out"
        folder.mkdir()
        if not conditions.whole:
            description = self.root / "assignments/core/assignment.toml"
            description.write_text(description.read_text().replace('diagnosis = "visible"', 'diagnosis = "off"'))
        base, right = base_files(), right_files()
        for student, files in {"base": base, "honest_first": right, "zz_honest_last": right}.items():
            (folder / student).mkdir()
            for file, text in files.items():
                (folder / student / file).write_text(f"{text}\n_NOTE = {self.neighbour!r}\n")
        for exploit in hostile:
            files = right if exploit.kind == "controls" else base
            exploit.build(folder / exploit.name, files, whole=conditions.whole)
        level = "none" if conditions.level == "none" else "full"
        orders = {
            "arguments": ["grade", "core", str(folder), "--out", str(out), "--seed", str(SEED), "--isolation", level],
            "as_user": conditions.as_user,
            "without_landlock": conditions.without_landlock,
            "scratch_log": str(self.root / f"{name}-scratch"),
        }
        if conditions.as_user:
            for path in [self.root, *self.root.rglob("*")]:
                os.chown(path, USER, USER, follow_symlinks=False)
        command = [sys.executable, str(HERE / "launcher.py"), json.dumps(orders)]
        if conditions.alone:
            command = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *command]
        before = set(_left_behind())
        started = time.monotonic()
        process = subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        seconds = time.monotonic() - started
        log = Path(str(orders["scratch_log"]))
        scratch = [path for path in log.read_text().splitlines() if Path(path).exists()] if log.exists() else []
        left = (*sorted(set(_left_behind()) - before), *scratch)
        for path in left:  # where nothing is promised, it was noted, and goes
            if path.startswith("/"):
                Path(path).unlink(missing_ok=True)
        return Graded(out, process.returncode, process.stdout, seconds, tuple(self._canaries), left)


def _left_behind() -> Iterator[str]:
    """Traces that exploits try to leave: files by their names, shared memory, processes that lost their parent."""
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/"):
        for pattern in ("autograder-hostile*", "note-from-*"):
            yield from map(str, Path(folder).glob(pattern))
    for kind in ("shm", "msg", "sem"):
        segments = Path("/proc/sysvipc", kind)
        yield from (f"{kind} {line.split()[0]}" for line in segments.read_text().splitlines()[1:])
    for children in Path("/proc/self/task").glob("*/children"):
        yield from (f"process {pid}" for pid in children.read_text().split())
