"""Nothing that a submission must not know is in the memory of its worker, or of the process that forked it."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

import psutil
import pytest

from autograder.grading.batch import Batch, Done, Started

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of other processes")

SLOW = "import time; time.sleep(0 if hasattr(torch, 'slept') else 3); torch.slept = True; return 2 * x"


def memory(pid: int) -> bytes:
    """All that a process has written or could read: its private and anonymous mappings."""
    found = []
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as contents:
            for line in maps:
                place, rights, _, _, _, *name = line.split()
                start, end = (int(part, 16) for part in place.split("-"))
                # Code of libraries comes from their files.
                if "r" not in rights or (name and name[0].startswith("/") and "w" not in rights) or "[v" in line:
                    continue
                try:
                    contents.seek(start)
                    found.append(contents.read(end - start))
                except (OSError, ValueError, OverflowError):
                    continue
    except (FileNotFoundError, ProcessLookupError):
        return b""
    return b"".join(found)


def test_no_secret_is_in_the_memory_of_a_worker_or_of_the_zygote(project, zygote, monkeypatch):
    def canary(kind: str) -> str:
        return f"canary/{kind}/{os.urandom(8).hex()}"

    secrets = {kind: canary(kind) for kind in ("suite", "solution", "neighbour", "environment", "assignment")}
    monkeypatch.setenv("AUTOGRADER_SECRET", secrets["environment"])
    for kind, name in (("suite", "tests/demo/double/test_double.py"), ("solution", "solutions/demo/double.py")):
        file = project.root / name
        file.write_text(f'{file.read_text()}\nSECRET = "{secrets[kind]}"\n')
    description = project.layout.description
    text = description.read_text().replace('"Doubling"', f'"{secrets["assignment"]}"')
    description.write_text(re.sub("question_seconds = .*", "question_seconds = 20.0", text))
    own = canary("own")
    neighbour = project.hand_in("kim", f"return 2 * x  # {secrets['neighbour']}")
    slow = project.hand_in("lee", f"{SLOW}  # {own}")
    seen: dict[str, set[str]] = {"zygote": set(), "grader": set(), "worker": set()}

    def look() -> None:
        end = time.monotonic() + 30
        while own not in seen["worker"] and time.monotonic() < end:
            time.sleep(0.3)
            for child in [psutil.Process(zygote.pid), *psutil.Process(zygote.pid).children(recursive=True)]:
                kind = "zygote" if child.pid == zygote.pid else "grader" if child.pid in graders else "worker"
                inside = memory(child.pid)
                seen[kind] |= {text for text in (*secrets.values(), own) if text.encode() in inside}

    graders: set[int] = set()
    fork = zygote.fork_grader

    def fork_and_note():
        pid, jobs = fork()
        graders.add(pid)
        return pid, jobs

    monkeypatch.setattr(zygote, "fork_grader", fork_and_note)
    watcher = threading.Thread(target=look)
    for event in Batch(zygote, project.assignment, project.setup(), 1).events([neighbour, slow]):
        match event:
            case Started("lee"):
                watcher.start()
            case Done(_, answer):
                assert answer.result is not None
    watcher.join()
    # That the search finds what is there: the grader's secrets in the grader, the student's own text in the worker.
    assert {secrets["suite"], secrets["solution"], secrets["neighbour"]} <= seen["grader"]
    assert seen["worker"] == {own}
    assert seen["zygote"] == set()
    assert Path(f"/proc/{zygote.pid}").exists()
