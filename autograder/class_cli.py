"""The commands on a class that has been graded. None of them grades, and none of them loads torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path, typer.Argument(help="the folder that `autograder grade --out` wrote")]


def policy(
    out: Out,
    rules: Annotated[
        Path | None, typer.Option(help="folder of policy.toml, extensions.csv, adjustments.csv, hold.csv; default: OUT")
    ] = None,
) -> None:
    """Marks after lateness, extensions, slip days, adjustments and holds: OUT/marks.csv and OUT/late.csv."""
    from autograder.policy.apply import LATE, MARKS, apply_policy

    _, said = apply_policy(out, rules or out)
    for line in said:
        typer.echo(line)
    typer.echo(f"Marks: {out / MARKS}")
    typer.echo(f"Lateness: {out / LATE}")


def add_commands(app: typer.Typer) -> None:
    """Add them to the command line."""
    for command in (policy,):
        app.command()(command)
