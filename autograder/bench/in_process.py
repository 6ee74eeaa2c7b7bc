"""The yardstick for grading: the same questions, asked in one process, without isolation and without pytest.

    python -m autograder.bench.in_process ROOT SUBMISSION SEED

Says "ready", then, for every line on standard input, asks all checks of `core` once and prints the seconds it took.
pytest only finds the test functions; they are called directly.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from autograder.grading.plugin import check_of
from autograder.grading.subjects import InProcess, References
from autograder.grading.suites import Suites, with_suites
from autograder.sandbox.vision import import_torchvision
from autograder.suite.compare import assert_close
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace


def main(root: Path, submission: Path, seed: int) -> None:
    """Serve one measurement per line of standard input."""
    import_torchvision()
    folders = sorted(path.parent for path in (root / "tests/core").glob("*/test_*_public.py"))
    references = References(root / "solutions/core")

    def work(suites: Suites) -> None:
        print("ready", flush=True)
        for _ in sys.stdin:
            started = time.perf_counter()
            subjects = InProcess(submission, references, seed)
            for item in suites.items:
                check = check_of(item)
                arguments = dict(item.callspec.params) if hasattr(item, "callspec") else {}
                for name in item._fixtureinfo.argnames:  # type: ignore[attr-defined]
                    if name == "close":
                        arguments[name] = assert_close
                    elif name == "rng":
                        arguments[name] = Random(seed, check.stream)
                    elif name in ("student", "reference"):
                        session = getattr(subjects, name)(check.exercise)
                        session.begin(f"{seed}/{check.stream}")
                        arguments[name] = Namespace(session, Random(seed, f"{check.stream}/{name}"))
                item.obj(**arguments)  # type: ignore[attr-defined]
            subjects.close()
            print(time.perf_counter() - started, flush=True)

    with_suites(folders, work)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
