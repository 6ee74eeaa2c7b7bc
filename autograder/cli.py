"""The command line. Starts the zygote before it imports anything slow, so that torch loads while we get ready."""

from __future__ import annotations

import gc
import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from autograder import __version__
from autograder.class_cli import COMMANDS
from autograder.errors import UsageError

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)

USAGE = 2
NEXT_STEPS = """
Change these to your exercise, one at a time, and see after each what the suite makes of it:
  .venv/bin/autograder verify {assignment} --exercise {exercise}
Then renew what students get, and check that all fits:
  .venv/bin/autograder renew {assignment}
  .venv/bin/autograder check
docs/suites.md has the helpers and the rules."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show the version and exit")
    ] = False,
) -> None:
    """Grade PyTorch assignments by hidden test suites."""


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="name of the assignment, for example core")],
    path: Annotated[Path, typer.Argument(help="a class folder, a download of an LMS, or one submission")],
    out: Annotated[Path, typer.Option(help="folder for grades.csv, results/ and feedback/")] = Path("results"),
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**53 - 1, help="run seed; drawn and recorded when not given")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="graders at work at once, with --cluster ssh: on each host; default: all cores"),
    ] = None,
    isolation: Annotated[
        str, typer.Option(help="full: all that this machine offers; none: only separate processes")
    ] = "full",
    roster: Annotated[Path | None, typer.Option(help="the class as CSV: who handed in nothing has a row, too")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="only this student, by the name in grades.csv (may be repeated); the others keep their results"
        ),
    ] = None,
    language: Annotated[str, typer.Option(help="of messages, pages and the terminal; default: the assignment's")] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh/--resume", help="grade all anew; default: only what OUT does not hold yet")
    ] = False,
    shard: Annotated[
        str, typer.Option(metavar="K/N", help="only this part of the class, to be joined by `merge`; with --seed")
    ] = "",
    cluster: Annotated[
        str, typer.Option(metavar="ADDRESS", help="grade on Dask workers: local, tls://host:port, or ssh:host,host")
    ] = "",
) -> None:
    """Grade a class and write grades.csv, results/*.json and feedback/*.md."""
    if cluster:
        _check_cluster(cluster, jobs)
    if isolation not in ("full", "none"):
        raise UsageError(f"--isolation {isolation}: choose full or none")
    if shard and seed is None:
        raise UsageError(f"--shard {shard} needs --seed N, the same for all shards")
    if shard and only:
        raise UsageError(
            f"--shard {shard} grades a part of the class, --only {only[0]} one student: choose one of them"
        )
    from autograder.sandbox.launcher import Zygote

    with Zygote(isolation) as zygote:
        from autograder.run import Request, grade_class
        from autograder.shards import shard_of

        part = shard_of(shard) if shard else None
        asked = Request(assignment, path, out, jobs or 0, seed, roster, only or (), fresh, part, language, cluster)
        status = grade_class(zygote, asked, zygote.hang_up)
    gc.freeze()  # or Python would look through all that there is for garbage before it ends
    raise typer.Exit(status)


def _check_cluster(address: str, jobs: int | None) -> None:
    kind, _, hosts = address.partition(":")
    if address != "local" and kind != "tls" and (kind != "ssh" or not all(hosts.split(","))):
        raise UsageError(
            f"--cluster {address}: write local, tls://host:port or ssh:host,host; solutions go nowhere unencrypted"
        )
    if kind == "tls" and jobs is not None:
        raise UsageError(f"--cluster {address} has as many workers as were started there: leave out --jobs")
    if find_spec("distributed") is None or find_spec("cryptography") is None:
        raise UsageError(f"--cluster {address} needs Dask: .venv/bin/pip install -e '.[cluster]'")


@app.command()
def check() -> None:
    """Check every assignment: what is generated is up to date, handouts say what the stubs say, points add up."""
    from autograder.check import check_project

    check_project(Path.cwd())


@app.command()
def renew(
    assignment: Annotated[list[str] | None, typer.Argument(help="only these assignments; default: all")] = None,
) -> None:
    """Make stubs, handouts and notebook anew from solutions and sections, where they are out of date."""
    from autograder.packaging.generated import renew_all

    renew_all(Path.cwd(), assignment or [])


@app.command()
def build(
    assignment: Annotated[list[str] | None, typer.Argument(help="only these assignments; default: all")] = None,
    out: Annotated[Path, typer.Option(help="folder for the zips")] = Path("dist"),
) -> None:
    """Make the student's and the autograder's zip of every assignment."""
    from autograder.packaging.build import build_all

    build_all(Path.cwd(), assignment or (), out)


@app.command()
def new(
    exercise: Annotated[str, typer.Argument(help="name of the new exercise, for example channel_scale")],
    assignment: Annotated[str, typer.Option(help="the assignment that it joins")],
    kind: Annotated[str, typer.Option(help="module, function, or training, with a beside.py")] = "module",
) -> None:
    """Make all files of a new exercise, a draft that is proven as it stands."""
    from autograder.authoring.new import new_exercise

    _say_what_was_made(new_exercise(Path.cwd(), assignment, exercise, kind), assignment, exercise)


@app.command()
def new_assignment(
    name: Annotated[str, typer.Argument(help="name of the new assignment, for example week5")],
    title: Annotated[str, typer.Option(help="the title that students see; default: from the name")] = "",
    exercise: Annotated[str, typer.Option(help="name of its first exercise")] = "first_exercise",
    kind: Annotated[str, typer.Option(help="module, function, or training, with a beside.py")] = "module",
) -> None:
    """Make a new assignment with a first exercise, a draft that is proven as it stands."""
    from autograder.authoring.new import new_assignment

    title = title.strip() or name.replace("_", " ").capitalize()
    _say_what_was_made(new_assignment(Path.cwd(), name, title, exercise, kind), name, exercise)


def _say_what_was_made(paths: list[Path], assignment: str, exercise: str) -> None:
    for path in paths:
        typer.echo(os.path.relpath(path))
    typer.echo(NEXT_STEPS.format(assignment=assignment, exercise=exercise))


@app.command()
def verify(
    assignment: Annotated[str, typer.Argument(help="name of the assignment, for example core")],
    json: Annotated[Path | None, typer.Option(help="write the report as JSON")] = None,
    html: Annotated[Path | None, typer.Option(help="write the matrix as a page")] = None,
    exercise: Annotated[list[str] | None, typer.Option(help="only this exercise (may be repeated)")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="only solution, alternative, mistake, hollow, stub, mutant")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="how many seeds to try each with, from 0")] = 1,
    jobs: Annotated[int | None, typer.Option(min=1, help="graders at work at once; default: all cores")] = None,
    language: Annotated[str, typer.Option(help="of messages, page and terminal; default: the assignment's")] = "",
    only: Annotated[str, typer.Option(help="only what has this in its name, for example no_final_relu")] = "",
    messages: Annotated[bool, typer.Option(help="print points and messages of each, but of mutants")] = False,
) -> None:
    """Prove the suites: solution and alternatives get full marks, mistakes and mutants lose points, half of the
    mistakes fail a public check, the stub gets 0, and what computes nothing next to nothing.
    """
    from autograder.sandbox.launcher import Zygote

    with Zygote() as zygote:
        from autograder.batch.graders import cores
        from autograder.verify.run import verify as prove
        from autograder.verify.trials import KINDS

        unknown = sorted(set(kind or ()) - set(KINDS))
        if unknown:
            raise UsageError(f"--kind {unknown[0]}: choose among {', '.join(KINDS)}")
        many = jobs or cores()
        status = prove(
            zygote, assignment, kind or KINDS, exercise or (), range(seeds), many, json, html, language, only, messages
        )
    raise typer.Exit(status)


@app.command()
def otter(
    package: Annotated[Path, typer.Argument(help="the autograder's zip, for example dist/core-autograder.zip")],
    submission: Annotated[Path, typer.Argument(help="one submission: a folder, .py, .ipynb or .zip")],
    out: Annotated[Path, typer.Option(help="folder for results.json")] = Path("results"),
) -> None:
    """Grade one submission with `otter run`, which by itself takes no submission of several notebooks or scripts."""
    from autograder.packaging.otter_run import otter_run

    raise typer.Exit(otter_run(package, submission, out))


for command in COMMANDS:
    app.command()(command)


def main(app: typer.Typer = app) -> None:
    """Run a command line; errors that are meant for people are shown without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what this terminal cannot show
    try:
        if "" in sys.argv[1:]:
            raise UsageError("an argument is empty; write a name or a path there, or leave it out")
        app()
    except UsageError as error:
        sys.stderr.write(f"autograder: {error}\n")
        sys.exit(USAGE)
    except OSError as error:
        if error.filename is None:
            raise
        sys.stderr.write(f"autograder: {os.fsdecode(error.filename)}: {error.strerror}\n")
        sys.exit(USAGE)


if __name__ == "__main__":
    main()
