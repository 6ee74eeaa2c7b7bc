"""Lines that an instructor is shown where an exercise forbids something: ways round a ban, and nothing usual."""

from __future__ import annotations

import pytest

from autograder.submissions.evidence import doubtful_lines
from autograder.submissions.model import Segment, SourceFile


def doubts(text: str) -> list[str]:
    return doubtful_lines(SourceFile("lstm_cell", "lstm_cell.py", text, (Segment(1, "lstm_cell.py"),)))


@pytest.mark.parametrize(
    "line",
    [
        "import ctypes",
        "import os, gc",
        "import importlib.util",
        "from importlib import import_module",
        "from torch._decomp import decomposition_table",
        "from types import FunctionType",
        "exec(text)",
        "cell = eval('nn.' + name)",
        "code = compile(text, 'x', 'exec')",
        "modules = sys.modules",
        "kinds = nn.Module.__subclasses__()",
        "self.__class__ = Block",
        "f = function.__wrapped__",
        "names = f.__globals__",
        "frame = sys._getframe(1)",
        "text = torch.from_file(path, size=3)",
        "table = torch._decomp.decomposition_table",
    ],
)
def test_a_means_to_get_round_a_ban_is_shown_with_its_line(line: str) -> None:
    assert doubts(f"x = 1\n{line}\ny = 2\n") == [f"line 2: {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "import torch, math, os",
        "from torch import nn",
        "model.eval()",
        "pattern = re.compile('x')",
        "model = torch.compile(model)",
        "name = self.__class__.__name__",
        "layers = list(self.modules())",
        "values = vars(self)",
        "text = 'exec(ctypes)'  # gc",
    ],
)
def test_what_honest_code_does_is_not(line: str) -> None:
    assert doubts(f"{line}\n") == []


def test_a_file_that_does_nothing_else_fills_no_page() -> None:
    assert len(doubts("exec(x)\n" * 1_000)) == 20
    assert len(doubts(f"exec('{'x' * 1_000}')\n")[0]) < 200


def test_a_file_with_an_error_has_none() -> None:
    assert doubts("exec(") == []
