"""Imports between the engine's modules point one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Container
from graphlib import TopologicalSorter
from pathlib import Path

import autograder

ROOT = Path(autograder.__file__).parent


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, modules: Container[str]) -> set[str]:
    """The modules that are imported anywhere in the file; `from package import module` is about the module alone."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names.update(name if name in modules else str(node.module) for name in inside)
    return {name for name in names if name in modules}


def test_no_module_imports_itself_by_way_of_others():
    paths = {module_name(path): path for path in ROOT.rglob("*.py")}
    graph = {name: imports(path, paths) - {name} for name, path in paths.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


def room(module: str) -> str:
    """The folder that a module lies in, or the module itself; what is started by itself is above all others."""
    return module if module.endswith("__main__") else ".".join(module.split(".")[:2])


def test_no_room_needs_itself_by_way_of_others():
    paths = {module_name(path): path for path in ROOT.rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        graph.setdefault(room(name), set()).update(room(other) for other in imports(path, paths))
    TopologicalSorter({name: others - {name} for name, others in graph.items()}).prepare()


def test_the_process_that_hands_out_submissions_imports_no_torch():
    """Torch is imported once, by the process that forks all others; twice would double the time of a cold start."""
    program = "import sys, autograder.cli, autograder.run, autograder.verify.run; print('torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "False\n"
