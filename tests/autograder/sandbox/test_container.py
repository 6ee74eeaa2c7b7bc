"""Where Gradescope grades: root in a container, with the capabilities that containers have, and no new namespaces. And
where an ordinary user does, who has neither."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can give up capabilities, with setpriv",
)

DOCKER = (
    "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,"
    "+mknod,+audit_write,+setfcap"
)
"""What a container's root keeps by default."""
START = Path(__file__).with_name("confined_start.py")


def started_with(capabilities: str) -> dict[str, object]:
    """The zygote's report, and what a worker found it could do."""
    process = subprocess.run(
        [sys.executable, str(START), capabilities], capture_output=True, text=True, timeout=300, check=False
    )
    assert process.returncode == 0, process.stderr[-2000:]
    found: dict[str, object] = json.loads(process.stdout)
    return found


CLOSED = {
    "read": "PermissionError",
    "list": "PermissionError",
    "suite": "PermissionError",
    "fork": "PermissionError",
    "signal": "PermissionError",
    "unshare": "-1",
    "become_root": "PermissionError",
    "owner_in_proc": "0",
}


def test_in_a_container_the_level_is_full_without_namespaces():
    container = started_with(DOCKER)
    assert container["level"] == "full", container["reasons"]
    assert {"landlock", "seccomp", "user", "limits", "no_new_privs", "process"} <= set(container["layers"])
    assert not [layer for layer in container["layers"] if layer.endswith("_namespace")]
    said = "\n".join(container["reasons"])
    assert all(f"{name}_namespace: " in said for name in ("pid", "net", "ipc"))
    found = container["found"]
    assert int(found["uid"]) >= 61_000
    assert found["groups"] == "[]"
    assert {name: found[name] for name in CLOSED} == CLOSED


def test_a_root_that_cannot_become_another_user_is_told_that_it_is_reduced():
    container = started_with("")
    assert container["level"] == "reduced"
    assert any(reason.startswith("user: ") for reason in container["reasons"])
    found = container["found"]
    assert {name: found[name] for name in CLOSED} == CLOSED


def test_for_an_ordinary_user_the_level_is_full_without_another_user():
    run = started_with("user")
    assert run["level"] == "full", run["reasons"]
    assert set(run["layers"]) == {"process", "limits", "no_new_privs", "capabilities", "landlock", "seccomp"}
    found = run["found"]
    assert found["uid"] == "12345"
    assert {name: found[name] for name in CLOSED} == CLOSED


def test_what_holds_for_workers_elsewhere_holds_for_those_in_a_container(run_confined):
    status, output = run_confined(DOCKER, "test_isolation.py", "test_signals.py", "test_workers.py")
    assert status == 0, output


def test_what_layers_are_left_hold_for_a_root_without_capabilities(run_confined):
    status, output = run_confined("", "test_isolation.py", "test_signals.py")
    assert status == 0, output
