"""A simulated Gradescope with `core` on it, and what is asked of it."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.gradescope.container import GRADESCOPE, Size
from tools.gradescope.simulate import Built, Graded, Image, grade_in, place_submission, sample_metadata

ROOT = Path(__file__).resolve().parents[4]
SEED = 2_718_281


@dataclass(frozen=True)
class Simulated:
    """An image with its zip."""

    package: Path
    image: Image
    built: Built
    said: str
    """What setup.sh printed."""

    @property
    def images(self) -> Path:
        return self.image.folder.parent

    def grade(self, submission: Path, size: Size = GRADESCOPE) -> Graded:
        place_submission(self.image, submission, sample_metadata(submission.stem))
        return grade_in(self.image, SEED, size)

    def printed(self) -> str:
        """What the last run printed, which instructors see."""
        return (self.image.home / "results" / "stdout").read_text(errors="replace")


def replace_payload(simulated: Simulated, package: Path) -> None:
    """Put the suites and solutions of another zip into the image, which spares a new one."""
    payload = simulated.image.home / "source" / "payload"
    shutil.rmtree(payload)
    with zipfile.ZipFile(package) as file:
        names = [name for name in file.namelist() if name.startswith("payload/")]
        file.extractall(simulated.image.home / "source", names)
