"""Three exercises, and ways to hand them in."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest

from autograder.submissions.model import Contents, Expected, Submission
from autograder.submissions.read import read_submission

RESIDUAL_BLOCK = "from torch import nn\n\n\nclass ResidualBlock(nn.Module):\n    pass\n"
SE_BLOCK = "from torch import nn\n\n\nclass SEBlock(nn.Module):\n    pass\n"
CLIP_GRAD = (
    "def clip_grad(parameters, max_norm):\n    pass\n\n\ndef clip_grad_value(parameters, clip_value):\n    pass\n"
)

Files = Mapping[str, "str | bytes"]


@pytest.fixture
def sources() -> dict[str, str]:
    """A right answer, as far as this room can tell, for each file."""
    return {"residual_block.py": RESIDUAL_BLOCK, "se_block.py": SE_BLOCK, "clip_grad.py": CLIP_GRAD}


@pytest.fixture
def expected() -> tuple[Expected, ...]:
    return (
        Expected("residual_block", "residual_block.py", ("ResidualBlock",)),
        Expected("se_block", "se_block.py", ("SEBlock",)),
        Expected("clip_grad", "clip_grad.py", ("clip_grad", "clip_grad_value")),
    )


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[[Files], Path]:
    """Writes files into a student's folder and returns the folder."""

    def write(files: Files) -> Path:
        folder = tmp_path / "kim"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


@pytest.fixture
def read(expected: tuple[Expected, ...]) -> Callable[[Path], Contents]:
    """Reads one submission and checks what holds for every one: each exercise is in exactly one place."""

    def read_path(path: Path) -> Contents:
        contents = read_submission(Submission("kim", path), expected)
        found = [*contents.sources, *contents.problems]
        assert sorted(found) == sorted(wanted.exercise for wanted in expected)
        assert all(source.exercise == exercise for exercise, source in contents.sources.items())
        assert all(problem.exercise == exercise for exercise, problem in contents.problems.items())
        return contents

    return read_path


@pytest.fixture
def zipped() -> Callable[..., bytes]:
    """Bytes of a zip archive. `mode` is the Unix mode of every member."""

    def make(
        files: Files, mode: int = stat.S_IFREG | 0o644, compression: int = zipfile.ZIP_DEFLATED, system: int = 3
    ) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression) as archive:
            for name, content in files.items():
                member = zipfile.ZipInfo(name)
                member.create_system = system
                member.external_attr = mode << 16
                member.compress_type = compression
                archive.writestr(member, content)
        return buffer.getvalue()

    return make


@pytest.fixture
def notebook() -> Callable[..., str]:
    """JSON of a notebook with these code cells; a cell that begins with `#md ` is a Markdown cell."""

    def make(*cells: str) -> str:
        made = nbformat.v4.new_notebook()
        for cell in cells:
            if cell.startswith("#md "):
                made.cells.append(nbformat.v4.new_markdown_cell(cell.removeprefix("#md ")))
            else:
                made.cells.append(nbformat.v4.new_code_cell(cell))
        return str(nbformat.writes(made))

    return make
