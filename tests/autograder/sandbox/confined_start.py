"""Starts a zygote where a container would, and tells as JSON what became of it. Run as a program, by tests.

First argument: the capabilities that are left, as setpriv names them ("+chown,+setuid" or ""), or "user" for an
ordinary user, or "user with namespaces" for one on a machine that lets him make some. With more arguments, pytest is
run with them instead, in the same place.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

import autograder
from autograder.sandbox.isolation import readable_paths

sys.path.append(str(Path(__file__).parents[1]))
from reachable import make_reachable

USER = 12_345
ORDINARY, WITH_NAMESPACES = "user", "user with namespaces"
CONFINED = "AUTOGRADER_TESTS_CONFINED"
"""In the environment of the process that setpriv has started: what is left to it."""
_NEW_NAMESPACES = 0x7E020080
ASK = """
import os

def attempt(code):
    try:
        return str(eval(code))
    except BaseException as error:
        return type(error).__name__
"""
ATTEMPTS = {
    "uid": "os.getuid()",
    "groups": "os.getgroups()",
    "read": "open('/etc/passwd').read()",
    "list": "os.listdir('/root')",
    "suite": "open('/etc/shadow').read()",
    "fork": "os.fork()",
    "signal": "os.kill(os.getppid(), 0)",
    "unshare": "__import__('ctypes').CDLL(None).unshare(0x10000000)",
    "become_root": "os.setuid(0)",
    "owner_in_proc": "os.stat('/proc/self/environ').st_uid",  # root, where a process is not dumpable
}


def main() -> None:
    left, *tests = sys.argv[1:]
    if CONFINED not in os.environ:
        engine = Path(autograder.__file__).parents[1]
        make_reachable([*readable_paths(), Path(sys.base_prefix), Path(sys.prefix), *engine.iterdir()])
        if left in (ORDINARY, WITH_NAMESPACES):
            rights = [f"--reuid={USER}", f"--regid={USER}"]
            if tests:
                os.chown(tempfile.gettempdir(), USER, USER)
        else:
            rights = [f"--bounding-set=-all,{left}".rstrip(",")]
        command = ["setpriv", *rights, "--groups=4,20", "--inh-caps=-all", sys.executable, *sys.argv]
        os.execvpe("setpriv", command, {**os.environ, CONFINED: left})
    if left != WITH_NAMESPACES:
        _deny_namespaces()
    if tests:
        sys.exit(pytest.main(["-q", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]))
    from autograder.sandbox.launcher import Zygote

    with Zygote() as zygote:
        report = zygote.report()
        from autograder.sandbox.client import WorkerLine, WorkerSupply
        from autograder.sandbox.isolation import Allowance
        from autograder.sandbox.session import Session, Source
        from autograder.sandbox.time_limits import TimeLimits
        from autograder.suite.random import Random
        from autograder.suite.subjects import Namespace

        line = WorkerLine(WorkerSupply(zygote.connect()), "exercise", Allowance(), TimeLimits())
        session = Session(Source("exercise", "exercise.py", ASK), line)
        session.begin("test")
        found = {}
        for name, code in ATTEMPTS.items():
            found[name] = Namespace(session, Random(0, "test")).attempt(code)
        line.close()
    print(json.dumps({"level": report.level, "layers": report.layers, "reasons": report.reasons, "found": found}))


def _deny_namespaces() -> None:
    """As container engines do: no new namespaces, no mounts."""
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root"):
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    for bit in range(32):
        if _NEW_NAMESPACES >> bit & 1:
            flag = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit)
            rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", flag)
    rules.load()


if __name__ == "__main__":
    main()
