"""Pairs of a class, by what they have in common that is rare. Figures are ranks and distances in this class."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from autograder.language import tr
from autograder.results.model import Result
from autograder.similar.fragments import fragments

LEAST = 20
"""Fragments of one's own that an exercise must have to count: a short one proves nothing."""
Code = Mapping[str, Mapping[str, str]]
"""Text by student and exercise."""


@dataclass
class Pair:
    """Two students. `evidence` is the weight of rare fragments that both have, over all exercises."""

    first: str
    second: str
    evidence: float
    z: float = 0.0
    """How far it is from the class's median pair, in robust standard deviations."""
    dice: dict[str, float] = field(default_factory=dict)
    """By exercise: the weight in common, as a share of what both have."""
    same_wrong: tuple[str, ...] = ()
    """Exercises in which both fail alike, as few others do, and like no known mistake."""

    @property
    def line(self) -> str:
        """The pair in a line."""
        told = tr(
            "{first} and {second}: evidence {evidence:.0f}, {z:.1f} from the median",
            first=self.first,
            second=self.second,
            evidence=self.evidence,
            z=self.z,
        )
        if not self.same_wrong:
            return told
        return f"{told}; {tr('the same rare wrong behaviour: {exercises}', exercises=', '.join(self.same_wrong))}"


def pairs(code: Code, stubs: Mapping[str, str], results: Mapping[str, Result], archive: Code) -> list[Pair]:
    """All pairs with something in common, the most telling first. Two students of the archive are no pair."""
    students = sorted({*code, *archive})
    found: list[Pair] = []
    evidence = np.zeros((len(students), len(students)))
    exercises = sorted({exercise for each in (*code.values(), *archive.values()) for exercise in each})
    shares: dict[str, np.ndarray] = {}
    for exercise in exercises:
        texts = [(code.get(name) or archive.get(name) or {}).get(exercise, "") for name in students]
        common, shares[exercise] = _in_common(texts, stubs.get(exercise, ""))
        evidence += common
    wrong = _same_wrong(results)
    new = [place for place, name in enumerate(students) if name in code]
    values = [evidence[pair] for pair in combinations(new, 2)]
    middle = float(np.median(values)) if values else 0.0
    spread = _spread(np.array(values) - middle) if values else 0.0
    for one, other in combinations(range(len(students)), 2):
        names = students[one], students[other]
        alike = tuple(wrong.get(names, ()))
        if (names[0] in code or names[1] in code) and (evidence[one, other] > 0 or alike):
            dice = {exercise: float(share[one, other]) for exercise, share in shares.items() if share[one, other] > 0}
            z = (float(evidence[one, other]) - middle) / spread if spread > 0 else math.nan
            found.append(Pair(*names, float(evidence[one, other]), z, dice, alike))
    return sorted(found, key=lambda pair: (-pair.evidence, -len(pair.same_wrong), pair.first, pair.second))


def _spread(distances: np.ndarray) -> float:
    """A robust standard deviation of distances from the median: by their median, or by their mean where that is 0."""
    away = np.abs(distances)
    return 1.4826 * float(np.median(away)) or 1.2533 * float(away.mean())


def _in_common(texts: Sequence[str], stub: str) -> tuple[np.ndarray, np.ndarray]:
    """Weight of rare fragments in common, and its share of what both have, for each two texts."""
    given = set(fragments(stub))
    own = [set(fragments(text)) - given for text in texts]
    writers = sum(bool(each) for each in own)
    counts = Counter(fragment for each in own for fragment in each)
    most = max(2, writers // 2)
    rare = {fragment: place for place, fragment in enumerate(sorted(f for f, n in counts.items() if n <= most))}
    has = np.zeros((len(texts), len(rare)), dtype=np.float32)
    for row, each in enumerate(own):
        if len(each) >= LEAST:
            has[row, [rare[fragment] for fragment in each if fragment in rare]] = 1
    weights = np.array([math.log(writers / counts[f]) if writers > 2 else 1.0 for f in rare], dtype=np.float32)
    common = (has * weights) @ has.T
    # Fragments of one person alone are in the size of both, not in what they have in common.
    sizes = np.diag(common)
    both = sizes[:, None] + sizes[None, :]
    share = np.divide(2 * common, both, out=np.zeros_like(common), where=both > 0)
    np.fill_diagonal(common, 0)
    np.fill_diagonal(share, 0)
    return common, share


def _same_wrong(results: Mapping[str, Result]) -> dict[tuple[str, str], list[str]]:
    """Exercises in which two fail the same checks with the same words, as at most one in fifty does (or two)."""
    alike: defaultdict[tuple[str, tuple[tuple[str, str, str], ...]], list[str]] = defaultdict(list)
    for student, result in sorted(results.items()):
        for name, each in result.exercises.items():
            failed = tuple((test.name, test.status, test.message) for test in each.tests if test.status == "failed")
            if each.status == "graded" and failed and each.score > 0 and not each.diagnosis:
                alike[name, failed].append(student)
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for (exercise, _), students in alike.items():
        if 2 <= len(students) <= max(2, len(results) // 50):
            for pair in combinations(students, 2):
                found[pair].append(exercise)
    return dict(found)
