"""Runs the command line as the corpus's tests want it: by an ordinary user, on a kernel without Landlock.

Called with one argument, JSON. It also writes down which scratch folders are made, so that a test can see them gone.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
import tempfile
from pathlib import Path

import autograder
from autograder.sandbox.isolation import readable_paths

sys.path.append(str(Path(__file__).parents[1]))
from reachable import make_reachable

USER = 12_345
_MEMORY = 8 << 30
"""Bytes of address space for whatever is not limited otherwise: without isolation, a bomb would take all there is."""


def main() -> None:
    orders = json.loads(sys.argv[1])
    if orders["as_user"] and os.geteuid() == 0:
        engine = Path(autograder.__file__).parents[1]
        make_reachable([*readable_paths(), Path(sys.base_prefix), Path(sys.prefix), *engine.iterdir()])
        os.setgroups([])
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    if orders["without_landlock"]:
        _deny_landlock()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    make = tempfile.mkdtemp

    def noted(*args: object, **kwargs: object) -> str:
        folder = make(*args, **kwargs)
        with open(orders["scratch_log"], "a") as log:
            log.write(f"{folder}\n")
        return folder

    tempfile.mkdtemp = noted
    sys.argv = ["autograder", *orders["arguments"]]
    from autograder.cli import main as command_line

    command_line()


def _deny_landlock() -> None:
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "landlock_create_ruleset")
    rules.load()


if __name__ == "__main__":
    main()
