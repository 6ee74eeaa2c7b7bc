"""Is a notebook of sixty megabytes of output

Route: notebooks
Tries: to fill memory by pictures
Holds: Outputs are never built in memory; a notebook that is too large is refused.
"""

from __future__ import annotations

import json
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 60_000_000}}
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [output], "execution_count": 1, "source": text}
        for text in base.values()
    ][:1]
    (folder / "core.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
