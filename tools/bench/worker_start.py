"""Milliseconds until a worker is there, with and without isolation. Prints JSON."""

from __future__ import annotations

import json
import statistics
import time

from autograder.sandbox.client import WorkerLine, WorkerSupply
from autograder.sandbox.isolation import Allowance, TimeLimits
from autograder.sandbox.launcher import Zygote
from autograder.sandbox.protocol import Load, Message

_ROUNDS = 40


def main() -> None:
    """Measure both in turn and print the medians."""
    times: dict[str, list[float]] = {"fork_ms": [], "ready_ms": [], "bare_fork_ms": [], "bare_ready_ms": []}
    with Zygote("full") as confined, Zygote("none") as bare:
        supplies = {"": WorkerSupply(confined.connect()), "bare_": WorkerSupply(bare.connect())}
        for _ in range(_ROUNDS):
            for prefix, supply in supplies.items():
                forked, ready = _start(supply)
                times[f"{prefix}fork_ms"].append(1000 * forked)
                times[f"{prefix}ready_ms"].append(1000 * ready)
    print(json.dumps({name: statistics.median(values) for name, values in times.items()}))


def _start(supply: WorkerSupply) -> tuple[float, float]:
    """Seconds until a worker is forked, and until it has answered a first question."""
    started = time.perf_counter()
    worker = supply.start(Allowance())
    forked = time.perf_counter() - started
    supply.end(worker)
    line = WorkerLine(supply, Allowance(), TimeLimits())
    started = time.perf_counter()
    line.exchange(Message(Load("nothing", "", 0)))
    ready = time.perf_counter() - started
    line.close()
    return forked, ready


if __name__ == "__main__":
    main()
