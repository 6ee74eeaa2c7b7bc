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
    with tempfile.TemporaryDirectory(prefix="autograder-wheel-") as folder:
        # In a copy: setuptools leaves a folder `build` behind, and puts what lies in an old one into the wheel.
        sources, out = Path(folder, "sources"), Path(folder, "out")
        sources.mkdir()
        for name in ("pyproject.toml", "LICENSE"):
            shutil.copy(engine_folder() / name, sources)
        not_source = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(engine_folder() / "autograder", sources / "autograder", ignore=not_source)
        _build(sources, out)
        wheel = next(out.glob("*.whl"))
        with zipfile.ZipFile(wheel) as file:  # packed again: with permissions that do not come from this machine
            return Member(wheel.name, zip_bytes(Member(name, file.read(name)) for name in file.namelist()))


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
