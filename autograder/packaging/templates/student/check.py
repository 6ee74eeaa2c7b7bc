"""Runs the public checks on your files: `python check.py`, and `python check.py --help` for more."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEEDED = ("msgspec", "numpy", "pytest", "rich", "torch", "torchvision", "watchfiles")


def main() -> int | str:
    """The exit status, or what is missing."""
    if sys.version_info < (3, 10):  # noqa: UP036 - students have what they have
        return f"check.py needs Python 3.10 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}."
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        where = HERE / "requirements.txt"
        return f'Not installed: {", ".join(missing)}. Run this first: python -m pip install -r "{where}"'
    if not (HERE / "checks" / "_engine").is_dir():
        return f"The folder checks, which belongs beside check.py, is not in {HERE}. Unpack the whole zip."
    # The folder's own copy, also where another one is installed.
    sys.path.insert(0, str(HERE / "checks" / "_engine"))
    from autograder.student.command import main as check

    return check(HERE)


if __name__ == "__main__":
    sys.exit(main())
