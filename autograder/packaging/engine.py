"""The part of the engine that a student's folder needs: what `autograder.student` imports, found in its code."""

from __future__ import annotations

from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

import autograder
from autograder.language import ENGINE, LOCALE

_ROOT = Path(autograder.__file__).parent
_ENTRIES = ("autograder.student.command", "autograder.student.live", "autograder.grading.plugin")
"""What is started by name: check.py, the notebook, and pytest."""
_LICENCE = _ROOT.parent / "LICENSE"
"""Goes with every copy of the code; an installed engine has it elsewhere."""


def engine_files() -> dict[str, Path]:
    """Files by their path from the engine's folder, `autograder/suite/compare.py`, sorted."""
    finder: Any = ModuleFinder([])  # outside of the engine nothing is looked for
    finder.load_package(autograder.__name__, str(_ROOT))
    for name in _ENTRIES:
        finder.import_hook(name)
    found = [Path(module.__file__) for module in finder.modules.values() if module.__file__]
    found += [_ROOT / "grading" / "pytest.ini", *LOCALE.glob(f"*/{ENGINE}")]
    found += [_LICENCE] if _LICENCE.is_file() else []
    return {path.relative_to(_ROOT.parent).as_posix(): path for path in sorted(found)}
