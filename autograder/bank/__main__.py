"""`python -m autograder.bank tests/core/residual_block`: every file of an exercise's bank against its suite, one line
each.

In this process and without isolation, for whoever is writing a suite; `make verify` does it through the real boundary.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.bank.files import read_entry
from autograder.course.layout import Layout
from autograder.grading.marks import marks
from autograder.grading.subjects import InProcess, References
from autograder.grading.suites import collect
from autograder.verify.matrix import FOR_NOTHING, LEAST, MOST


def main() -> None:
    """Print points and failing checks of the solution and of everything in the bank."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="tests/<assignment>/<exercise>")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds to try, from 0")
    parser.add_argument("--only", default="", help="only files whose name contains this")
    parser.add_argument("--messages", action="store_true", help="print what each failing check says")
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    layout = Layout(folder.parents[2], folder.parent.name)
    references = References(layout)
    files = [layout.solution(folder.name)]
    files += sorted((folder / "alternatives").glob("*.py")) + sorted((folder / "mistakes").glob("*.py"))
    files += sorted((folder / "hollow").glob("*.py"))

    suites = collect([folder])
    full = sum(check.points for check in suites.checks)
    for path in (path for path in files if options.only in path.name):
        for seed in range(options.seeds):
            subjects = InProcess(path, references, seed)
            outcomes = list(suites.run(subjects, folder.name))
            subjects.close()
            score = float(sum(mark.points for mark in marks(outcomes)))
            failing = [outcome for outcome in outcomes if outcome.status != "passed"]
            least, most = _bounds(path)
            wrong = not least <= round(score / float(full), 3) <= most
            milliseconds = 1000 * sum(outcome.seconds for outcome in outcomes)
            names = ", ".join(outcome.check.name.removeprefix("test_") for outcome in failing)
            flag = "!!" if wrong else "  "
            label = f"{path.parent.name}/{path.stem}" + (f" seed {seed}" if options.seeds > 1 else "")
            if wrong or options.seeds == 1:
                print(f"{flag} {score:5.1f}/{float(full):g} {milliseconds:5.0f} ms  {label}: {names}", flush=True)
            if options.messages:
                for outcome in failing:
                    print(f"        {outcome.check.name}: {outcome.status}: {outcome.message}", flush=True)


def _bounds(path: Path) -> tuple[float, float]:
    """The least and the most that the file should get, as shares of the exercise."""
    if path.parent.name == "mistakes":
        return 0.0 if read_entry(path).costs_more else 1 - MOST, 1 - LEAST
    return (0.0, FOR_NOTHING) if path.parent.name == "hollow" else (1.0, 1.0)


if __name__ == "__main__":
    main()
