"""One image, made by setup.sh as Gradescope makes it, and the marks that the command line gives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from autograder.errors import UsageError
from autograder.packaging.autograder_zip import build_autograder_zip
from tools.gradescope.container import require_root
from tools.gradescope.simulate import image_of

sys.path.insert(0, str(Path(__file__).parents[2] / "hostile"))
sys.path.insert(0, str(Path(__file__).parent))
from corpus import WHOLE
from stage import ROOT, SEED, Simulated


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    try:
        require_root()
    except UsageError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("gradescope")
    package = build_autograder_zip(ROOT, "core", folder)
    said = os.dup(1), os.dup(2)
    with open(folder / "said", "wb") as file, pytest.MonkeyPatch.context() as patch:
        if not WHOLE:  # what is imported is compiled when the image is checked; all the rest takes ten seconds
            patch.setenv("PIP_COMPILE", "0")
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            image, built, _ = image_of(package, Path("/"), folder / "images")
        finally:
            for stream, kept in zip((1, 2), said, strict=True):
                os.dup2(kept, stream)
                os.close(kept)
    yield Simulated(package, image, built, (folder / "said").read_text())
    shutil.rmtree(folder, ignore_errors=True)  # a gigabyte


@pytest.fixture(scope="session")
def on_the_command_line(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], dict[str, Any]]:
    """Results of `autograder grade` with the same seed, by student."""

    def grade(submissions: Path) -> dict[str, Any]:
        out = tmp_path_factory.mktemp("graded")
        command = [sys.executable, "-m", "autograder", "grade", "core", str(submissions), "--out", str(out)]
        subprocess.run([*command, "--seed", str(SEED)], cwd=ROOT, check=True, capture_output=True)
        return {path.stem: json.loads(path.read_text()) for path in (out / "results").glob("*.json")}

    return grade


@pytest.fixture(scope="session")
def valid_results() -> Callable[[object], None]:
    """Raises for what is no results.json by Gradescope's specification."""
    schema = json.loads((ROOT / "tests/autograder/gradescope/results.schema.json").read_text())
    return lambda document: jsonschema.validate(document, schema)
