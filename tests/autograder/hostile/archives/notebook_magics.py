"""Is a notebook of shell lines and magics

Route: notebooks
Tries: to have commands run when the notebook is read
Holds: A notebook is never run; of its cells, definitions are taken as text.
"""

from __future__ import annotations

import json
from pathlib import Path

SHELL = [
    "!touch /tmp/autograder-hostile-was-here",
    "%run evil.py",
    "%%bash\ntouch /tmp/autograder-hostile-was-here",
    "%load_ext evil",
    "get_ipython().system('touch /tmp/autograder-hostile-was-here')",
]


def make(folder: Path, base: dict[str, str]) -> None:
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for source in [*SHELL, *base.values(), *SHELL]
    ]
    (folder / "core.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
