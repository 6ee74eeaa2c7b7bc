"""A line to a cluster, always encrypted: of this computer, one that runs already, or one that is started by ssh."""

from __future__ import annotations

import contextlib
import logging
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import resource_tracker

import dask
import msgspec
from distributed import Client, LocalCluster, Security
from distributed.utils import TimeoutError as TooLate

from autograder.batch.graders import cores
from autograder.cluster.node import NO_DASHBOARD, SETTINGS, Order
from autograder.errors import UsageError

_SSH = ("ssh", "-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15")
_END_SECONDS = 30.0
"""For workers of another computer to clear their desks."""


@contextlib.contextmanager
def client_of(address: str, workers: int) -> Iterator[Client]:
    """A client of the cluster at `address`: "local", tls://host:port, or ssh:host,host.

    `workers` are so many on this computer, or on each host; 0 means as many as it has cores. Raises UsageError.
    """
    if address == "local":
        cluster = _local(workers)
    elif address.startswith("ssh:"):
        cluster = _by_ssh(address.removeprefix("ssh:").split(","), workers)
    else:
        cluster = _at(address)
    with dask.config.set(SETTINGS), cluster as client:
        yield client


@contextlib.contextmanager
def _local(workers: int) -> Iterator[Client]:
    security = Security.temporary()
    with _without_interrupts():
        # Limits of memory are the engine's own: a nanny's would count the worker alone.
        cluster = LocalCluster(
            n_workers=workers or cores(),
            threads_per_worker=1,
            memory_limit=0,
            security=security,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": NO_DASHBOARD},
            silence_logs=logging.ERROR,
        )
    with cluster, Client(cluster, security=security, set_as_default=False) as client:
        yield client


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """What is started meanwhile does not heed Ctrl-C, for good: a terminal sends it to all processes, and a worker that
    ends by it leaves solutions behind.
    """
    resource_tracker.ensure_running()  # whoever starts it unblocks signals in doing so
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _at(address: str) -> Iterator[Client]:
    security = Security(require_encryption=True)
    if not (security.tls_ca_file and security.tls_client_cert):
        raise UsageError(
            f"--cluster {address}: solutions go this way, so Dask has to know your certificates: "
            "distributed.comm.tls in its configuration, or DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...__CLIENT__CERT "
            "and ...__CLIENT__KEY"
        )
    with _client(address, address, security) as client:
        yield client


@contextlib.contextmanager
def _by_ssh(hosts: Sequence[str], workers: int) -> Iterator[Client]:
    """The scheduler is on the first host; only what ssh can reach must be reached from here."""
    security = Security.temporary()
    order = Order(security.tls_ca_file, security.tls_client_key, "", workers)
    with contextlib.ExitStack() as stack:
        first, *others = hosts
        scheduler = _scheduler(first, stack.enter_context(_node(first, order)))
        order = msgspec.structs.replace(order, scheduler=scheduler)
        nodes = [(host, stack.enter_context(_node(host, order))) for host in others]
        for host, node in nodes:
            _scheduler(host, node)
        here = stack.enter_context(_tunnel(first, scheduler))
        yield stack.enter_context(_client(",".join(hosts), here, security))


@contextlib.contextmanager
def _node(host: str, order: Order) -> Iterator[subprocess.Popen[bytes]]:
    """A host's part of the cluster. It ends when this does, however that comes about."""
    command = f"exec {shlex.quote(sys.executable)} -I -m autograder.cluster.node"
    with subprocess.Popen(
        [*_SSH, "--", host, command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is not for it
    ) as node:
        assert node.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, which shows when it is listened to
            # Not as an argument: those can be read by all users of the host.
            node.stdin.write(msgspec.json.encode(order) + b"\n")
            node.stdin.flush()
        try:
            yield node
        finally:
            with contextlib.suppress(OSError):
                node.stdin.close()
            try:
                node.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                node.kill()


def _scheduler(host: str, node: subprocess.Popen[bytes]) -> str:
    """What a host says when its workers are there: the scheduler's address."""
    assert node.stdout is not None
    for line in node.stdout:  # a shell may say something of its own first
        if line.startswith(b"tls://"):
            return line.decode().strip()
    raise UsageError(
        f"--cluster: no workers on {host}; what it said is above. `ssh {host}` must work without a password"
    )


@contextlib.contextmanager
def _tunnel(host: str, address: str) -> Iterator[str]:
    """The address here of what has `address` for `host`."""
    there = address.removeprefix("tls://")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [*_SSH, "-N", "-o", "ExitOnForwardFailure=yes", "-L", f"127.0.0.1:{port}:{there}", "--", host],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as tunnel:
        try:
            yield f"tls://127.0.0.1:{port}"
        finally:
            tunnel.terminate()


@contextlib.contextmanager
def _client(asked: str, address: str, security: Security) -> Iterator[Client]:
    try:
        client = Client(address, security=security, set_as_default=False)
    except (OSError, ValueError, TooLate) as error:
        raise UsageError(f"--cluster {asked}: no scheduler answers there: {error}") from error
    with client:
        yield client
