"""The hostile corpus: reads its files, builds one class of them, and has it graded under various conditions.

`exploits/*.py` are texts that are added to one file (or all, or put in its place) of an honest but mediocre
submission; nothing here ever imports them. What those share that forge messages stands in `forging.py`.
`archives/*.py` build a submission that is hostile as a file.
`controls/*.py` are added to a right submission, look odd, and must keep full marks.
"""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
SEED = 4_071_993
WHOLE = bool(os.environ.get("AUTOGRADER_REHEARSAL"))
"""Everything, instead of a sample: `make rehearse`."""
USER = 12_345
"""An ordinary user, who need not exist."""
EXERCISES = ("residual_block", "se_block", "depthwise_separable_conv", "lstm_cell", "clip_grad", "replace_head")
SLIPS = {"residual_block": "no_final_relu", "lstm_cell": "candidate_sigmoid", "replace_head": None}
"""What the base gets wrong, so that there is something to gain: a mistake of the bank, or the stub."""
LEFT_OUT = {
    "residual_block": (
        "test_sizes_of_one_and_many",
        "test_layouts",
        "test_blocks_are_separate",
        "test_identity_alone",
        "test_constant_paths",
        "test_projection_alone",
        "test_whole_numbers",
        "test_one_place_negative",
        "test_branch_alone",
        "test_branch_beside_nothing",
        "test_convolutions_alone",
        "test_statistics_of_the_branch",
    ),
    "lstm_cell": ("test_any_sizes_layouts_and_magnitudes", "test_gradients_through_time", "test_nothing_else_changes"),
}
"""Checks that take more than half of an exercise's time, and those that ask once more for an output: what could be
gained by them can be gained by the others. An exploit that ends its worker costs a worker for every check.
"""
LIMITS = {"load_seconds": 3.0, "question_seconds": 0.5, "exercise_seconds": 3.0, "memory_mb": 512}
REACHES_THE_NEXT = {"disk", "memory", "processes", "protocol", "results", "shared-place", "swapped", "system-calls"}
"""Routes by which the exercise that is graded next could be reached."""
PATIENCE = 3600.0
"""Seconds after which a class is taken to have no end; on a busy machine it needs many times what it needs else."""
KNOWN_FOLDER = "KNOWN_FOLDER"
"""Stands in an exploit for the folder of the course: who attacks may know every path, as in a public container."""
TRACE = "autograder-hostile"
"""How exploits name what they leave; every course has its own ending, as several are graded at a time."""


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

    @property
    def refusals(self) -> list[str]:
        """Why the grader refuses what is sent: proof that it gets as far as it means to."""
        return re.findall(r"^# refused: (.+)$", self.text, re.MULTILINE)

    def build(self, folder: Path, base: dict[str, str], *, beside: bool) -> None:
        """Make the submission in `folder`, from the files of an honest one: what is attacked, and with `beside` the
        exercise that is graded next."""
        folder.mkdir()
        if self.kind == "archives":
            _load(self.path, self.text.replace(TRACE, _trace(folder.parents[1]))).make(folder, base)
            return
        wanted, parts = self.directive("exercise"), self.text
        if self.directive("with"):
            parts = f"{(HERE / self.directive('with')).with_suffix('.py').read_text(encoding='utf-8')}\n\n{parts}"
        # The cyclic order gives the last one a neighbour, too.
        after = dict(zip(EXERCISES, (*EXERCISES[1:], EXERCISES[0]), strict=True)).get(wanted)
        for name, text in base.items():
            if wanted in ("all", name.removesuffix(".py")):
                text = self.text if self.directive("place") == "instead" else f"{text}\n\n{parts}"
            elif not (beside and name.removesuffix(".py") == after):
                continue
            course = folder.parents[1]
            text = text.replace(KNOWN_FOLDER, str(course)).replace(TRACE, _trace(course))
            (folder / name).write_text(text, encoding="utf-8")


def corpus(kind: str) -> list[Exploit]:
    """All files of `exploits`, `archives` or `controls`."""
    return [Exploit(path) for path in sorted((HERE / kind).glob("*.py"))]


def _shorten(suite: Path) -> None:
    """Take the checks in LEFT_OUT out of a suite, and their points off the exercise."""
    file, description = suite / f"test_{suite.name}.py", suite / "exercise.toml"
    lines, points = file.read_text(encoding="utf-8").splitlines(), 0.0
    for node in ast.parse("\n".join(lines)).body:
        name = node.name if isinstance(node, ast.FunctionDef) else ast.unparse(getattr(node, "targets", [node])[0])
        if name not in LEFT_OUT[suite.name]:
            continue
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
        lines[first - 1 : node.end_lineno] = [""] * (node.end_lineno - first + 1)
        points += float(re.search(r"points[=(]([\d.]+)", ast.unparse(node))[1])
    file.write_text("\n".join(lines), encoding="utf-8")
    text = description.read_text(encoding="utf-8")
    was = float(re.search(r"^points = ([\d.]+)", text, re.MULTILINE)[1])
    description.write_text(re.sub(r"^points = .*", f"points = {was - points:g}", text, flags=re.MULTILINE))


def _trace(course: Path) -> str:
    return f"{TRACE}-{course.name.rpartition('-')[2]}"


def _load(path: Path, text: str) -> Any:
    module = types.ModuleType(f"hostile_{path.stem}")
    exec(compile(text, str(path), "exec"), module.__dict__)
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
    changed: tuple[str, ...]
    """Files and folders of the course and of other students that are not as they were before the run."""

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
    beside: bool = False
    """A hostile submission that could reach the exercise after those that it attacks has this one, too."""
    diagnosis: bool = False
    """Known mistakes are told, for which the grader keeps all answers of a submission."""


class Course:
    """A copy of the project's `core`, with canaries in everything that must not be read, and short time limits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._canaries: list[str] = []
        for part in ("assignments", "solutions", "tests"):
            shutil.copytree(PROJECT / part / "core", root / part / "core", ignore=shutil.ignore_patterns("__pycache__"))
        for exercise in LEFT_OUT:
            _shorten(root / "tests/core" / exercise)
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

    @property
    def canaries(self) -> tuple[str, ...]:
        """What nobody but the grader may know."""
        return tuple(self._canaries)

    def _canary(self, kind: str) -> str:
        self._canaries.append(f"CANARY-{kind}-{''.join(secrets.choice('abcdefghkmnprstwxyz') for _ in range(8))}")
        return self._canaries[-1]

    def grade(self, name: str, hostile: list[Exploit], conditions: Conditions, names: tuple[str, ...] = ()) -> Graded:
        """Grade a class of neighbours, the base alone, and these, in one batch; `names` are of further students."""
        folder, out = self.root / name, self.root / f"{name}-out"
        folder.mkdir()
        if not conditions.diagnosis:
            description = self.root / "assignments/core/assignment.toml"
            description.write_text(description.read_text().replace('diagnosis = "visible"', 'diagnosis = "off"'))
        base, right = base_files(), right_files()
        for student, files in {"base": base, "honest_first": right, "zz_honest_last": right}.items():
            (folder / student).mkdir()
            for file, text in files.items():
                (folder / student / file).write_text(f"{text}\n_NOTE = {self.neighbour!r}\n# {student}\n")
        for number, student in enumerate(names):  # what is the same to the last byte is graded once
            (folder / student).mkdir()
            (folder / student / "clip_grad.py").write_text(f"{right['clip_grad.py']}\n# {number}\n")
        for exploit in hostile:
            files = right if exploit.kind == "controls" else base
            beside = conditions.beside and exploit.says.get("Route") in REACHES_THE_NEXT
            exploit.build(folder / exploit.name, files, beside=beside)
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
            command = ["unshare", "--ipc", "--pid", "--fork", "--mount-proc", *command]
        before, files = set(self._left_behind()), self._rights()
        started = time.monotonic()
        status, printed = self._run(command)
        seconds = time.monotonic() - started
        log = Path(str(orders["scratch_log"]))
        scratch = [path for path in log.read_text().splitlines() if Path(path).exists()] if log.exists() else []
        left = (*sorted(set(self._left_behind()) - before), *scratch)
        for path in left:  # where nothing is promised, it was noted, and goes, however deep it is
            if path.startswith("/"):
                subprocess.run(["rm", "-rf", "--", path], check=True)
            elif path.startswith("process "):
                os.kill(int(path.removeprefix("process ")), signal.SIGKILL)
                os.waitpid(int(path.removeprefix("process ")), 0)
        now = self._rights()
        changed = tuple(sorted(path for path in files if files[path] != now.get(path)))
        return Graded(out, status, printed, seconds, tuple(self._canaries), left, changed)

    def _run(self, command: list[str]) -> tuple[int, str]:
        """Exit status, or below 0 where it did not end in time, and all that was printed."""
        # Into a file: whatever outlives the command may hold a pipe open for ever.
        with open(self.root.with_suffix(".log"), "w+b") as log:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            log.seek(0)
            return process.returncode, log.read().decode(errors="replace")

    def _rights(self) -> dict[str, tuple[int, ...]]:
        """Mode of every folder of the course; mode, size and time of every file."""
        found = {}
        for path in [self.root, *self.root.rglob("*")]:
            facts = path.lstat()
            seen = (facts.st_mode, facts.st_uid)
            found[str(path)] = seen if path.is_dir() else (*seen, facts.st_size, facts.st_mtime_ns)
        return found

    def _left_behind(self) -> Iterator[str]:
        """Traces that exploits leave: files by their names, shared memory, processes that lost their parent."""
        for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/"):
            yield from map(str, Path(folder).glob(f"*{_trace(self.root)}*"))
        for kind in ("shm", "msg", "sem"):
            segments = Path("/proc/sysvipc", kind)
            yield from (f"{kind} {line.split()[0]}" for line in segments.read_text().splitlines()[1:])
        for children in Path("/proc/self/task").glob("*/children"):
            yield from (f"process {pid}" for pid in children.read_text().split())
