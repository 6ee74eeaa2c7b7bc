"""The command line of `make gradescope`.

python -m tools.gradescope ASSIGNMENT SUBMISSION [--package ZIP] [--base FOLDER] [--images FOLDER] [--seed N]
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from autograder.cli import main
from autograder.course.layout import find_project
from autograder.errors import UsageError
from autograder.packaging.autograder_zip import build_autograder_zip
from tools.gradescope.simulate import gradescope

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def run(
    assignment: Annotated[str, typer.Argument(help="name of the assignment, for example core")],
    submission: Annotated[Path, typer.Argument(help="one submission: a folder, .py, .ipynb or .zip")],
    package: Annotated[Optional[Path], typer.Option(help="the autograder's zip; made anew when not given")] = None,  # noqa: UP045
    base: Annotated[Path, typer.Option(help="root folder of the system that the image is based on")] = Path("/"),
    images: Annotated[Path, typer.Option(help="folder that keeps images")] = Path("dist/gradescope-images"),
    seed: Annotated[Optional[int], typer.Option(help="run seed; the submission's own when not given")] = None,  # noqa: UP045
) -> None:
    """Grade one submission in a simulated Gradescope container and show what the student would see. Needs root."""
    for path in filter(None, (package, submission)):
        if not path.exists():  # known now, not when the image has been made
            raise UsageError(f"{path} does not exist; name the autograder's zip, and one submission")
    zipped = package or build_autograder_zip(find_project(Path.cwd()), assignment, Path("dist"))
    raise typer.Exit(gradescope(zipped, submission, base, images, seed))


if __name__ == "__main__":
    main(app)
