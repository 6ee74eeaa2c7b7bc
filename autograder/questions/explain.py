"""`autograder explain OUT STUDENT [EXERCISE]`: all there is to say about one mark, for a regrade request."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import structs

from autograder.errors import UsageError, did_you_mean
from autograder.language import tr
from autograder.policy.apply import MARK_COLUMNS, MARKS, read_results, read_table
from autograder.results.model import ExerciseResult, Result
from autograder.results.words import remark, run, score, verdict
from autograder.sources.model import ClassList, Row
from autograder.sources.store import read_class
from autograder.submissions.collect import collect, digest_of
from autograder.submissions.names import same_name_key


def explain(out: Path, student: str, exercise: str = "") -> list[str]:
    """The packet as lines. `student` is a name, number or address. Raises UsageError."""
    found = read_class(out)
    row = _row(found, student)
    lines = [f"# {row.student}, {found.assignment}", ""]
    lines += _about(row)
    result = read_results(out, structs.replace(found, students=(row,))).get(row.student)
    if result is None:
        why = tr("Handed in nothing.") if row.attempts == 0 else tr("Could not be graded; grade again to see why.")
        return [*lines, "", why]
    if exercise and exercise not in result.exercises:
        guess = did_you_mean(exercise, result.exercises)
        raise UsageError(f"there is no exercise {exercise}{guess}; there are {', '.join(result.exercises)}")
    lines += ["", f"{tr('Score')}: {score(result.score, result.max_score)}; {remark(result)}", run(result), ""]
    lines += [tr("The same result, byte for byte but seconds:"), f"  {repeat(found, row, result, out)}"]
    if row.digest and digest_of(collect(out / row.path)) != row.digest:
        lines += [tr("{path} is not what was graded: it has changed since, or is gone.", path=out / row.path)]
    lines += [tr("Note: {note}", note=note) for note in result.notes]
    lines += _policy(out, row)
    for name, each in result.exercises.items():
        if not exercise or name == exercise:
            lines += ["", *_exercise(name, each)]
    return lines


def repeat(found: ClassList, row: Row, result: Result, out: Path) -> str:
    """The command that grades this submission again, out of what was handed in with it."""
    command = ["autograder", "grade", result.assignment, found.path, "--only", row.student, "--seed", str(result.seed)]
    return shlex.join([*command, "--language", found.language, "--fresh", "--out", f"{out.absolute()}-again"])


def _row(found: ClassList, student: str) -> Row:
    key = same_name_key(student)
    rows = [row for row in found.students if row.student == student] or [
        row for row in found.students if key in {same_name_key(name) for name in _names(row) if name}
    ]
    if not rows:
        guess = did_you_mean(student, [row.student for row in found.students])
        raise UsageError(f"there is no student {student}{guess}")
    if len(rows) > 1:
        raise UsageError(f"{student} is several: {', '.join(row.student for row in rows)}")
    return rows[0]


def _names(row: Row) -> Iterator[str]:
    yield row.student
    yield row.group
    for member in row.members:
        yield from (member.name, member.id, member.username, member.email)


def _about(row: Row) -> list[str]:
    people = [" ".join(filter(None, (each.name, each.id, each.username, each.email))) for each in row.members]
    facts = (
        (tr("Handed in by"), "; ".join(people)),
        (tr("Handed in at"), row.submitted_at),
        (tr("Late, by the learning system"), "" if row.late is None else tr("yes") if row.late else tr("no")),
        (tr("As"), ", ".join(row.original_names)),
        (tr("Digest"), row.digest),
    )
    return [f"{what}: {told}" for what, told in facts if told]


def _policy(out: Path, row: Row) -> list[str]:
    file = out / MARKS
    if not file.is_file():
        return ["", tr("No policy was applied; the score is the mark.")]
    told = read_table(file, MARK_COLUMNS, f"run `autograder policy {out}` again.")
    return ["", *(_mark(each) for each in told if each["student"] == row.student)]


def _mark(told: Mapping[str, str]) -> str:
    """What a row of marks.csv says of one person."""
    values = {"points": told["mark"], "most": told["max"]}
    points = tr("{points} of {most}", **values) if told["mark"] else tr("no mark")
    said = tr(
        "Policy, {name}: {points} ({status})",
        name=told["name"] or told["student"],
        points=points,
        status=told["status"],
    )
    return f"{said} {told['explanation']}".rstrip()


def _exercise(name: str, each: ExerciseResult) -> list[str]:
    lines = [f"## {name}: {score(each.score, each.max_score)}, {tr(verdict(each))}"]
    lines += [each.message] if each.message else []
    for test in each.tests:
        lines.append(f"- {test.name}: {score(test.score, test.max_score)}, {tr(test.status)}. {test.title}")
        for text in (test.message, test.note, test.fault):
            lines += [f"    {line}" for line in text.splitlines()]
    lines += [
        tr("Behaves like a known mistake: {mistake}. {hint}", mistake=known.title, hint=known.hint)
        for known in each.diagnosis
    ]
    lines += [tr("Evidence: {text}", text=text) for text in each.evidence]
    return lines + [tr("To read: {text}", text=text) for text in each.doubtful]
