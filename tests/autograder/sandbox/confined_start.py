"""Runs pytest as in a container, or as an ordinary user. Run as a program, by tests.

First argument: the capabilities that are left, as setpriv names them ("+chown,+setuid" or ""), or "user" for an
ordinary user, or "user with namespaces" for one on a machine that lets him make some. The others are pytest's.
"""

from __future__ import annotations

import errno
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


def main() -> None:
    left, *tests = sys.argv[1:]
    if CONFINED not in os.environ:
        engine = Path(autograder.__file__).parents[1]
        make_reachable([*readable_paths(), Path(sys.base_prefix), Path(sys.prefix), *engine.iterdir()])
        if left in (ORDINARY, WITH_NAMESPACES):
            rights = [f"--reuid={USER}", f"--regid={USER}"]
            os.chown(tempfile.gettempdir(), USER, USER)
        else:
            rights = [f"--bounding-set=-all,{left}".rstrip(",")]
        command = ["setpriv", *rights, "--groups=4,20", "--inh-caps=-all", sys.executable, *sys.argv]
        os.execvpe("setpriv", command, {**os.environ, CONFINED: left})
    if left != WITH_NAMESPACES:
        _deny_namespaces()
    sys.exit(pytest.main(["-q", "-rs", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]))


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
