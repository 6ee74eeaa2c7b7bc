"""items.csv: exercises, checks and known mistakes of a class, each with what its figures say in a sentence."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograder.items.statistics import Array, alpha, correlation, fisher, rest_score, thirds, wilson
from autograder.language import tr
from autograder.results.files import csv_bytes, not_a_formula
from autograder.results.model import Result
from autograder.submissions.names import listed

FEW = 30
"""Below so many students, a correlation says nothing."""
WEAK, SAME, READ = 0.1, 0.95, 3
COLUMNS = (
    *("kind", "exercise", "item", "title", "graded", "ungradeable", "difficulty", "difficulty_low", "difficulty_high"),
    *("r", "r_low", "r_high", "r_other_exercises", "lower_third", "middle_third", "upper_third", "verdict"),
)


@dataclass(frozen=True)
class Item:
    """One row of items.csv. What is not known, or not to be told of so few, is NaN."""

    kind: str
    exercise: str
    name: str
    title: str
    graded: int
    ungradeable: int
    difficulty: float
    interval: tuple[float, float] = (math.nan, math.nan)
    r: float = math.nan
    r_interval: tuple[float, float] = (math.nan, math.nan)
    r_others: float = math.nan
    thirds: tuple[float, ...] = (math.nan, math.nan, math.nan)
    verdict: str = ""
    read: tuple[str, ...] = ()
    """Students whose submissions tell most about it."""

    @property
    def sentence(self) -> str:
        """The verdict, with whom to read."""
        return (
            tr("{verdict}: read {students}", verdict=self.verdict, students=listed(self.read))
            if self.read
            else self.verdict
        )


def analyse(results: Sequence[Result]) -> tuple[list[Item], list[str]]:
    """Every exercise, check and known mistake; and sentences on the class as a whole."""
    names = [(exercise, test.name) for exercise, each in results[0].exercises.items() for test in each.tests]
    titles = {(e, test.name): test.title for e, each in results[0].exercises.items() for test in each.tests}
    exercises = list(results[0].exercises)
    scores, maxima = _checks(results, names)
    parts = np.array([[_points(result, exercise) for exercise in exercises] for result in results])
    part_maxima = np.array([results[0].exercises[exercise].max_score for exercise in exercises])
    students = [result.student for result in results]
    items = []
    for place, exercise in enumerate(exercises):
        others = np.arange(len(exercises)) != place
        rest = rest_score(parts, part_maxima, others)
        share = parts[:, place] / part_maxima[place]
        items.append(_item("exercise", exercise, exercise, "", share, rest, rest, students))
    checks = [
        _item(
            "check",
            exercise,
            name,
            titles[exercise, name],
            scores[:, place] / maxima[place],
            rest_score(scores, maxima, np.arange(len(names)) != place),
            rest_score(scores, maxima, np.array([other != exercise for other, _ in names])),
            students,
        )
        for place, (exercise, name) in enumerate(names)
        if maxima[place] > 0
    ]
    items += _with_redundant(checks, scores, maxima, names)
    items += _mistakes(results, exercises, parts, part_maxima)
    return items, _class(parts, part_maxima)


def items_csv(items: Sequence[Item]) -> bytes:
    """The rows as a file."""
    rows = []
    for item in items:
        numbers = (item.difficulty, *item.interval, item.r, *item.r_interval, item.r_others, *item.thirds)
        told = [item.kind, item.exercise, item.name, item.title, str(item.graded), str(item.ungradeable)]
        figures = ["" if math.isnan(number) else f"{number:.3f}" for number in numbers]
        rows.append([*map(not_a_formula, told), *figures, not_a_formula(item.sentence)])
    return csv_bytes(COLUMNS, rows)


def _checks(results: Sequence[Result], names: Sequence[tuple[str, str]]) -> tuple[Array, Array]:
    rows = []
    maxima: dict[tuple[str, str], float] = {}
    for result in results:
        found = {}
        for exercise, each in result.exercises.items():
            for test in each.tests:
                maxima[exercise, test.name] = test.max_score
                found[exercise, test.name] = test.score if each.status == "graded" else math.nan
        rows.append([found.get(name, math.nan) for name in names])
    return np.array(rows, dtype=float), np.array([maxima[name] for name in names], dtype=float)


def _points(result: Result, exercise: str) -> float:
    each = result.exercises[exercise]
    return each.score if each.status == "graded" else math.nan


def _item(
    kind: str, exercise: str, name: str, title: str, item: Array, rest: Array, others: Array, students: Sequence[str]
) -> Item:
    there = item[~np.isnan(item)]
    binary = bool(np.isin(there, (0.0, 1.0)).all())
    interval = wilson(int(there.sum()), there.size) if binary else (math.nan, math.nan)
    r, both = correlation(item, rest)
    difficulty = float(there.mean()) if there.size else math.nan
    verdict = tr("nobody fails it") if there.size and there.min() == 1 else ""
    if there.size < FEW:
        counts = there.size, item.size - there.size
        return Item(kind, exercise, name, title, *counts, difficulty, interval, verdict=verdict)
    low, high = fisher(r, both)
    profile = thirds(item, rest)
    read: tuple[str, ...] = ()
    if not verdict and not math.isnan(high) and high < WEAK:
        best = np.flatnonzero((item < 1) & ~np.isnan(rest))
        best = best[np.argsort(-rest[best], kind="stable")][:READ]
        verdict = tr("does not separate (r from {low:.2f} to {high:.2f})", low=low, high=high)
        if profile[2] <= profile[0]:
            verdict, read = tr("the best fail it, too"), tuple(students[int(place)] for place in best)
    return Item(
        *(kind, exercise, name, title, there.size, item.size - there.size, difficulty, interval),
        *(r, (low, high), correlation(item, others)[0], tuple(profile), verdict, read),
    )


def _with_redundant(
    checks: Sequence[Item], scores: Array, maxima: Array, names: Sequence[tuple[str, str]]
) -> list[Item]:
    """Checks of one exercise that fail only together, by phi: of 0/1 items it is the correlation."""
    place_of = {name: place for place, name in enumerate(names)}
    told = []
    for item in checks:
        own = scores[:, place_of[item.exercise, item.name]] >= maxima[place_of[item.exercise, item.name]]
        twins = []
        for other in checks:
            if other.exercise == item.exercise and other.name != item.name and not item.verdict and item.graded >= FEW:
                place = place_of[other.exercise, other.name]
                there = ~np.isnan(scores[:, place])
                full = np.where(there, scores[:, place] >= maxima[place], math.nan)
                if correlation(np.where(there, own, math.nan), full)[0] >= SAME:
                    twins.append(other.name)
        told.append(replace(item, verdict=tr("fails only with {twins}", twins=listed(twins))) if twins else item)
    return told


def _mistakes(results: Sequence[Result], exercises: Sequence[str], parts: Array, maxima: Array) -> list[Item]:
    """Known mistakes, as the distractors of an exercise: who makes one should be worse elsewhere, not better."""
    made: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, result in enumerate(results):
        for exercise, each in result.exercises.items():
            for diagnosis in each.diagnosis:
                made[exercise, diagnosis.mistake, diagnosis.title].append(place)
    items = []
    for (exercise, name, title), makers in sorted(made.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        place = exercises.index(exercise)
        rest = rest_score(parts, maxima, np.arange(len(exercises)) != place)
        graded = int((~np.isnan(parts[:, place])).sum())
        there = rest[makers][~np.isnan(rest[makers])]
        known = rest[~np.isnan(rest)]
        verdict = ""
        if there.size and known.size:
            theirs, all_of = 100 * there.mean(), 100 * known.mean()
            verdict = tr(
                "those who made it have {theirs:.0f} % elsewhere, the class {every:.0f} %",
                theirs=theirs,
                every=all_of,
            )
            if there.size >= READ and there.mean() > known.mean():
                verdict = tr("{verdict}: read the check before the students", verdict=verdict)
        interval = wilson(len(makers), graded)
        items.append(
            Item(
                *("mistake", exercise, name, title, graded, len(results) - graded, len(makers) / graded, interval),
                verdict=verdict,
            )
        )
    return items


def _class(parts: Array, maxima: Array) -> list[str]:
    value, error, students = alpha(parts)
    apart = int(np.isnan(parts).any(axis=1).sum())
    said = [tr("{count} submissions, {apart} with an exercise that cannot be graded", count=len(parts), apart=apart)]
    if math.isnan(value):
        said.append(tr("Alpha is not defined: it takes two exercises, three students and different totals"))
    else:
        said.append(
            tr(
                "Alpha over {count} exercises {value:.2f} ({students} students), standard error {error:.1f} "
                "of {most:g} points",
                count=parts.shape[1],
                value=value,
                students=students,
                error=error,
                most=maxima.sum(),
            )
        )
    if len(parts) < FEW:
        said.append(tr("Fewer than {few} students: difficulties only, correlations would say nothing", few=FEW))
    return said
