"""Sources and notebooks that take Python, or us, far more time or memory than they are long."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.submissions.magics import without_magics
from autograder.submissions.model import Contents, Segment, SourceFile
from autograder.submissions.notebook import read_cells
from autograder.submissions.rules import forbidden_uses
from autograder.submissions.syntax import fault_in

Read = Callable[[Path], Contents]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


@pytest.mark.parametrize("text", ["잔차 = 1\n", "# e\u0301a\u0308\n" * 500, "x = 'ครั้งที่' * 40\n", "x = '각'\n"])
def test_text_of_any_language_is_read(text: str) -> None:
    assert fault_in(text) is None


@pytest.mark.parametrize("text", ["#" * 900_000, "x = '" + "a" * 900_000 + "'", "x = 1  # " + "- " * 200_000 + "\n"])
def test_a_megabyte_of_little_is_read(text: str) -> None:
    assert fault_in(text) is None


# -- names that stand for others -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "import torch\na0 = torch\n" + "".join(f"a{i + 1} = a{i}.nn; a{i + 1} = a{i}.a\n" for i in range(3_000)),
        "".join(f"from torch.a{i} import *\n" for i in range(3_000)) + "nn.LSTM\n" * 9_000,
    ],
    ids=["either or", "stars"],
)
def test_names_that_nobody_can_follow_are_given_up(text: str) -> None:
    source = SourceFile("lstm_cell", "lstm_cell.py", text, (Segment(1, "lstm_cell.py"),))
    with within(15):
        assert forbidden_uses(source, ("torch.nn.LSTMCell",)) == []


def test_a_module_that_is_imported_whole_a_thousand_times_is_one() -> None:
    text = "from torch.nn import *\n" * 5_000 + "LSTMCell\n" * 5_000
    source = SourceFile("lstm_cell", "lstm_cell.py", text, (Segment(1, "lstm_cell.py"),))
    with within(5):
        assert len(forbidden_uses(source, ("torch.nn.LSTMCell",))) == 5_000


MANY = 5_000


@pytest.mark.parametrize(
    "text",
    [
        "from torch import " + ", ".join(f"a{n}" for n in range(MANY)) + "\nglobals()\n",
        ", ".join(f"a{n}" for n in range(MANY)) + " = " + ", ".join("b" * MANY) + "\nglobals()\n",
        "".join(f"import a{n}\n" for n in range(MANY)) + "class SEBlock: pass\n",
        "".join(f"from x import a{n};" for n in range(MANY)) + "\nclass SEBlock: pass\n",
        "".join(f"@a{n}\ndef f{n}(): pass\n" for n in range(MANY)),
        "".join(f"def f{n}(): f{n + 1}()\n" for n in range(MANY)) + "f0()\n",
        "class SEBlok: pass\n" + "".join(f"class SEBlok{n}: pass\n" for n in range(MANY)),
    ],
    ids=["aliases", "targets", "imports", "imports on a line", "decorators", "chain", "nearly the name"],
)
@pytest.mark.parametrize("name", ["se_block.py", "core.ipynb"])
def test_thousands_of_names_are_read_in_reasonable_time(
    read: Read, hand_in: Callable[..., Path], notebook: Callable[..., str], name: str, text: str
) -> None:
    folder = hand_in({name: notebook(text) if name.endswith(".ipynb") else text})
    with within(15):
        contents = read(folder)
        for source in contents.sources.values():
            forbidden_uses(source, ("torch.nn.LSTMCell",), ("SEBlock",))


# -- notebooks -----------------------------------------------------------------------------------------------------


def test_help_and_a_million_spaces() -> None:
    with within(3):
        assert without_magics("x?" + " " * 900_000 + "y").startswith("x?")


@pytest.mark.parametrize("line", ["nn.Conv2d?", "nn.Conv2d??  ", "nn?;", "nn? ; "])
def test_help_is_still_dropped(line: str) -> None:
    assert without_magics(line) == "pass"


def test_an_old_notebook_of_far_too_many_cells_is_not_read(read: Read, tmp_path: Path) -> None:
    cells = b'{"cell_type":"code","input":""},' * 600_000
    (tmp_path / "kim.ipynb").write_bytes(b'{"nbformat":3,"worksheets":[{"cells":[' + cells[:-1] + b"]}]}")
    with within(3):
        message = read(tmp_path / "kim.ipynb").problems["se_block"].message
    assert message == "`kim.ipynb` is a notebook of version 3: save it as version 4."


def test_strings_beside_nan_are_not_collected(read: Read, tmp_path: Path) -> None:
    """As pieces in a list, a notebook of 20 MB took 500 MB."""
    data = b'{"nbformat":4,"cells":[],"x":[NaN' + b',"a"' * 1_000_000 + b"]}"
    tracemalloc.start()
    try:
        assert read_cells(data, "kim.ipynb") == []
        assert tracemalloc.get_traced_memory()[1] < 8 * len(data)
    finally:
        tracemalloc.stop()


def test_words_that_are_no_json_keep_what_stands_around_them() -> None:
    cell = {"cell_type": "code", "source": ["x = 'NaN'\n", "y = -1"], "outputs": [float("nan"), float("-inf")]}
    (read,) = read_cells(json.dumps({"nbformat": 4, "cells": [cell]}).encode(), "kim.ipynb")
    assert read.text == "x = 'NaN'\ny = -1"


def test_a_notebook_of_a_hundred_megabytes_is_not_read_to_its_end(read: Read, tmp_path: Path) -> None:
    with (tmp_path / "kim.ipynb").open("wb") as file:
        file.truncate(100_000_000)
    with within(1):
        message = read(tmp_path / "kim.ipynb").problems["se_block"].message
    assert message == "`kim.ipynb` is larger than 20 MB."
