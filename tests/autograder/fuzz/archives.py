"""Hands in mutated archives and notebooks, and stops at anything but contents or a problem in words.

    .venv/bin/python tests/autograder/fuzz/archives.py --count 50000

Any exception, anything written or run, a submission that takes longer than --seconds, and memory that grows by more
than --growth fail the run; `--only NUMBER` with the same seed hands in one again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from archive_mutants import archive_mutant, notebook_mutant, odd_name, repacked
from measuring import memory
from samples import Watch, archives, notebooks, read

_WARM = 500


def try_submission(number: int, seed: int, folder: Path, watch: Watch) -> bool:
    """Whether submission `number` of a run held an exercise. Raises when something is wrong with our code."""
    rng = Random(f"{seed}/{number}")
    kind = rng.randrange(4)
    if kind == 0:
        path, data = folder / "kim.ipynb", notebook_mutant(rng.choice(notebooks()), notebooks(), rng)
    elif kind == 1:
        made = notebook_mutant(rng.choice(notebooks()), notebooks(), rng)
        path, data = folder / "kim.zip", repacked(odd_name(rng), made, rng)
    else:
        path, data = folder / "kim.zip", archive_mutant(rng.choice(_ARCHIVES), _ARCHIVES, rng)
    path.write_bytes(data)
    before = sorted(folder.rglob("*"))
    try:
        return read(path, watch)
    finally:
        assert sorted(folder.rglob("*")) == before
        path.unlink()


_ARCHIVES = archives()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--seconds", type=float, default=5.0, help="the longest that a submission may take")
    parser.add_argument("--growth", type=int, default=64, help="how much memory may grow, in MiB")
    options = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        if options.only is not None:
            print("found" if try_submission(options.only, options.seed, folder, watch) else "refused")
            return 0
        started, before, slowest, found = time.perf_counter(), 0, (0.0, 0), 0
        for number in range(options.count):
            if number == min(_WARM, options.count // 2):
                before = memory()
            begun = time.process_time()  # whatever else this machine does
            try:
                found += try_submission(number, options.seed, folder, watch)
            except BaseException:
                print(f"submission {number} of seed {options.seed} was not read cleanly", file=sys.stderr)
                raise
            slowest = max(slowest, (time.process_time() - begun, number))
            if number % 10_000 == 9_999:
                print(f"{number + 1:,} submissions, {memory()} MiB", flush=True)
    seconds = time.perf_counter() - started
    growth = memory() - before
    print(
        f"{options.count:,} submissions in {seconds:.0f} s: {found:,} with an exercise, {options.count - found:,} "
        f"without, slowest {slowest[0]:.2f} s (submission {slowest[1]}), memory {before} MiB and {growth:+} MiB"
    )
    return int(slowest[0] > options.seconds or growth > options.growth)


if __name__ == "__main__":
    sys.exit(main())
