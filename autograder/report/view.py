"""What the page says of a class. Nothing here is HTML: the template escapes whatever it is given."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.items.analysis import FEW, Item, analyse
from autograder.language import tr
from autograder.pages.page import page
from autograder.questions.diff import Change
from autograder.report.check_map import check_map, columns
from autograder.report.people import People
from autograder.results.model import Absent, Failure, Result
from autograder.results.prose import prose
from autograder.results.table import faults
from autograder.results.words import GRADED, KnownMistake, known_mistakes, remark
from autograder.sources.model import ClassList

BINS, GROUPS = 10, 5
MOST_ALONE = 50
"""Failures that only one student has, in full; of a large class there are hundreds."""
_LONGEST = 300


@dataclass(frozen=True)
class Part:
    """An exercise: how many could be graded and have all points, and the mean share of each fifth of the class."""

    name: str
    graded: int
    complete: int
    mean: float | None
    by_group: tuple[float | None, ...]


@dataclass(frozen=True)
class Unknown:
    """The same checks fail for one cause, the first of them with the same difference."""

    exercise: str
    checks: tuple[str, ...]
    """Titles, the first to fail first."""
    message: str
    students: tuple[str, ...]


def class_page(
    found: ClassList,
    results: Mapping[str, Result],
    pages: Mapping[str, str],
    late: Sequence[Mapping[str, str]] | None = None,
    changes: Sequence[Change] | None = None,
    anonymous: bool = False,
) -> bytes:
    """The page. `pages` are those of students, by student, from the report's folder on.

    `late` are lines of late.csv, by column; it and `changes` are None where there is nothing to know them from.
    """
    people = People(found, pages, anonymous)
    in_order = [results[row.student] for row in found.students if row.student in results]
    graded = sorted(in_order, key=lambda result: result.score)
    items, said = analyse(in_order) if graded else ([], [])
    checks = columns(in_order)
    groups = [graded[part[0] : part[-1] + 1] for part in np.array_split(np.arange(len(graded)), GROUPS) if part.size]
    unknown = unknown_failures(graded)
    alone = [each for each in unknown if len(each.students) == 1]
    return page(
        "autograder.report",
        "report",
        anonymous=anonymous,
        who=people.of,
        safe=people.safe,
        prose=prose,
        assignment=found.assignment,
        facts=_facts(found, graded),
        faults=faults(graded),
        bars=_bars(graded),
        sizes=[len(group) for group in groups],
        parts=[_part(name, graded, groups) for name in checks],
        checks=checks,
        rows=check_map(results, checks, people),
        few=len(graded) < FEW,
        said=said,
        items=sorted((item for item in items if item.kind == "check"), key=lambda item: not item.verdict),
        mistakes=[(each, _verdict(items, each)) for each in known_mistakes(graded)],
        unknown=[each for each in unknown if len(each.students) > 1],
        alone=alone[:MOST_ALONE],
        alone_left=len(alone[MOST_ALONE:]),
        remarks=_remarks(found, results),
        late=late,
        changes=changes,
    )


def unknown_failures(results: Iterable[Result]) -> list[Unknown]:
    """Failures that no known mistake explains, the largest groups first: the next mistake for the bank is among them.

    What is not written yet, or could not be graded, is no failure.
    """
    alike: defaultdict[tuple[str, tuple[str, ...], str], list[str]] = defaultdict(list)
    for result in results:
        for name, exercise in result.exercises.items():
            failing = [test for test in exercise.tests if test.status != "passed" and exercise.status == GRADED]
            known = {diagnosis.cause for diagnosis in exercise.diagnosis}
            for cause in dict.fromkeys(test.cause for test in failing):
                of_cause = [test for test in failing if test.cause == cause]
                failure = of_cause[0]
                if cause in known or failure.kind == "not_written":
                    continue
                # Where the student's code raised is another line in everybody's file.
                places = [f" ({each.where}" for each in exercise.excerpts if each.line == failure.line]
                first = failure.message.partition("\n")[0].partition(places[0] if places else "\n")[0]
                first = first if len(first) <= _LONGEST else f"{first[:_LONGEST]} ..."
                alike[name, tuple(test.title for test in of_cause), first].append(result.student)
    found = [Unknown(*key, tuple(sorted(students))) for key, students in alike.items()]
    return sorted(found, key=lambda each: (-len(each.students), each.exercise, each.message, each.checks))


def _facts(found: ClassList, graded: Sequence[Result]) -> list[tuple[str, str]]:
    nothing = sum(row.attempts == 0 for row in found.students)
    facts = [(tr("Students"), str(len(found.students))), (tr("Graded"), str(len(graded)))]
    facts += [(tr("Handed in nothing"), str(nothing))] if nothing else []
    facts += [(tr("Download of"), found.source)] if found.source else []
    if graded:
        scores = [result.score for result in graded]
        facts += [
            (
                tr("Median"),
                tr("{median:.4g} of {most:g}", median=statistics.median(scores), most=graded[0].max_score),
            ),
            (
                tr("Mean"),
                tr(
                    "{mean:.1f}, standard deviation {deviation:.1f}",
                    mean=statistics.fmean(scores),
                    deviation=statistics.pstdev(scores),
                ),
            ),
            (tr("Isolation"), _each(graded, lambda result: result.isolation)),
            (tr("Seed"), _each(graded, lambda result: str(result.seed))),
            (tr("Suite"), _each(graded, lambda result: result.suite)),
        ]
    return facts


def _each(graded: Sequence[Result], what: Callable[[Result], str]) -> str:
    """What all results have in common, or how many have which: some may be of an earlier run."""
    counts = Counter(map(what, graded)).most_common(4)
    return counts[0][0] if len(counts) == 1 else ", ".join(f"{value} ({count} x)" for value, count in counts)


def _bars(graded: Sequence[Result]) -> list[tuple[int, int, int]]:
    """From and up to which percent of the points, and how many students have that."""
    width = 100 // BINS
    counts = Counter(min(int(BINS * result.score / (result.max_score or 1)), BINS - 1) for result in graded)
    return [(width * place, width * (place + 1), counts[place]) for place in range(BINS)]


def _part(name: str, graded: Sequence[Result], groups: Sequence[Sequence[Result]]) -> Part:
    def shares(results: Sequence[Result]) -> list[float]:
        there = [result.exercises[name] for result in results if name in result.exercises]
        return [each.score / (each.max_score or 1) for each in there if each.status == GRADED]

    def mean(values: Sequence[float]) -> float | None:
        return statistics.fmean(values) if values else None

    every = shares(graded)
    return Part(
        name, len(every), sum(share >= 1 for share in every), mean(every), tuple(mean(shares(each)) for each in groups)
    )


def _verdict(items: Sequence[Item], known: KnownMistake) -> str:
    """What its makers are otherwise like. Of several names for one behaviour, the first speaks for all."""
    for item in items:
        if item.kind == "mistake" and item.exercise == known.exercise and known.title.startswith(item.title):
            return item.verdict
    return ""


def _remarks(found: ClassList, results: Mapping[str, Result]) -> dict[str, list[str]]:
    """Students by what has to be said of them."""
    said: dict[str, list[str]] = {}
    for row in found.students:
        absent = Absent(row.student) if row.attempts == 0 else Failure(row.student, tr("no result"))
        text = remark(results.get(row.student, absent))
        if text != tr(GRADED):
            said.setdefault(text, []).append(row.student)
    return said
