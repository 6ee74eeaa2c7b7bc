"""Is a notebook of the wrong schema

Route: notebooks
Tries: to have cells that are numbers, sources that are objects, and a version that does not exist
Holds: It is refused with a clear message.
"""

from __future__ import annotations

import json
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 10**30,
        "metadata": [],
        "cells": [1, {"cell_type": "code", "source": {"x": 1}}],
    }
    (folder / "core.ipynb").write_text(json.dumps(notebook))
