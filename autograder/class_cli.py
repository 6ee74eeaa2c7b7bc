"""The commands on a class that has been graded. None of them grades, and none of them loads torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.errors import UsageError
from autograder.language import require_language, speak, tr, tr_n

Out = Annotated[Path, typer.Argument(help="the folder that `autograder grade --out` wrote")]
Language = Annotated[
    str, typer.Option(help="of what is said and written; messages stay as the run told them; default: the class's")
]


def _speak(out: Path, language: str) -> None:
    """The language that is asked for, else that in which the class was graded. Raises UsageError."""
    from autograder.sources.store import read_class

    language = language or read_class(out).language
    require_language(language)
    speak(language)


def policy(
    out: Out,
    rules: Annotated[
        Path | None, typer.Option(help="folder of policy.toml, extensions.csv, adjustments.csv, hold.csv; default: OUT")
    ] = None,
    language: Language = "",
) -> None:
    """Marks after lateness, extensions, slip days, adjustments and holds: OUT/marks.csv and OUT/late.csv."""
    from autograder.policy.apply import LATE, MARKS, apply_policy

    _speak(out, language)
    typer.echo(apply_policy(out, rules or out))
    typer.echo(tr("Marks: {path}", path=out / MARKS))
    typer.echo(tr("Lateness: {path}", path=out / LATE))


def export(
    out: Out,
    into: Annotated[
        Path | None, typer.Option(help="the gradebook as downloaded from Canvas, Moodle, Blackboard or Brightspace")
    ] = None,
    column: Annotated[str, typer.Option(help="id or title of the column to fill, where there are several")] = "",
    scale: Annotated[bool, typer.Option("--scale", help="convert marks where the sheet has another maximum")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would change")] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="also make the zip of pages, for Canvas and Moodle")
    ] = False,
    language: Language = "",
) -> None:
    """Fill the sheet of an LMS with marks, as a copy in OUT/export; without a sheet, write a table to copy from."""
    from autograder.export.feedback import feedback_zip
    from autograder.export.fill import fill
    from autograder.export.marks import read_marks, scores_csv
    from autograder.export.sheet import read_sheet
    from autograder.policy.apply import read_results
    from autograder.results.whole import write_whole

    _speak(out, language)
    found, marks, by_policy = read_marks(out)
    files: dict[str, bytes] = {}
    if into is not None:
        filled = fill(read_sheet(into), marks, column, scale)
        files[into.name] = filled.content
        for line in filled.said:
            typer.echo(line)
    else:
        files["scores.csv"] = scores_csv(marks, read_results(out, found))
    if feedback:
        files["feedback.zip"], pages = feedback_zip(out, found)
        typer.echo(
            tr_n(
                "{count} page of feedback for {system}",
                "{count} pages of feedback for {system}",
                pages,
                system=found.source,
            )
        )
    typer.echo(
        tr("Marks are those of `autograder policy`") if by_policy else tr("Marks are the scores; no policy was applied")
    )
    if dry_run:
        typer.echo(tr("Nothing was written (--dry-run)"))
        return
    folder = out / "export"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        write_whole(folder / name, content)
        typer.echo(tr("Written: {path}", path=folder / name))


def items(out: Out, language: Language = "") -> None:
    """How hard every exercise and check was, whether it separates, and what to read: OUT/items.csv."""
    from autograder.items.analysis import analyse, items_csv
    from autograder.policy.apply import read_results
    from autograder.results.whole import write_whole
    from autograder.sources.store import read_class

    _speak(out, language)
    results = list(read_results(out, read_class(out)).values())
    if not results:
        raise UsageError(f"{out} has no results: grade a class first.")
    found, said = analyse(results)
    write_whole(out / "items.csv", items_csv(found))
    for line in said:
        typer.echo(line)
    for item in found:
        if item.verdict and item.kind == "check":
            typer.echo(f"  {item.exercise}, {item.name}: {item.sentence}")
    typer.echo(tr("Items: {path}", path=out / "items.csv"))


def diff(
    old: Annotated[Path, typer.Argument(help="the folder of the earlier run")],
    new: Annotated[Path, typer.Argument(help="the folder of the later run")],
    language: Language = "",
) -> None:
    """Whose marks moved between two runs, by how much, by which check, and why; lowered marks first."""
    from autograder.questions.diff import differences, read_run, said

    _speak(new, language)
    runs = read_run(old), read_run(new)
    changes = differences(*runs)
    typer.echo(said(*runs, changes))
    for change in changes:
        for line in change.lines():
            typer.echo(line)


def explain(
    out: Out,
    student: Annotated[str, typer.Argument(help="name, number or e-mail address")],
    exercise: Annotated[str, typer.Argument(help="only this exercise")] = "",
    language: Language = "",
) -> None:
    """All there is to say about a mark: the command that repeats it, checks, messages, policy."""
    from autograder.questions.explain import explain as packet

    _speak(out, language)
    for line in packet(out, student, exercise):
        typer.echo(line)


def report(
    out: Out,
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="pseudonyms only, and nothing that holds a name")
    ] = False,
    language: Language = "",
) -> None:
    """The class in one page: OUT/report.html. `grade` makes it, too; again after `policy` it tells who was late."""
    from autograder.report.write import write_report

    _speak(out, language)
    typer.echo(tr("The class in one page: {page}", page=write_report(out, anonymous)))


def similar(
    out: Out,
    archive: Annotated[
        list[Path] | None, typer.Option(help="results of an earlier year, to compare with (may be repeated)")
    ] = None,
    dolos: Annotated[
        bool, typer.Option("--dolos", help="also write files and an info.csv for Dolos: OUT/dolos")
    ] = False,
    language: Language = "",
) -> None:
    """Pairs to read side by side: rare code in common, or the same rare wrong behaviour; ranks, never a verdict."""
    from autograder.sandbox.launcher import Zygote

    _speak(out, language)  # a wrong folder is told before anything is started
    with Zygote() as zygote:
        from autograder.similar.run import CSV, DOLOS, PAGE
        from autograder.similar.run import similar as compare

        ranked = compare(zygote, out, archive or [], dolos)
    for pair in ranked[:10]:
        typer.echo(pair.line)
    typer.echo(tr("Pairs: {path}", path=out / CSV))
    typer.echo(tr("Side by side: {path}", path=out / PAGE))
    if dolos:
        typer.echo(tr("For Dolos, an exercise each: {path}", path=f"{out / DOLOS}/*/info.csv"))


def outputs(out: Out) -> None:
    """Make grades.csv, results, feedback and instructor's pages again from OUT/gradebook.db, without grading."""
    from autograder.outputs import write_outputs_again

    raise typer.Exit(write_outputs_again(out))


def merge(
    out: Annotated[Path, typer.Argument(help="the folder that `autograder grade --shard` was given as --out")],
    parts: Annotated[
        list[Path] | None, typer.Argument(help="folders of shards that lie elsewhere; default: those in OUT")
    ] = None,
) -> None:
    """Join what shards graded: OUT holds afterwards what one run over the class would have written."""
    from autograder.shards import merge as join

    raise typer.Exit(join(out, parts or []))


COMMANDS = (policy, export, items, report, diff, explain, similar, outputs, merge)
