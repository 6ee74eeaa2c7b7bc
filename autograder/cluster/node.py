"""One host's part of a cluster that was started by ssh: workers, and on the first host the scheduler.

Told on standard input what to be, it says the scheduler's address when it is ready, and ends, leaving nothing, when
standard input does: then whoever started it, or the line to him, has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any

from msgspec import Struct, json

from autograder.batch.graders import cores

NO_DASHBOARD = "127.0.0.1:0"
"""Where the unencrypted server listens that Dask has even without a dashboard: nobody elsewhere reaches it."""
SETTINGS: dict[str, Any] = {
    # How often Dask looks at itself: by default, two workers that wait for their graders take 7 % of a core, so 1 %.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.large-graph-warning-threshold": "1 GB",  # a submission may be large
}


class Order(Struct, frozen=True):
    """What a host is told."""

    certificate: str
    """Of everybody in this cluster, and its own authority: PEM."""
    key: str
    scheduler: str
    """Its address; empty on the host that is to have it."""
    workers: int
    """How many; 0 means as many as there are cores."""


def main() -> None:
    """Be what standard input says."""
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "error")  # that it works is of no interest
    order = json.decode(sys.stdin.buffer.readline(), type=Order)
    asyncio.run(_serve(order, os.environ["SSH_CONNECTION"].split()[2]))


async def _serve(order: Order, address: str) -> None:
    """`address` is where this host was reached; nothing listens at others."""
    import dask
    from distributed import Nanny, Scheduler, Security  # read there how to log

    same: dict[str, Any] = {
        f"tls_{who}_{what}": value
        for who in ("client", "scheduler", "worker")
        for what, value in (("cert", order.certificate), ("key", order.key))
    }
    security = Security(require_encryption=True, tls_ca_file=order.certificate, **same)
    places: dict[str, Any] = {
        "host": address,
        "protocol": "tls",
        "security": security,
        "dashboard": False,
        "dashboard_address": NO_DASHBOARD,
    }
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        scheduler = order.scheduler
        if not scheduler:
            scheduler = (await stack.enter_async_context(Scheduler(port=0, **places))).address
        # Limits of memory are the engine's own: a nanny's would count the worker alone.
        workers = [Nanny(scheduler, nthreads=1, memory_limit=0, **places) for _ in range(order.workers or cores())]
        await asyncio.gather(*map(stack.enter_async_context, workers))
        print(scheduler, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    main()
