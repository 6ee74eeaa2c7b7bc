"""Is a notebook with code in its metadata and outputs

Route: notebooks
Tries: to have code taken from where only a kernel's frontend looks
Holds: Only code cells count.
"""

from __future__ import annotations

import json
from pathlib import Path


def make(folder: Path, base: dict[str, str]) -> None:
    code = "\n".join(base.values())
    cells = [
        {
            "cell_type": "markdown",
            "metadata": {"source": code},
            "source": f"```python\n{code}\n```",
            "attachments": {"x.py": {"text/plain": code}},
        },
        {"cell_type": "raw", "metadata": {}, "source": code},
        {
            "cell_type": "code",
            "metadata": {"code": code},
            "outputs": [{"output_type": "stream", "name": "stdout", "text": code}],
            "execution_count": 1,
            "source": "pass",
        },
    ]
    metadata = {"otter": {"tests": {"q1": "100"}}, "kernelspec": {"name": "../../evil", "argv": ["sh"]}}
    (folder / "core.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    )
