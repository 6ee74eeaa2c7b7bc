"""A student's feedback as Markdown: marks, the first thing that does not work, what to try next, and what works."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.results.model import ExerciseResult, Result, TestResult
from autograder.results.words import verdict

_MAX_LINE = 1_000
"""Characters of a message in a list; the whole of it is in results/."""
_PLAIN = re.compile(r"[A-Za-z0-9 ,.;:()=%+'\"?!-]*")
"""Without whatever Markdown gives a meaning."""

_NAMES_AND_SHAPES = re.compile(r"no parameter or buffer is called|not asked for|`[\w.]+` has shape")
"""What is said of a module whose parameters are not those of the reference: computing by hand would not help."""


def feedback(result: Result, titles: Mapping[str, str]) -> str:
    """The whole page. `titles` are the exercises' titles by name. Hidden tests are counted, not shown."""
    parts = [f"# {result.assignment}: {result.student}", f"**{result.score:g} of {result.max_score:g} points**"]
    parts += [f"> {note}" for note in result.notes]
    rows = ["| exercise | points | |", "|---|---|---|"]
    for name, exercise in result.exercises.items():
        rows.append(f"| {titles[name]} | {exercise.score:g} / {exercise.max_score:g} | {verdict(exercise)} |")
    parts.append("\n".join(rows))
    parts += [_exercise(titles[name], exercise) for name, exercise in result.exercises.items()]
    return "\n\n".join(parts) + "\n"


def traces(result: Result, titles: Mapping[str, str]) -> str:
    """For instructors: uses of what is not allowed, and every check that did not pass, with its traceback."""
    parts = [f"\n---\n\n# For instructors: tracebacks\n\nSeed {result.seed}, suite {result.suite}, {result.isolation}"]
    for name, exercise in result.exercises.items():
        if exercise.evidence:
            heading = f"## {titles[name]}: to be looked at\n\nThe points stand. This is not allowed in the exercise:"
            parts.append(f"{heading}\n\n{_block(chr(10).join(exercise.evidence))}")
        if exercise.doubtful:
            heading = f"## {titles[name]}: to be read\n\nBy such lines, code can get round what is not allowed:"
            parts.append(f"{heading}\n\n{_block(chr(10).join(exercise.doubtful))}")
        for test in exercise.tests:
            if test.trace:
                parts.append(f"## {titles[name]}: `{test.name}` ({test.visibility})\n\n{_block(test.message)}")
                parts.append(_block(test.trace))
    return "\n\n".join(parts) + "\n"


def _exercise(title: str, exercise: ExerciseResult) -> str:
    heading = f"## {title}: {exercise.score:g} / {exercise.max_score:g}"
    if exercise.status != "graded":
        return f"{heading}\n\n{_block(exercise.message)}"
    groups = _groups(exercise.tests)
    working = [name for name, tests in groups.items() if all(test.status == "passed" for test in tests)]
    if len(working) == len(groups):
        passed = "The check passes." if len(exercise.tests) == 1 else f"All {len(exercise.tests)} checks pass."
        return f"{heading}\n\n{passed}"
    parts = [heading]
    failing = [test for test in exercise.tests if test.status != "passed"]
    shown = [test for test in failing if test.visibility != "hidden"]
    if shown:
        first = shown[0]
        parts.append(f"**Look at this first:** {first.title}\n\n{_block(first.message)}")
        parts += known_mistakes(exercise)
        parts.append(f"**Next:** {next_step(first, exercise)}")
        others = _groups(tuple(test for test in shown if test is not first))
        if others:
            parts.append("**Then:**\n\n" + "\n".join(_rows(others, first)))
    if len(shown) < len(failing):
        parts.append(_hidden(len(failing) - len(shown)))
    if working:
        parts.append("**Works:** " + "; ".join(working) + ".")
    withheld = next((test.note for test in exercise.tests if test.status == "passed" and test.note), "")
    if withheld:
        parts.append(f"**Does not count yet:** what is about names and form alone. {withheld}")
    return "\n\n".join(parts)


def known_mistakes(exercise: ExerciseResult) -> list[str]:
    """What is known of the code's behaviour; several mistakes may be one and the same behaviour."""
    known = exercise.diagnosis
    if not known:
        return []
    if len(known) == 1:
        return [
            f"**What your code does:** it behaves exactly like one that {known[0].title}.",
            f"Hint: {known[0].hint}",
        ]
    rows = [f"- {diagnosis.title}. Hint: {diagnosis.hint}" for diagnosis in known]
    return ["**What your code does:** it behaves exactly like each of these, one that\n\n" + "\n".join(rows)]


def next_step(first: TestResult, exercise: ExerciseResult) -> str:
    if first.message.startswith("Not implemented yet"):
        return "write that part; the other checks need it."
    if first.message.startswith("Delete "):
        return "delete that line; then the other checks see your code."
    failing = sum(test.status != "passed" for test in exercise.tests)
    if first.status == "error" and 2 * failing < len(exercise.tests):
        return "make that line work in this case; most other checks pass already."
    if first.status == "error":
        return "make that line work; most other checks cannot go on before it does."
    if first.status == "timeout":
        return "find the loop that does not end, or the step that takes so long; then submit again."
    if exercise.diagnosis:
        return "compare the step that the hint speaks of with the formula in the handout."
    if _NAMES_AND_SHAPES.search(first.message):
        return "give every layer and parameter the name and the shape that the stub states."
    by_hand = "ask the same question by hand"
    if " differ" in first.message:
        return f"{by_hand}: a small input in float64, your output beside the formula's, step by step."
    return f"{by_hand}, with sizes as small as they get, and compare every step with the handout."


def _groups(tests: tuple[TestResult, ...]) -> dict[str, list[TestResult]]:
    """Cases of one parametrized test together, under the title without the case."""
    groups: dict[str, list[TestResult]] = {}
    for test in tests:
        _, bracket, case = test.name.partition("[")
        title = test.title.removesuffix(f" ({case[:-1]})") if bracket else test.title
        groups.setdefault(title, []).append(test)
    return groups


def _rows(groups: Mapping[str, list[TestResult]], first: TestResult) -> list[str]:
    """A bullet for each message: told once, with the names and the points of all checks that it stands for."""
    titles: dict[str, list[str]] = {}
    for title, tests in groups.items():
        titles.setdefault(_short(tests[0], first), []).append(title)
    rows = []
    for message, alike in titles.items():
        points = _points([test for title in alike for test in groups[title]])
        if len(alike) == 1:
            rows.append(f"- {alike[0]} ({points}): {message}")
        else:
            end = "" if message.rstrip(" `").endswith((".", "?", "!")) else "."
            rows.append(f"- {len(alike)} checks ({points}): {message}{end} These are: {'; '.join(alike)}.")
    return rows


def _points(tests: list[TestResult]) -> str:
    """What they cost."""
    points = round(sum(test.max_score - test.score for test in tests), 2)
    return "1 point" if points == 1 else f"{points:g} points"


def _hidden(count: int) -> str:
    return f"{count} more checks do not pass; they are hidden." if count > 1 else "A hidden check does not pass, too."


def _short(test: TestResult, first: TestResult) -> str:
    """The message on one line, or a word where it repeats the first."""
    if test.message == first.message:
        return "the same message as the first"
    line = " ".join(test.message.split())
    return _literal(line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]} ...")


def _literal(line: str) -> str:
    """A line of which nothing is read as Markdown or HTML: as code, unless it is all plain words."""
    if _PLAIN.fullmatch(line):
        return line
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    return f"{fence} {line} {fence}"


def _block(message: str) -> str:
    """A message as an indented block: nothing in it is read as Markdown or HTML."""
    return "\n".join(f"    {line}" for line in message.splitlines())
