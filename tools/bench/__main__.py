"""The command line of `make bench`: python -m tools.bench [--out FILE] [--largest N]"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import main
from tools.bench.measure import measure_all

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def run(
    out: Annotated[Path, typer.Option(help="file for the figures")] = Path("bench.json"),
    largest: Annotated[int, typer.Option(min=1, help="largest class to grade")] = 1000,
) -> None:
    """Measure speed and memory, and write the figures to bench.json."""
    measure_all(Path.cwd(), out, largest)


if __name__ == "__main__":
    main(app)
