"""Runs the worked example of an exercise on the student's own code, with every value on the way."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.sandbox.session import LocalLine
from autograder.sandbox.surroundings import settle_torch
from autograder.student.checks import run_checks
from autograder.student.example import Example, Explained, Line
from autograder.student.folder import StudentFolder
from autograder.student.steps import SeeingHost, Step
from autograder.submissions.model import Contents, SourceFile


def explained(folder: StudentFolder, contents: Contents, exercise: str, seed: int) -> Explained:
    """Run the worked example on the student's code. Raises KeyboardInterrupt when Ctrl-C was pressed."""
    hosts: list[SeeingHost] = []

    def line(module: str) -> LocalLine:
        settle_torch()
        hosts.append(SeeingHost(module))
        return LocalLine(module, hosts[-1])

    results = run_checks(folder, contents, [exercise], seed, wanted=lambda check: check.example, line=line)
    result = results[exercise]
    if result.status != "graded":
        return Explained(result, ())
    source = contents.sources[exercise]
    pairs = zip(result.tests, hosts[0].seen if hosts else (), strict=True)
    return Explained(result, [Example(test, _lines(source, seen.first), seen.left_out) for test, seen in pairs])


def _lines(source: SourceFile, steps: Sequence[Step]) -> list[Line]:
    texts = source.text.splitlines()
    more = {False: "", True: " ..."}
    return [
        Line(
            step.function,
            step.begins,
            source.position(step.line),
            texts[step.line - 1].strip() + more[step.goes_on],
            step.values,
        )
        for step in steps
    ]
