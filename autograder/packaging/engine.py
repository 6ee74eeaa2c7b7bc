"""The part of the engine that a student's folder needs: what `autograder.student` imports, found in the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import autograder
from autograder.language import ENGINE, LOCALE

PACKAGE = autograder.__name__
_ROOT = Path(autograder.__file__).parent
_ENTRIES = (f"{PACKAGE}.student.command", f"{PACKAGE}.student.live", f"{PACKAGE}.grading.plugin")
"""What is started by name: check.py, the notebook, and pytest."""
_DATA = ("grading/pytest.ini",)
_LICENCE = _ROOT.parent / "LICENSE"
"""Goes with every copy of the code; an installed engine has it elsewhere."""


def engine_files() -> dict[str, Path]:
    """Files by their path from the engine's folder, `autograder/suite/compare.py`, sorted."""
    found: dict[str, Path] = {}
    waiting = list(_ENTRIES)
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if path is None or name in found:
            continue
        found[name] = path
        parent = name.rpartition(".")[0]
        waiting += [parent] if parent else []
        waiting += _imports(path)
    files = {path.relative_to(_ROOT.parent).as_posix(): path for path in found.values()}
    files |= {f"{PACKAGE}/{name}": _ROOT / name for name in _DATA}
    files |= {path.relative_to(_ROOT.parent).as_posix(): path for path in LOCALE.glob(f"*/{ENGINE}")}
    files |= {_LICENCE.name: _LICENCE} if _LICENCE.is_file() else {}
    return dict(sorted(files.items()))


def _imports(path: Path) -> Iterator[str]:
    """Names that may be modules of the engine; importing one from a package imports the package."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(name: str) -> Path | None:
    """The file of a module of the engine, or None for anything else."""
    first, *rest = name.split(".")
    if first != PACKAGE:
        return None
    base = _ROOT.joinpath(*rest)
    return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)
