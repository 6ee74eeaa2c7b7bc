"""A simulated Gradescope: an image made by setup.sh, a submission graded in it, and what the student would see.

What is like the real thing: the paths, root without the right to make namespaces, half a processor and 0.75 GB, the
limit on time, a fresh /autograder/submission, its metadata. What is not: the base image is this machine's system, or
the folder of another one, and nothing is uploaded.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.gradescope.policy import SEED_VARIABLE
from autograder.results.whole import write_whole
from tools.gradescope.container import GRADESCOPE, Ended, Size, require_root, run_in_container
from tools.gradescope.enter import Mount

_BUILT = "built.json"
_LAYERED = ("usr", "etc", "var")
"""Folders of the base system that setup.sh may change; the changes are kept beside the image."""
_LINKED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FROM_OUTSIDE = ("/etc/resolv.conf", "/etc/hosts")


@dataclass(frozen=True)
class Image:
    """What `docker build` would have made: a file system in which setup.sh has run."""

    folder: Path
    base: Path
    """The root of the system below it."""
    mounts: tuple[Mount, ...] = ()
    """What else is seen inside."""

    @property
    def root(self) -> Path:
        """The container's root folder, where nothing of the base is seen from outside."""
        return self.folder / "root"

    @property
    def home(self) -> Path:
        """The container's /autograder."""
        return self.root / "autograder"

    def run(self, command: str, environment: Mapping[str, str], size: Size, output: Path | None = None) -> Ended:
        """Run a program of the image as root in a container; what it prints goes to `output`, if that is named."""
        layers = [
            Mount(f"/{name}", str(self.base / name), upper=str((self.folder / "changes" / name).resolve()))
            for name in _LAYERED
        ]
        outside = [Mount(path, path) for path in _FROM_OUTSIDE if self.base != Path("/") and Path(path).is_file()]
        settings = {"PATH": _PATH, "HOME": "/root", "LANG": "C.UTF-8", **environment}
        return run_in_container(self.root, [*layers, *outside, *self.mounts], (command,), settings, size, output)


@dataclass(frozen=True)
class Built:
    """How the image was made."""

    seconds: float
    megabytes: float
    """What setup.sh has added."""


def new_image(folder: Path, base: Path, package: Path, mounts: tuple[Mount, ...] = ()) -> Image:
    """An image in which the autograder's zip is unpacked as Gradescope does it, before setup.sh."""
    image = Image(folder, base.resolve(), mounts)
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("root", "home", "opt", "run", "autograder/results", "autograder/submission"):
        (image.root / name).mkdir(parents=True, exist_ok=True)
    for name in _LINKED:
        if (image.base / name).is_symlink():
            (image.root / name).symlink_to(os.readlink(image.base / name))
    source = image.home / "source"
    with zipfile.ZipFile(package) as file:
        file.extractall(source)
    for program in ("setup.sh", "run_autograder"):
        (source / program).chmod(0o755)
    shutil.copy(source / "run_autograder", image.home / "run_autograder")
    return image


def build_image(image: Image) -> Built:
    """Run setup.sh, with the settings that pip has on this machine. Raises UsageError when it fails."""
    environment, mounts = _pip_settings()
    before = _megabytes(image)
    image_with_wheels = Image(image.folder, image.base, (*image.mounts, *mounts))
    ended = image_with_wheels.run("/autograder/source/setup.sh", environment, Size())
    if ended.status != 0:
        raise UsageError(f"setup.sh ended with status {ended.status}; what it said is above")
    built = Built(ended.seconds, _megabytes(image) - before)
    write_whole(image.folder / _BUILT, json.dumps({"seconds": built.seconds, "megabytes": built.megabytes}).encode())
    return built


def image_of(package: Path, base: Path, folder: Path) -> tuple[Image, Built, bool]:
    """The image for this zip on this base: one made before with the same, or a new one; whether it is new."""
    key = hashlib.sha256(package.read_bytes() + str(base.resolve()).encode()).hexdigest()[:12]
    image = Image(folder / key, base.resolve())
    try:
        return image, Built(**json.loads((image.folder / _BUILT).read_bytes())), False
    except (OSError, ValueError, TypeError):
        image = new_image(folder / key, base, package)
        return image, build_image(image), True


def place_submission(image: Image, submission: Path, metadata: Mapping[str, Any]) -> None:
    """Lay out what Gradescope does before it grades. A zip is unpacked, as it is on upload. Raises UsageError."""
    target = image.home / "submission"
    for folder in (target, image.home / "results", image.root / "tmp"):
        shutil.rmtree(folder, ignore_errors=True)
    (image.home / "results").mkdir()
    if submission.is_dir():
        shutil.copytree(submission, target, symlinks=True, copy_function=_copy)
    elif submission.suffix == ".zip" and zipfile.is_zipfile(submission):
        with zipfile.ZipFile(submission) as file:
            file.extractall(target)
    elif submission.is_file():
        target.mkdir()
        shutil.copy(submission, target)
    else:
        raise UsageError(f"{submission}: no such submission; name a folder, or a .py, .ipynb or .zip file")
    (image.home / "submission_metadata.json").write_text(json.dumps(metadata))


def _copy(source: str, target: str) -> None:
    """Copy a file, or a named pipe as one: whatever is handed in, it is not waited for its other end."""
    if stat.S_ISFIFO(os.stat(source).st_mode):
        os.mkfifo(target)
    else:
        shutil.copy2(source, target)


def sample_metadata(student: str, created_at: datetime | None = None) -> dict[str, Any]:
    """submission_metadata.json as Gradescope would write it for a first submission, made now."""
    moment = created_at or datetime.now(timezone.utc)
    return {
        "id": 1,
        "created_at": moment.isoformat(timespec="microseconds"),
        "assignment": {
            "id": 1,
            "course_id": 1,
            "title": "Simulation",
            "release_date": None,
            "due_date": None,
            "late_due_date": None,
            "group_submission": False,
            "group_size": None,
            "total_points": "100.0",
        },
        "submission_method": "upload",
        "users": [{"id": 1, "name": student, "email": "student@example.edu"}],
        "previous_submissions": [],
    }


@dataclass(frozen=True)
class Graded:
    """One submission after its run."""

    results: dict[str, Any] | None
    """None where results.json is missing or not JSON."""
    ended: Ended


def grade_in(image: Image, seed: int | None, size: Size = GRADESCOPE) -> Graded:
    """Run run_autograder on what was placed, and read what it left."""
    environment = {} if seed is None else {SEED_VARIABLE: str(seed)}
    results_folder = image.home / "results"
    ended = image.run("/autograder/run_autograder", environment, size, results_folder / "stdout")
    try:
        results = json.loads((results_folder / "results.json").read_bytes())
    except (OSError, ValueError):
        results = None
    return Graded(results, ended)


def gradescope(package: Path, submission: Path, base: Path, folder: Path, seed: int | None) -> int:
    """Grade `submission` in a simulated Gradescope, show what the student sees; 0 when it was graded, else 3.

    Raises UsageError where that cannot be done here.
    """
    from tools.gradescope.student_view import show

    require_root()
    started = time.monotonic()
    image, built, new = image_of(package, base, folder)
    print(f"image: {'made' if new else 'made before'}, setup.sh took {built.seconds:.0f} s, {built.megabytes:.0f} MB")
    place_submission(image, submission, sample_metadata(submission.stem))
    graded = grade_in(image, seed)
    if graded.results is None:
        print((image.home / "results" / "stdout").read_text(errors="replace"))
        print("No valid results.json: on Gradescope, the student would see that the autograder failed.")
        return 3
    show(graded.results)
    ended = graded.ended
    limits = f"{ended.cpus:g} CPU" if ended.cpus is not None else "CPU not limited, no control group could be made here"
    print(
        f"graded in {ended.seconds:.1f} s ({limits}), peak memory {ended.peak_bytes / 2**20:.0f} MiB of "
        f"{GRADESCOPE.memory_mib}, {ended.killed} processes ended for want of memory, "
        f"{time.monotonic() - started:.0f} s in all"
    )
    print(f"results.json, and stdout, which instructors see: {image.home / 'results'}")
    return 3 if ended.overrun or not graded.results.get("tests") else 0


def _pip_settings() -> tuple[dict[str, str], list[Mount]]:
    """This machine's settings of pip as variables, and the local folders and files that they name."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    settings = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if name.startswith("global."):
            settings.setdefault(
                f"PIP_{name.removeprefix('global.').upper().replace('-', '_')}", ast.literal_eval(value)
            )
    named = [part.removeprefix("file://") for value in settings.values() for part in value.split()]
    seen = {_whole(Path(part)) for part in named if part.startswith("/") and Path(part).exists()}
    return settings, [Mount(str(path), str(path)) for path in sorted(seen)]


def _whole(path: Path) -> Path:
    """What must be seen for a path that pip is told of: the pages of an index may point to files beside it."""
    top = Path(*path.parts[:2])
    return path if top.name in _LAYERED else top


def _megabytes(image: Image) -> float:
    """Size of all that is in the image and not in its base."""
    total = 0
    for top in (image.folder / "changes", image.root):
        for folder, _, files in os.walk(top):
            total += sum(os.lstat(os.path.join(folder, name)).st_blocks * 512 for name in files)
    return total / 1e6
