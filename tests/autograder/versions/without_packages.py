"""What of the project runs on a Python that has no package installed. Run as a program, by that Python.

First argument: what to do; second: the project's folder. Says what came of it as JSON.

`compile` reads names of files, one a line, and tells which are no Python to it, and why.
`read` reads every submission of the example class; `check` imports all that check.py does before torch.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

PACKAGES = ("IPython", "msgspec", "numpy", "pytest", "rich", "torch", "torchvision", "watchfiles")


class Anything:
    """Stands in for whatever a package defines: to inherit from, to write annotations with, to call."""

    def __init__(self, *args: object, **kwargs: object) -> None: ...

    def __init_subclass__(cls, **kwargs: object) -> None: ...

    def __class_getitem__(cls, item: object) -> type[Anything]:
        return Anything

    def __call__(self, *args: object, **kwargs: object) -> Anything:
        return Anything()

    def __getattr__(self, name: str) -> Anything:
        return Anything()


class StandIns(MetaPathFinder, Loader):
    """Finds a module for every package. Torch is none of them: whoever imports it has come as far as it goes."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in PACKAGES:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        class Module(ModuleType):
            def __getattr__(self, name: str) -> type[Anything]:
                if name.startswith("__"):
                    raise AttributeError(name)
                return Anything

        return Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ == "torch":
            raise ImportError("torch")


def compiled() -> dict[str, str]:
    """The files that are no Python, and what is wrong with them."""
    found = {}
    for name in sys.stdin.read().splitlines():
        try:
            compile(Path(name).read_bytes(), name, "exec", dont_inherit=True)
        except SyntaxError as error:
            found[name] = str(error)
    return found


def read(root: Path) -> dict[str, object]:
    """What is read of the example class. Notebooks are left out, whose form msgspec checks."""
    from autograder.submissions.find import find_submissions
    from autograder.submissions.model import Expected
    from autograder.submissions.read import read_submission
    from autograder.submissions.rules import forbidden_uses

    expected = []
    for path in sorted((root / "solutions/core").glob("*.py")):
        defined = (ast.ClassDef, ast.FunctionDef)
        names = [node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, defined)]
        expected.append(Expected(path.stem, path.name, tuple(names)))
    found: dict[str, object] = {}
    for submission in find_submissions(root / "examples/submissions/core"):
        if submission.path.suffix != ".ipynb":
            contents = read_submission(submission, expected)
            found[submission.student] = [
                {name: source.text for name, source in contents.sources.items()},
                {name: problem.kind for name, problem in contents.problems.items()},
                {name: len(forbidden_uses(source, ["torch.nn.LSTM*"])) for name, source in contents.sources.items()},
            ]
    return found


def checked() -> list[str]:
    """The modules that could be imported, and the package at which it ended."""
    names = ["autograder.student.command", "autograder.student.watch", "autograder.student.told"]
    for name in names:
        importlib.import_module(name)
    try:
        importlib.import_module("autograder.student.checks")
    except ImportError as error:
        names.append(str(error))
    return names


def main() -> None:
    task, root = sys.argv[1], Path(sys.argv[2])
    if task == "compile":
        print(json.dumps(compiled()))
    else:
        sys.meta_path.insert(0, StandIns())
        sys.path.insert(0, str(root))
        print(json.dumps(read(root) if task == "read" else checked(), sort_keys=True))


if __name__ == "__main__":
    main()
