"""Shows results.json on the terminal as Gradescope shows it to a student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

_COLUMN = 80
"""About as wide as the half of a window in which Gradescope shows results."""


def show(results: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what a student sees before the due date, and count what is hidden."""
    console = console or Console(width=_COLUMN, highlight=False)
    tests = results.get("tests", [])
    visible = [test for test in tests if _visibility(test, results) == "visible"]
    console.print(Rule("what the student sees", style="dim"))
    # Students see no total as long as one test is hidden from them.
    total = f"{results['score']:g}" if len(visible) == len(tests) else "-"
    console.print(Text(f"AUTOGRADER SCORE  {total}", style="bold"))
    console.print(_formatted(results.get("output", ""), results.get("output_format", "simple_format")))
    for test in visible:
        _show_test(console, test)
    console.print(Rule("for the instructor", style="dim"))
    console.print(f"score {results['score']:g}, {len(tests) - len(visible)} of {len(tests)} tests hidden for now")
    for name, value in results.get("extra_data", {}).items():
        console.print(f"{name}: {value}", markup=False)


def _show_test(console: Console, test: Mapping[str, Any]) -> None:
    style = {"passed": "green", "failed": "red"}.get(test.get("status", ""), "")
    points = f" ({test['score']:g}/{test['max_score']:g})" if "max_score" in test else ""
    console.print(Text(f"{test.get('number', '')}) {test['name']}{points}", style=style))
    if test.get("output"):
        console.print(Padding(_formatted(test["output"], test.get("output_format", "text")), (0, 0, 0, 2)))


def _visibility(test: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    return str(test.get("visibility", results.get("visibility", "visible")))


def _formatted(text: str, kind: str) -> Markdown | Text:
    return Markdown(text) if kind == "md" else Text(text)
