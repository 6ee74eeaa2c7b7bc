"""Pushes mutated frames through all that reads a worker's answers, and stops at anything but a clean refusal.

    .venv/bin/python tests/autograder/fuzz/frames.py --count 1000000

Any exception, a frame that takes longer than --seconds, and memory that grows by more than --growth fail the run; a
frame is told by its number, and `--only NUMBER` with the same seed plays it again.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from random import Random

import torch
from answers import Frame, Scene, all_frames, arrives, play, scenes
from frame_mutants import mutant, prefixed
from measuring import memory

_WARM = 5_000
"""Frames after which caches are filled."""


def try_frame(number: int, seed: int, known: Sequence[Scene], frames: Sequence[Frame]) -> bool:
    """Whether frame `number` of a run could be read. Raises when something is wrong with our code."""
    rng = Random(f"{seed}/{number}")
    scene = rng.choice(known)
    position = rng.randrange(len(scene.answers))
    changed = mutant(scene.answers[position], frames, rng)
    if rng.random() < 0.03:
        return arrives(prefixed(changed, rng))
    return play(scene, position, changed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--seconds", type=float, default=2.0, help="the longest that a frame may take")
    parser.add_argument("--growth", type=int, default=64, help="how much memory may grow, in MiB")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    known = scenes()
    frames = all_frames(known)
    if options.only is not None:
        print("read" if try_frame(options.only, options.seed, known, frames) else "refused")
        return 0
    started, before, slowest, read = time.perf_counter(), 0, (0.0, 0), 0
    for number in range(options.count):
        if number == min(_WARM, options.count // 2):
            before = memory()
        begun = time.process_time()  # whatever else this machine does
        try:
            read += try_frame(number, options.seed, known, frames)
        except BaseException:
            print(f"frame {number} of seed {options.seed} was not refused cleanly", file=sys.stderr)
            raise
        slowest = max(slowest, (time.process_time() - begun, number))
        if number % 50_000 == 49_999:
            print(f"{number + 1:,} frames, {memory()} MiB", flush=True)
    seconds = time.perf_counter() - started
    growth = memory() - before
    print(
        f"{options.count:,} frames in {seconds:.0f} s ({options.count / seconds:,.0f} per second): {read:,} read, "
        f"{options.count - read:,} refused, slowest {slowest[0]:.2f} s (frame {slowest[1]}), "
        f"memory {before} MiB and {growth:+} MiB"
    )
    return int(slowest[0] > options.seconds or growth > options.growth)


if __name__ == "__main__":
    sys.exit(main())
