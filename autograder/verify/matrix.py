"""Implementations against tests: who fails what, and what that says about a suite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from autograder.results.model import ExerciseResult
from autograder.verify.trials import Implementation

LEAST, MOST = 0.1, 0.6
"""What one mistake costs, as a share of the exercise."""
FOR_NOTHING = 0.05
"""What an implementation that computes nothing may get, as a share of the exercise."""
IN_PUBLIC = 0.5
"""The share of the mistakes that must fail a public check: students see those before they hand in."""


@dataclass
class Row:
    """One implementation with all seeds that it was tried with."""

    implementation: Implementation
    score: float
    """With the seed that is worst for it."""
    best: float
    """With the seed that is best for it."""
    max_score: float
    status: str
    failed: tuple[str, ...]
    """Names of the checks that did not pass, with any seed; of a mutant, the first that did not."""
    messages: dict[str, str]
    seen: bool = False
    """It fails a public check, with one of the seeds at least, so students see it before they hand in."""
    fault: str = ""
    """Why there is no result, when there is none: a fault of ours."""

    @property
    def full(self) -> bool:
        """Nothing was lost, with no seed."""
        return not self.fault and self.score >= self.max_score

    @property
    def diff(self) -> str:
        """What was changed, of a mutant."""
        return self.implementation.mutant.diff if self.implementation.mutant else ""

    @property
    def only_one(self) -> bool:
        """A mistake that fails a single check."""
        return self.implementation.kind == "mistake" and len(self.failed) == 1

    @property
    def cost(self) -> tuple[float, float]:
        """The least and the most that is lost with any seed, as shares of the exercise, to a thousandth."""
        most = self.max_score or 1.0
        return round((self.max_score - self.best) / most, 3), round((self.max_score - self.score) / most, 3)


@dataclass
class Matrix:
    """All rows of one exercise. `explained` are the mutants that are known to be equivalent, with the reason."""

    exercise: str
    explained: Mapping[str, str]
    tests: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    """Those of `tests` that students have."""
    rows: list[Row] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Row]:
        """Rows of some kinds."""
        return [row for row in self.rows if row.implementation.kind in kinds]

    @property
    def unseen(self) -> list[Row]:
        """Mistakes that pass every public check."""
        return [row for row in self.of("mistake") if not row.seen]

    @property
    def in_public(self) -> Fraction:
        """The share of the mistakes that fail a public check; 1 where there is no mistake."""
        mistakes = len(self.of("mistake"))
        return Fraction(mistakes - len(self.unseen), mistakes) if mistakes else Fraction(1)

    @property
    def survivors(self) -> list[Row]:
        """Mutants that got full marks."""
        return [row for row in self.of("mutant") if row.full]

    @property
    def needless(self) -> list[str]:
        """Reasons on file for mutants that no longer exist, or no longer survive."""
        surviving = {row.implementation.name for row in self.survivors}
        return [name for name in self.explained if name not in surviving] if self.of("mutant") else []

    @property
    def wrong(self) -> dict[str, list[Row]]:
        """The rows that are not as they should be, with some seed, by what is wrong: mistakes with full marks, right
        ones that lost points, mistakes that cost too little or too much, the stub and hollow ones that got points,
        mutants that survive without a reason on file, and what has no result.
        """
        mistakes = [row for row in self.of("mistake") if not row.fault]
        return {
            "missed": [row for row in mistakes if row.full],
            "refused": [row for row in self.of("solution", "alternative") if not row.full],
            "cheap": [row for row in mistakes if not row.full and row.cost[0] < LEAST],
            "dear": [row for row in mistakes if not row.implementation.costs_more and row.cost[1] > MOST],
            "stub": [row for row in self.of("stub") if row.best > 0],
            "hollow": [row for row in self.of("hollow") if row.best > FOR_NOTHING * row.max_score],
            "unexplained": [row for row in self.survivors if row.implementation.name not in self.explained],
            "faults": [row for row in self.rows if row.fault],
        }

    @property
    def proven(self) -> bool:
        """Nothing is wrong with the suite."""
        return not any(self.wrong.values()) and not self.needless and self.in_public >= IN_PUBLIC

    def catches(self, test: str) -> list[Row]:
        """Mistakes that fail a check, and mutants that fail it first."""
        return [row for row in self.of("mistake", "mutant") if test in row.failed]

    def only_catch(self) -> dict[str, list[str]]:
        """By check: the mistakes that no other check catches."""
        alone: dict[str, list[str]] = defaultdict(list)
        for row in self.rows:
            if row.only_one:
                alone[row.failed[0]].append(row.implementation.name)
        return dict(alone)


def row_of(implementation: Implementation, results: Sequence[ExerciseResult]) -> Row:
    """The row of an implementation, from its results with one or more seeds."""
    worst = min(results, key=lambda result: result.score)
    best = max(result.score for result in results)
    failed: dict[str, str] = {}
    for result in results:
        for test in result.tests:
            if test.status != "passed":
                failed.setdefault(test.name, test.fault or test.message)
    seen = any(test.public and test.status != "passed" for result in results for test in result.tests)
    return Row(implementation, worst.score, best, worst.max_score, worst.status, tuple(failed), failed, seen)
