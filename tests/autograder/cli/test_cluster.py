"""A class on a Dask cluster of this computer gives the same bytes as with graders of its own, whatever dies.

Where nothing is graded, workers have desks that answer at once: only Dask is the real one then.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from msgspec import json

from autograder.batch.grader import Answer, Job, Setup
from autograder.batch.graders import STOPPED, Done, GradersGoneError
from autograder.errors import UsageError
from autograder.results.model import SCHEMA, ExerciseResult, Result
from autograder.sandbox.isolation import Report

INSTALLED = find_spec("distributed") is not None and find_spec("cryptography") is not None
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="grading is only tested on Linux"),
    pytest.mark.skipif(not INSTALLED, reason="the extra `cluster` is not installed"),
]
if INSTALLED:
    import dask
    from distributed import Client, SchedulerPlugin, WorkerPlugin

    from autograder.cluster import connect, crew, plugins, spread

SECONDS = re.compile(rb'"seconds": ?[\d.e-]+')
SHIFT = "def shift(x):\n    return {}\n"
WORK = {"ann": "x + 1", "bob": "1 / 0", "eve": "x + 2", "김민준": "x + x / x", "zoe": "x +"}
ASKED = ("grade", "demo", "class", "--seed", 16)
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Two workers, for all tests."""
    with connect.client_of("local", 2) as client:
        yield client


@pytest.fixture
def here(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs have these workers, both of them, also after a test that has killed one."""
    client.wait_for_workers(2, timeout=60)
    monkeypatch.setattr(spread, "client_of", lambda address, workers: contextlib.nullcontext(client))


@pytest.fixture
def lab(project: Path) -> Path:
    """A project with a class."""
    for student, value in WORK.items():
        (project / "class" / student).mkdir(parents=True)
        (project / "class" / student / "shift.py").write_text(SHIFT.format(value))
    return project


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Desks that answer at once; whoever is called deadly ends his worker. A file with a line for each grading."""
    begun = tmp_path / "begun"
    begun.touch()

    class AtOnce(WorkerPlugin):  # a class of a test reaches workers by its code, since they cannot import it
        def __init__(self, name: str, bundle: object) -> None:
            self.name, self.desk = name, self

        def problem(self) -> str:
            return ""

        def grade(self, task: bytes) -> bytes:
            student = json.decode(task)["student"]
            with open(begun, "a") as file:
                file.write(f"{student}\n")
            if student == "deadly":
                os.kill(os.getpid(), signal.SIGKILL)
            exercises = {name: ExerciseResult(0.0, 1.0, "missing", "", ()) for name in ("double", "shift")}
            return json.encode(Answer(result=Result(SCHEMA, student, "demo", 1, "", "full", 0.0, 2.0, exercises)))

    monkeypatch.setattr(spread, "DeskPlugin", AtOnce)
    return begun


def jobs_of(*students: str) -> list[Job]:
    return [Job(student, bytes(Path(__file__))) for student in students]


def events(project: Path, jobs: list[Job], address: str = "local") -> Iterator[Done]:
    """What comes of jobs on two workers."""
    setup = Setup(str(project), "demo", "", 1, "full")
    for event in spread.Spread(address, 1, setup, Report("full", (), ())).events(jobs):
        if isinstance(event, Done):
            yield event


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def files(out: Path) -> dict[str, bytes]:
    """All that a run wrote, without seconds; not the gradebook, which has them, too."""
    paths = [path for path in out.rglob("*") if path.is_file() and path.name != "gradebook.db"]
    return {path.relative_to(out).as_posix(): SECONDS.sub(b"", path.read_bytes()) for path in paths}


def differing(one: Path, other: Path) -> list[str]:
    ones, others = files(one), files(other)
    return [name for name in {*ones, *others} if ones.get(name) != others.get(name)]


def test_stopped_then_resumed_while_a_worker_is_killed_it_gives_the_bytes_of_one_computer(
    lab, here, client, autograder, monkeypatch
):
    """Ctrl-C of a terminal reaches all processes. Nothing is graded twice but what was at work; no solutions stay."""
    assert client.scheduler.address.startswith("tls://127.0.0.1:")
    on_cluster = (*ASKED, "--out", "there", "--cluster", "local")
    folders: set[Path] = set()
    graded: Counter[str] = Counter()
    events = spread.Spread._events

    def look(desk: str) -> None:
        for names in client.run(
            lambda desk, dask_worker: [folder.name for folder in dask_worker.plugins[desk].desk._folders], desk
        ).values():
            folders.update(map(Path, names))

    def watched(disturb):
        def watch(self, crew, jobs):
            for number, event in enumerate(events(self, crew, jobs)):
                yield event
                if isinstance(event, Done):
                    graded[event.task.student] += 1
                disturb(number, event, crew._desk)

        return watch

    def interrupt(number, event, desk):
        if isinstance(event, Done) and graded.total() == 1:
            look(desk)
            assert len(folders) == 4
            private = [folder for folder in folders if list(folder.rglob("solutions/demo/double.py"))]
            assert [stat.S_IMODE(folder.stat().st_mode) for folder in private] == [0o700, 0o700]
            for pid in (*client.run(os.getpid).values(), os.getpid()):
                os.kill(pid, signal.SIGINT)

    workers = client.run(os.getpid)
    monkeypatch.setattr(spread.Spread, "_events", watched(interrupt))
    assert autograder(lab, *on_cluster).returncode == 3
    assert client.run(os.getpid) == workers
    assert not any(folder.exists() for folder in folders)
    before = graded.total()
    assert 1 <= before < len(WORK)

    family: list[psutil.Process] = []

    def kill(number, event, desk):
        if number == 1:  # both are at work
            look(desk)
            worker = psutil.Process(next(iter(client.run(os.getpid).values())))
            family.extend(worker.children(recursive=True))
            worker.kill()

    monkeypatch.setattr(spread.Spread, "_events", watched(kill))
    resumed = autograder(lab, *on_cluster)
    assert resumed.returncode == 0, resumed.stderr
    assert f"{before} of 5 were graded before" in resumed.stdout
    assert graded == Counter(WORK.keys())
    assert autograder(lab, *ASKED, "--out", "here", "--jobs", 2).returncode == 0
    assert differing(lab / "there", lab / "here") == []
    assert len(family) >= 2, "a zygote and a grader"
    assert psutil.wait_procs(family, timeout=30)[1] == []
    client.wait_for_workers(2, timeout=60)  # the new one has removed what the killed one left
    until(lambda: not any(folder.exists() for folder in folders))


def test_what_ends_workers_is_one_failure_and_others_are_not_blamed(project, here, at_once):
    students = ["deadly", *"abcdef"]
    done = list(events(project, jobs_of(*students)))
    assert {event.task.student: event.answer.fault for event in done} == dict.fromkeys(students, "") | {
        "deadly": STOPPED
    }
    assert Counter(at_once.read_text().split()) == Counter([*students, "deadly"])


class Played:
    """A client of workers that say at once what they are told to; who is there is for tests to change."""

    def __init__(self) -> None:
        self.status, self.there, self.says = "running", {}, {}

    def nthreads(self):
        return self.there

    def submit(self, what, desk, *about, workers, pure):
        assert not pure
        return SimpleNamespace(
            status="finished",
            result=lambda timeout: self.says[workers[0]] if what is plugins.problem else json.encode(Answer()),
            add_done_callback=lambda call: call(None),
            release=lambda: None,
        )


@pytest.fixture
def played(monkeypatch) -> Played:
    """Whoever is there is looked at each time."""
    monkeypatch.setattr(crew, "_LOOK_SECONDS", -1.0)
    return Played()


def test_a_worker_that_comes_later_and_would_grade_otherwise_is_told_and_not_used(played):
    told = []
    workers = crew.Crew(played, "", told.append)
    played.there, played.says = {"one": 1}, {"one": "", "other": "has another torch"}
    assert workers.muster(0.0)
    played.there = {"one": 1, "other": 1}
    assert list(workers.wait(0.0)) == []
    assert workers.idle == ["one"]
    assert told == ["Workers of the cluster: 1", "Not used: other has another torch"]


def test_without_workers_the_run_ends_after_a_while(played, monkeypatch):
    workers = crew.Crew(played, "", print)
    assert not workers.muster(0.0)
    monkeypatch.setattr(crew, "_NOBODY_SECONDS", -1.0)
    with pytest.raises(GradersGoneError, match="the cluster has no workers that can grade"):
        workers.muster(0.0)


def test_what_has_been_answered_is_held_nowhere(project, here, client, at_once):
    def held() -> list[str]:
        return client.run_on_scheduler(lambda dask_scheduler: [key for key in dask_scheduler.tasks if "grade" in key])

    running = events(project, jobs_of("a", "b"))
    assert {next(running).task.student, next(running).task.student} == {"a", "b"}
    until(lambda: held() == [])
    assert list(running) == []


def test_a_worker_that_would_grade_otherwise_is_refused_before_anything_is_graded(lab, here, autograder, monkeypatch):
    class Odd(WorkerPlugin):
        def __init__(self, name: str, bundle: object) -> None:
            self.name, self.desk = name, self

        def setup(self, worker) -> None:
            self.odd = worker.name == 1

        def problem(self) -> str:
            return "has another torch (1.0) than the computer that the run was started on (2.0)" if self.odd else ""

    monkeypatch.setattr(spread, "DeskPlugin", Odd)
    process = autograder(lab, *ASKED, "--cluster", "local", "--out", "out")
    assert process.returncode == 2
    assert re.fullmatch(
        r"autograder: nothing is graded before this is put right:\n"
        r"  tls://127.0.0.1:\d+ has another torch \(1.0\) than the computer that the run was started on \(2.0\)\n",
        process.stderr,
    )
    assert not (lab / "out").exists()


def test_a_worker_without_this_autograder_is_refused_by_name(project, here, monkeypatch):
    class Foreign(WorkerPlugin):
        def __init__(self, name: str, bundle: object) -> None:
            self.name = name

        def __reduce__(self):
            return __import__, ("autograder_of_another_year",)

    monkeypatch.setattr(spread, "DeskPlugin", Foreign)
    with pytest.raises(UsageError, match=r"(\n  tls://127.0.0.1:\d+ says: KeyError.*){2}"):
        list(events(project, jobs_of("a")))


def test_a_scheduler_without_this_autograder_is_told(project, here, monkeypatch):
    class Foreign(SchedulerPlugin):
        name = "foreign"

        def __init__(self, name: str, client: str) -> None:
            pass

        def __reduce__(self):
            return __import__, ("autograder_of_another_year",)

    monkeypatch.setattr(spread, "Farewell", Foreign)
    with pytest.raises(UsageError, match="the cluster's scheduler has another autograder, or none: ModuleNotFound"):
        list(events(project, jobs_of("a")))


def test_a_run_that_ends_without_a_word_takes_its_solutions_off_the_disks(client, project):
    setup = Setup(str(project), "demo", "", 1, "full")
    other = Client(client.scheduler.address, security=client.security, set_as_default=False)
    running = spread.desks(other, spread.bundle_of(setup, Report("full", (), ())))
    name = running.__enter__()

    def lay_out(name, dask_worker):
        dask_worker.plugins[name].desk._lay_out()
        return [folder.name for folder in dask_worker.plugins[name].desk._folders]

    folders = [Path(folder) for names in client.run(lay_out, name).values() for folder in names]
    assert sum(len(list(folder.rglob("solutions/demo/double.py"))) for folder in folders) == 2
    other.close()
    until(lambda: not any(folder.exists() for folder in folders))
    until(lambda: client.run_on_scheduler(lambda dask_scheduler: name not in dask_scheduler.worker_plugins))


def test_a_scheduler_that_goes_ends_the_run_and_what_is_graded_is_kept(lab, autograder, monkeypatch, at_once):
    events = spread.Spread._events

    def disturbed(self, crew, jobs):
        for event in events(self, crew, jobs):
            yield event
            if isinstance(event, Done):
                client.cluster.close()

    monkeypatch.setattr(spread.Spread, "_events", disturbed)
    with connect.client_of("local", 1) as client:
        monkeypatch.setattr(spread, "client_of", lambda address, workers: contextlib.nullcontext(client))
        stopped = autograder(lab, *ASKED, "--cluster", "local", "--out", "out")
    assert stopped.returncode == 3
    assert "Stopped: the cluster's scheduler has gone." in stopped.stdout
    graded = [path.stem for path in (lab / "out/results").iterdir()]
    assert graded == at_once.read_text().split()


def test_a_scheduler_that_runs_already_is_asked_with_the_certificates_that_dask_is_told(client):
    one = client.security
    files = {"ca-file": one.tls_ca_file, "client.cert": one.tls_client_cert, "client.key": one.tls_client_key}
    with (
        dask.config.set({f"distributed.comm.tls.{name}": value for name, value in files.items()}),
        connect.client_of(client.scheduler.address, 0) as other,
    ):
        assert len(other.nthreads()) == 2


def test_nothing_goes_out_without_certificates():
    with (
        pytest.raises(UsageError, match="Dask has to know your certificates"),
        connect.client_of("tls://127.0.0.1:1", 0),
    ):
        pass


def test_nobody_elsewhere_can_reach_any_of_it(client):
    """That goes for the unencrypted server, too, which Dask has even without a dashboard."""
    processes = [os.getpid(), *client.run(os.getpid).values()]
    listening = [
        connection.laddr.ip
        for process in processes
        for connection in psutil.Process(process).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2 + 2 * 2 + 2, "a port and that server, of the scheduler and each worker; nannies"
    assert {*listening} == {"127.0.0.1"}


def test_workers_do_not_heed_the_terminal(client):
    """Tested by its effect above; a worker that a nanny has started anew is like the first."""
    blocked = client.run(lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    assert all(signal.SIGINT in signals for signals in blocked.values())
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


# -- over ssh ---------------------------------------------------------------------------------------------------------

FAKE_SSH = """#!{python}
import asyncio, os, sys

with open({said!r}, "a") as file:
    print(*sys.argv[1:], sep="\\x1f", file=file)
arguments = sys.argv[sys.argv.index("--") + 1 :]


async def copy(reader, writer):
    while data := await reader.read(1 << 16):
        writer.write(data)
    writer.close()


async def forward(reader, writer):
    theirs = await asyncio.open_connection(there, int(there_port))
    await asyncio.gather(copy(reader, theirs[1]), copy(theirs[0], writer))


async def listen():
    async with await asyncio.start_server(forward, here, int(port)) as server:
        await server.serve_forever()


if "-N" in sys.argv:
    here, port, there, there_port = sys.argv[sys.argv.index("-L") + 1].split(":")
    asyncio.run(listen())
if arguments[0] == "closed":
    sys.exit("ssh: no route to closed")
os.environ["SSH_CONNECTION"] = "127.0.0.1 50000 127.0.0.1 22"
print("Welcome to", arguments[0], flush=True)
os.execvp("sh", ["sh", "-c", *arguments[1:]])
"""


@pytest.fixture
def fake_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ssh by which every host is this one. A file with its arguments."""
    said, ssh = tmp_path / "said", tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(FAKE_SSH.format(python=sys.executable, said=str(said)))
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", str(ssh.parent), prepend=os.pathsep)
    return said


def test_hosts_that_ssh_reaches_make_a_cluster_and_nothing_stays_on_them(project, fake_ssh, at_once):
    running = events(project, jobs_of(*"abcd"), "ssh:first,second")
    done = [next(running)]
    nodes = [child for child in psutil.Process().children() if "autograder.cluster.node" in child.cmdline()]
    family = [*nodes, *(child for node in nodes for child in node.children(recursive=True))]
    assert len(nodes) == 2
    assert len(family) >= 4, "each with a worker"
    done += running
    assert {event.task.student for event in done} == {*"abcd"}
    assert psutil.wait_procs(family, timeout=30)[1] == []
    calls = fake_ssh.read_text()
    assert [line.split("\x1f")[-2:][0] for line in calls.splitlines()] == ["first", "second", "--"]
    assert "KEY" not in calls
    assert "CERTIFICATE" not in calls


def test_a_host_that_cannot_be_reached_is_named(project, fake_ssh, capfd):
    with pytest.raises(UsageError, match="no workers on closed; what it said is above"):
        list(events(project, jobs_of("a"), "ssh:closed,first"))
    assert "no route to closed" in capfd.readouterr().err


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a host on which sshd runs: this one, with keys of its own."""
    if SSHD is None or shutil.which("ssh") is None:
        pytest.skip("there is no sshd: Debian has it in openssh-server")
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f"]
    for name in ("host", "mine"):
        subprocess.run([*keygen, tmp_path / name], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)  # which its start script makes
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/mine.pub\n"
        f"StrictModes no\nUsePAM no\nPidFile none\n"
    )
    host_key = (tmp_path / "host.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}")
    (tmp_path / "ssh_config").write_text(
        f"Host lab\n HostName 127.0.0.1\n Port {port}\n User {getpass.getuser()}\n IdentityFile {tmp_path}/mine\n"
        f" IdentitiesOnly yes\n UserKnownHostsFile {tmp_path}/known_hosts\n"
    )
    monkeypatch.setattr(connect, "_SSH", (*connect._SSH, "-F", str(tmp_path / "ssh_config")))
    with subprocess.Popen([SSHD, "-D", "-f", tmp_path / "sshd_config"]) as sshd:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield "lab"
        sshd.terminate()


def test_a_host_with_sshd_gives_the_bytes_of_this_computer(lab, autograder, ssh):
    there = autograder(lab, *ASKED, "--out", "there", "--cluster", f"ssh:{ssh}", "--jobs", 1)
    assert there.returncode == 0, there.stderr
    assert "Workers of the cluster: 1" in there.stdout
    assert autograder(lab, *ASKED, "--out", "here", "--jobs", 1).returncode == 0
    assert differing(lab / "there", lab / "here") == []
