"""Where Gradescope grades: root in a container, with the capabilities that containers have, and no new namespaces.

The tests of this page and of those about what workers may do are run once more there, and by a root without any.
"""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.long

CONFINED = os.environ.get("AUTOGRADER_TESTS_CONFINED")
DOCKER = (
    "+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,"
    "+mknod,+audit_write,+setfcap"
)
"""What a container's root keeps by default."""


@pytest.mark.skipif(CONFINED is not None, reason="these tests run in a container already")
def test_what_holds_for_workers_elsewhere_holds_for_those_in_a_container(run_confined):
    status, output = run_confined(
        DOCKER, "test_container.py", "test_isolation.py", "test_signals.py", "test_worker_limits.py"
    )
    assert status == 0, output


@pytest.mark.skipif(CONFINED is not None, reason="these tests run in a container already")
def test_what_layers_are_left_hold_for_a_root_without_capabilities(run_confined):
    status, output = run_confined("", "test_container.py", "test_isolation.py", "test_signals.py")
    assert status == 0, output


@pytest.mark.skipif(CONFINED != DOCKER, reason="run again in a container")
def test_in_a_container_the_level_is_full_without_namespaces(report):
    assert report.level == "full", report.reasons
    assert {"landlock", "seccomp", "user", "limits", "no_new_privs", "process"} <= set(report.layers)
    assert not [layer for layer in report.layers if layer.endswith("_namespace")]
    said = "\n".join(report.reasons)
    assert all(f"{name}_namespace: " in said for name in ("pid", "net", "ipc"))


@pytest.mark.skipif(CONFINED != "", reason="run again without capabilities")
def test_a_root_that_cannot_become_another_user_is_told_that_it_is_reduced(report):
    assert report.level == "reduced"
    assert any(reason.startswith("user: ") for reason in report.reasons)
