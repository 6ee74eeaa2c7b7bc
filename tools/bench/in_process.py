"""The yardstick for grading: the same questions, asked in one process, without isolation and without pytest.

    python -m tools.bench.in_process ROOT SEED

Says "ready", then, for every line on standard input, the folder of a submission, asks all checks of `core` once and
prints the seconds it took. pytest only finds the checks; they are called directly.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from autograder.course.layout import Layout
from autograder.grading.subjects import InProcess, References
from autograder.grading.suites import collect
from autograder.sandbox.vision import import_torchvision


def main(root: Path, seed: int) -> None:
    """Serve one measurement per line of standard input."""
    import_torchvision()
    folders = sorted(path.parent for path in (root / "tests/core").glob("*/test_*_public.py"))
    references = References(Layout(root, "core"))

    suites = collect(folders)
    print("ready", flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        subjects = InProcess(Path(line.strip()), references, seed)
        for folder in folders:
            for _ in suites.run(subjects, folder.name):
                pass
        subjects.close()
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
