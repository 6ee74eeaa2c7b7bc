"""Builds the engine's own wheel, the same bytes from the same sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import autograder
from autograder.errors import UsageError
from autograder.packaging.zips import Member, zip_bytes

_EPOCH = "315532800"  # 1980-01-01, the earliest that a zip can tell


def engine_folder() -> Path:
    """The folder of the engine's pyproject.toml. Raises UsageError when it was installed without its sources."""
    folder = Path(autograder.__file__).resolve().parents[1]
    if not (folder / "pyproject.toml").is_file():
        raise UsageError(f"{folder} has no pyproject.toml: packages are made from a clone, run this there")
    return folder


def engine_wheel() -> Member:
    """The wheel under its file name. Raises UsageError when it cannot be built."""
    with tempfile.TemporaryDirectory(prefix="autograder-wheel-") as name:
        # In a copy: setuptools leaves a folder `build` behind, and puts what lies in an old one into the wheel.
        sources, out = Path(name, "sources"), Path(name, "out")
        for file in ("pyproject.toml", "LICENSE"):
            sources.mkdir(exist_ok=True)
            shutil.copy(engine_folder() / file, sources)
        shutil.copytree(engine_folder() / "autograder", sources / "autograder", ignore=_not_source)
        _build(sources, out)
        wheel = next(out.glob("*.whl"))
        return Member(wheel.name, _repacked(wheel))


def _build(sources: Path, out: Path) -> None:
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    finished = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(out), str(sources)],
        env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise UsageError(f"the engine's wheel cannot be built:\n{finished.stdout}{finished.stderr}")


def _repacked(wheel: Path) -> bytes:
    """The same members with permissions that do not come from this machine."""
    with zipfile.ZipFile(wheel) as file:
        return zip_bytes(Member(name, file.read(name)) for name in file.namelist())


def _not_source(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or name.endswith(".pyc")}
