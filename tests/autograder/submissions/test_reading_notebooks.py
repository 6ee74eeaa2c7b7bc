"""Notebooks: which cells are read, and which statements of them an exercise gets."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions.magics import without_magics
from autograder.submissions.model import Contents, Expected, SourceFile, Submission
from autograder.submissions.read import read_submission

Notebook = Callable[..., str]
Read = Callable[[Path], Contents]
HandIn = Callable[..., Path]
ReadNotebook = Callable[..., Contents]

BLOCK = "class ResidualBlock:\n    pass"


@pytest.fixture
def read_cells(read: Read, hand_in: HandIn, notebook: Notebook) -> ReadNotebook:
    """Contents of a submission that is one notebook with these code cells."""

    def read_them(*cells: str) -> Contents:
        return read(hand_in({"core.ipynb": notebook(*cells)}) / "core.ipynb")

    return read_them


@pytest.fixture
def cut(read_cells: ReadNotebook) -> Callable[..., str]:
    """The statements that `residual_block` gets of these cells, without blank lines."""

    def cut_them(*cells: str) -> str:
        text = read_cells(*cells).sources["residual_block"].text
        return "\n".join(line for line in text.split("\n") if line.strip())

    return cut_them


# -- which statements are taken ------------------------------------------------------------------------------------


def test_only_what_an_exercise_needs_is_taken(read_cells: ReadNotebook) -> None:
    contents = read_cells(
        "#md # Week 4",
        "import os\nimport torch\nfrom torch import nn\nimport matplotlib.pyplot as plt",
        "torch.manual_seed(0)\nWIDTH = 3\nHEIGHT = 4",
        "def conv(i, o):\n    return nn.Conv2d(i, o, WIDTH)\n\n\ndef unused():\n    pass",
        "class ResidualBlock(nn.Module):\n    def __init__(self):\n        self.conv1 = conv(3, 3)",
        "block = ResidualBlock()\nfor epoch in range(10):\n    loss = block(torch.zeros(3)).sum()\n    print(loss)",
        'grader.check("residual_block")\nplt.plot([1, 2])',
        "class SEBlock(nn.Module):\n    pass",
    )
    source = contents.sources["residual_block"]
    assert source.origin == "core.ipynb"
    assert [line for line in source.text.split("\n") if line] == [
        "from torch import nn",
        "WIDTH = 3",
        "def conv(i, o):",
        "    return nn.Conv2d(i, o, WIDTH)",
        "class ResidualBlock(nn.Module):",
        "    def __init__(self):",
        "        self.conv1 = conv(3, 3)",
    ]
    assert "Residual" not in contents.sources["se_block"].text
    assert set(contents.problems) == {"clip_grad"}


def test_every_line_keeps_its_place(read_cells: ReadNotebook) -> None:
    contents = read_cells(
        "#md not counted",
        "import os\n\nfrom torch import nn",
        "",
        "print(1)\nclass ResidualBlock(nn.Module):\n    x = 1\n\n    y = 2\nprint(2)",
    )
    source = contents.sources["residual_block"]
    where = {line: source.locate(number) for number, line in enumerate(source.text.split("\n"), start=1) if line}
    assert where == {
        "from torch import nn": "cell 1, line 3 of core.ipynb",
        "class ResidualBlock(nn.Module):": "cell 3, line 2 of core.ipynb",
        "    x = 1": "cell 3, line 3 of core.ipynb",
        "    y = 2": "cell 3, line 5 of core.ipynb",
    }
    assert [segment.label for segment in source.segments] == ["notebook cell 1", "notebook cell 3"]
    assert source.position(5) == "cell 3, line 2"


def test_every_definition_of_a_name_is_kept_so_that_the_last_wins(cut: Callable[..., str]) -> None:
    text = cut("class ResidualBlock:\n    version = 1", "print()", "class ResidualBlock:\n    version = 2")
    namespace: dict[str, type] = {}
    exec(text, namespace)
    assert text.count("class ResidualBlock") == 2
    assert namespace["ResidualBlock"].version == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "patch",
    [
        "ResidualBlock.forward = forward",
        "ResidualBlock.stride: int = forward",
        "ResidualBlock.table['k'] += forward",
        "setattr(ResidualBlock, 'forward', forward)",
        "del ResidualBlock.x, forward",
        "ResidualBlock = forward(ResidualBlock)",
        "ResidualBlock.layers.append(forward)",
        "for name in ['a']:\n    setattr(ResidualBlock, name, forward)",
        "if True:\n    ResidualBlock.forward = forward",
        "@add_to(ResidualBlock)\ndef forward(self):\n    pass",
    ],
)
def test_what_patches_a_class_is_taken_with_what_it_uses(cut: Callable[..., str], patch: str) -> None:
    text = cut(BLOCK, "def add_to(c): return c\ndef forward(self):\n    pass", patch)
    assert text.endswith(patch)
    assert "def forward(self):" in text


@pytest.mark.parametrize(
    "other",
    [
        "block = ResidualBlock()\nblock.forward = 3",
        "print(ResidualBlock)",
        "ResidualBlock()",
        "x = ResidualBlock.__doc__",
        "for epoch in range(3):\n    block = ResidualBlock()",
        "with open('log') as log:\n    log.write('x')",
        "if __name__ == '__main__':\n    model = ResidualBlock()",
        "assert ResidualBlock",
        "def train(self):\n    ResidualBlock.forward = None",
    ],
)
def test_what_only_uses_a_class_is_left_out(cut: Callable[..., str], other: str) -> None:
    assert cut(BLOCK, other) == BLOCK


@pytest.mark.parametrize(
    "binding",
    [
        "SIZE = 3",
        "SIZE: int = 3",
        "SIZE = 1\nSIZE += 2",
        "a, (SIZE, *b) = 1, (3, 4)",
        "if True:\n    SIZE = 3\nelse:\n    SIZE = 4",
        "try:\n    from fast import SIZE\nexcept ImportError:\n    SIZE = 3",
        "with open('/dev/null') as SIZE:\n    pass",
        "for SIZE in range(4):\n    pass",
        "while True:\n    SIZE = 3\n    break",
        "print(SIZE := 3)",
        "def SIZE():\n    return 3",
        "class SIZE:\n    pass",
        "from math import pi as SIZE",
        "match 3:\n    case SIZE:\n        pass",
        "OTHER = 3\nSIZE = OTHER",
        "SIZE = 3; print('together on one line')",
        "x = '''\n'''; SIZE = '''\n'''",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('-n')\nSIZE = p.parse_args([]).n",
    ],
)
def test_all_ways_of_binding_a_name(cut: Callable[..., str], binding: str) -> None:
    text = cut(binding, "class ResidualBlock:\n    def f(self):\n        return SIZE")
    assert text.startswith(binding)


@pytest.mark.parametrize(
    "use",
    [
        "def f(self): return SIZE",
        "def f(self, n=SIZE): pass",
        "def f(self, n: SIZE): pass",
        "def f(self) -> SIZE: pass",
        "f = lambda self: SIZE",
        "n = [SIZE for _ in range(3)]",
        "n = [x for x in range(SIZE)]",
        "def f(self):\n        def g(): return SIZE\n        return g",
        "def f(self): return f'{SIZE}'",
        "SIZE = SIZE",
        "@SIZE\n    def f(self): pass",
        "def f(self):\n        global SIZE\n        SIZE += 1",
    ],
)
def test_all_ways_of_using_a_name(cut: Callable[..., str], use: str) -> None:
    assert cut("SIZE = 3", f"class ResidualBlock:\n    {use}").startswith("SIZE = 3\n")


@pytest.mark.parametrize("statement", ["A = 1; SIZE += 2", "A = 1; del SIZE", "if True:\n    A = 1\n    SIZE += 1"])
def test_what_is_changed_in_place_must_be_bound_before(cut: Callable[..., str], statement: str) -> None:
    assert cut("SIZE = 3", statement, "class ResidualBlock:\n    f = A").startswith(f"SIZE = 3\n{statement}")


@pytest.mark.parametrize("header", ["class ResidualBlock(SIZE): pass", "@SIZE\nclass ResidualBlock: pass"])
def test_bases_and_decorators_are_uses(cut: Callable[..., str], header: str) -> None:
    assert cut("SIZE = 3", header) == f"SIZE = 3\n{header}"


@pytest.mark.parametrize(
    "use",
    [
        "def f(self, x): return x",
        "def f(self):\n        x = 1\n        return x",
        "def f(self): return self.x",
        "def f(self): return [x for x in ()]",
        "def f(self): return lambda x: x",
        "def f(self, **k): return f(x=1)",
        "n = 'x'  # x",
        "def f(self):\n        import x\n        return x",
        "def f(self):\n        for x in (): print(x)",
    ],
)
def test_a_local_name_does_not_pull_in_the_notebooks_own(cut: Callable[..., str], use: str) -> None:
    assert cut("x = train_for_an_hour()", f"class ResidualBlock:\n    {use}").startswith("class ResidualBlock")


def test_helpers_may_be_defined_later(cut: Callable[..., str]) -> None:
    text = cut("class ResidualBlock:\n    def f(self):\n        return helper()", "def helper():\n    return 1")
    assert text.endswith("def helper():\n    return 1")


def test_future_imports_come_first(read_cells: ReadNotebook) -> None:
    contents = read_cells(
        "import torch",
        "from __future__ import annotations\nfrom torch import nn",
        "class ResidualBlock(nn.Module):\n    def f(self, x: torch.Tensor): pass",
    )
    source = contents.sources["residual_block"]
    compile(source.text, "slice", "exec")
    lines = [line for line in source.text.split("\n") if line]
    assert lines[:3] == ["from __future__ import annotations", "import torch", "from torch import nn"]
    assert source.locate(1) == "cell 2, line 1 of core.ipynb"
    assert source.locate(source.text.split("\n").index("from torch import nn") + 1) == "cell 2, line 2 of core.ipynb"


def test_star_imports_are_always_taken(cut: Callable[..., str]) -> None:
    text = cut("from torch.nn import *", "class ResidualBlock(Module): pass")
    assert text == "from torch.nn import *\nclass ResidualBlock(Module): pass"


def test_one_of_two_wanted_names_is_enough(read_cells: ReadNotebook) -> None:
    contents = read_cells("def clip_grad(parameters, max_norm): pass")
    assert "clip_grad" in contents.sources
    assert contents.notes == ("`core.ipynb`: no cell defines clip_grad_value.",)


# -- IPython -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%load_ext autoreload",
        "%%capture",
        "!pip install torch",
        "!echo 'it is \"(' {",
        "pip install torch torchvision",
        "files = !ls",
        "t = %timeit -o pass",
        "a, b = !ls",
        "nn.Conv2d?",
        "nn.Conv2d??",
        "?nn.Conv2d",
        "%timeit?",
    ],
)
def test_ipythons_lines_are_dropped_and_line_numbers_stay(read_cells: ReadNotebook, line: str) -> None:
    source = read_cells(f"{line}\n{BLOCK}").sources["residual_block"]
    assert source.text == f"\n{BLOCK}\n"


def test_a_block_of_ipythons_lines_stays_valid() -> None:
    assert without_magics("if colab:\n    !pip install x\n    %cd y\nelse:\n\t!ls") == (
        "if colab:\n    pass\n    pass\nelse:\n\tpass"
    )


def test_a_command_over_several_lines_is_dropped_whole() -> None:
    assert without_magics("!pip install \\\n    torch \\\n    numpy\nx = 1") == "pass\n\n\nx = 1"


@pytest.mark.parametrize(
    "text",
    [
        "x = (a\n% b)",
        'x = """\n%matplotlib inline\n!ls\n"""',
        "x = '''\n!ls ''' '''\n%x\n'''",
        "x = a \\\n% b",
        "x = [  # (\n!b]",
        'x = "\\"("\ny = a % b',
        "x != y",
        "x = y != z",
        "x = '?'",
        "# what?",
        "x = r'\\'\n",
    ],
)
def test_what_only_looks_like_ipython_is_kept(text: str) -> None:
    assert without_magics(text) == text


def test_a_cell_that_is_python_is_never_changed(read_cells: ReadNotebook) -> None:
    cell = 'class ResidualBlock:\n    """\n%matplotlib\n!ls\nwhy?\n    """'
    assert read_cells(cell).sources["residual_block"].text == cell + "\n"


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "\n%%time"])
def test_the_body_stays_where_it_runs_in_the_notebook(read_cells: ReadNotebook, magic: str) -> None:
    assert "residual_block" in read_cells(f"{magic}\n{BLOCK}").sources


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%writefile notes.txt", "%%html", "%%timeit", "%%javascript", "%%!", "%%script python"]
)
def test_other_cell_magics_are_dropped_with_their_body(read_cells: ReadNotebook, magic: str) -> None:
    problem = read_cells(f"{magic}\n{BLOCK}").problems["residual_block"]
    assert problem.kind == "missing"
    assert problem.message == (
        f"cell 1 of core.ipynb begins with `{magic.split()[0]}`, so that nothing in it counts as code of the notebook: "
        "take that line out, or hand in `residual_block.py`."
    )


@pytest.mark.parametrize(
    "magic",
    [
        "%%writefile residual_block.py",
        "%%file residual_block.py",
        "%%writefile -a ./week4/residual_block.py",
        "%%writefile 'layers.py'",
        "%%writefile src\\\\layers.py",
    ],
)
@pytest.mark.parametrize(
    "after",
    [
        "!python residual_block.py",
        "from residual_block import ResidualBlock\nResidualBlock()",
        "from layers import *",
        "import residual_block\nresidual_block.ResidualBlock()",
    ],
)
def test_a_python_file_that_a_cell_writes_is_read_as_its_code(read_cells: ReadNotebook, magic: str, after: str) -> None:
    source = read_cells("import torch", f"{magic}\n{BLOCK}", after).sources["residual_block"]
    assert source.text.strip().startswith(BLOCK)
    assert "import" not in source.text
    assert source.locate(source.text.split("\n").index("    pass") + 1) == "cell 2, line 3 of core.ipynb"


def test_what_a_written_file_defines_can_be_imported_under_another_name(cut: Callable[..., str]) -> None:
    text = cut(
        "%%writefile layers.py\ndef conv(i):\n    return i",
        "from layers import (\n    conv,\n    conv as convolution,\n)\nfrom math import pi",
        "class ResidualBlock:\n    layer = convolution(pi)",
    )
    assert text == (
        "def conv(i):\n    return i\nconvolution = conv\nfrom math import pi\n"
        "class ResidualBlock:\n    layer = convolution(pi)"
    )


# -- what a notebook does not define -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "imported",
    ["from residual_block import ResidualBlock", "from .models import ResidualBlock", "from my.blocks import *"],
)
def test_a_class_that_is_only_imported_is_not_taken_for_a_definition(
    read: Read, hand_in: HandIn, notebook: Notebook, imported: str
) -> None:
    train = notebook(imported, "ResidualBlock(3, 8)")
    problem = read(hand_in({"a_train.ipynb": train})).problems["residual_block"]
    assert problem.kind == "missing"
    both = read(hand_in({"a_train.ipynb": train, "residual_block.ipynb": notebook(BLOCK)}))
    assert both.sources["residual_block"].origin == "residual_block.ipynb"


def test_a_file_that_was_forgotten_is_named(read_cells: ReadNotebook) -> None:
    problem = read_cells("from residual_block import ResidualBlock\nResidualBlock(3, 8)").problems["residual_block"]
    assert problem.message == "`residual_block.py` was not handed in: `core.ipynb` only imports ResidualBlock."


def test_an_import_beside_the_definition_costs_nothing(cut: Callable[..., str]) -> None:
    assert cut(BLOCK, "from residual_block import ResidualBlock") == BLOCK


def test_what_torch_itself_offers_stays_an_import(read_cells: ReadNotebook) -> None:
    source = read_cells("from torch.nn import Identity as ResidualBlock").sources["residual_block"]
    assert source.text == "from torch.nn import Identity as ResidualBlock\n"


# -- names that functions set --------------------------------------------------------------------------------------

USES_SIZE = "class ResidualBlock:\n    def f(self):\n        return SIZE"


@pytest.mark.parametrize(
    "setting",
    [
        "def setup():\n    global SIZE\n    SIZE = 16\nsetup()",
        "def setup(n):\n    global SIZE\n    SIZE = n\nfor n in range(3): setup(n)",
        "def a():\n    b()\ndef b():\n    setup()\ndef setup():\n    global SIZE\n    SIZE = 16\na()",
        "def setup():\n    global SIZE\n    SIZE += 1\nSIZE = 3\nother = setup()",
        "SIZE = {}\ndef setup():\n    SIZE['k'] = 3\nif True:\n    setup()",
        "class SIZE: pass\ndef setup():\n    SIZE.k = 3\nsetup()",
        "SIZE = []\ndef setup(n):\n    SIZE.append(n)\nsetup(16)",
        "SIZE = {}\ndef add(f):\n    SIZE['f'] = f\n    return f\n@add\ndef other(): pass",
    ],
)
def test_what_a_function_sets_when_it_is_called_is_taken_with_the_call(cut: Callable[..., str], setting: str) -> None:
    assert cut(setting, USES_SIZE) == f"{setting}\n{USES_SIZE}"


@pytest.mark.parametrize(
    "setting",
    [
        "def setup():\n    SIZE = 16",
        "def setup(SIZE):\n    SIZE['k'] = 3",
        "def setup():\n    SIZE = {}\n    SIZE['k'] = 3",
        "def setup(SIZE):\n    SIZE.append(3)",
        "def setup():\n    global OTHER\n    OTHER = SIZE",
    ],
)
def test_a_function_with_a_name_of_its_own_is_not_called(cut: Callable[..., str], setting: str) -> None:
    assert cut("SIZE = 1", setting, "setup(SIZE)", USES_SIZE) == f"SIZE = 1\n{USES_SIZE}"


@pytest.mark.parametrize(
    "other",
    [
        "def seed():\n    torch.backends.cudnn.benchmark = False\ndef main():\n    seed()\n    train()\nmain()",
        "order = torch.sort(scores())",
        "from torch import nn\ndef train():\n    nn.chosen = 3\ntrain()",
    ],
)
def test_what_sets_or_calls_something_of_a_library_is_left_out(cut: Callable[..., str], other: str) -> None:
    block = "import torch\nfrom torch import nn\nclass ResidualBlock(nn.Module):\n    f = torch.relu"
    assert "()" not in cut(other, block)


def test_a_name_that_no_cell_defines_is_told(read_cells: ReadNotebook) -> None:
    assert read_cells(USES_SIZE).notes == ("`core.ipynb`: residual_block uses SIZE, which no cell defines.",)


@pytest.mark.parametrize("slip", ["ResidulBlock", "residual_block", "Residual_Block", "ResBlock", "MyResidualBlock"])
def test_a_misspelt_class_is_named(read_cells: ReadNotebook, slip: str) -> None:
    problem = read_cells(f"class {slip}:\n    pass", "def helper(): pass").problems["residual_block"]
    assert problem.kind == "misnamed"
    assert problem.message == (f"`core.ipynb` defines `{slip}`, expected `ResidualBlock`: rename it and submit again.")


def test_await_outside_a_function_costs_nothing(read_cells: ReadNotebook) -> None:
    assert read_cells(f"{BLOCK}\nawait fetch()").sources["residual_block"].text == f"{BLOCK}\n"


# -- what is wrong with a notebook ---------------------------------------------------------------------------------


def test_no_cell_defines_the_class(read_cells: ReadNotebook) -> None:
    problem = read_cells("x = 1", "#md class ResidualBlock: pass").problems["residual_block"]
    assert problem.kind == "missing"
    assert problem.message == "`core.ipynb`: no cell defines ResidualBlock, and there is no `residual_block.py`."


def test_a_class_that_is_only_patched_is_not_defined(read_cells: ReadNotebook) -> None:
    assert read_cells("ResidualBlock.forward = None").problems["residual_block"].kind == "missing"


def test_a_syntax_error_in_the_cell_that_defines_the_class(read_cells: ReadNotebook) -> None:
    contents = read_cells("import torch", "class ResidualBlock:\n    def f(self)\n        pass", "class SEBlock: pass")
    problem = contents.problems["residual_block"]
    assert problem.kind == "syntax"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    told = f"cell 2, line 2 of core.ipynb: `def f(self)` - expected ':' (graded with Python {version})"
    assert problem.message == told
    assert "se_block" in contents.sources
    assert contents.notes == (f"Left out, not valid Python: {told}",)


@pytest.mark.parametrize(
    "cell", ["def helper(:", "helper = = 3", "import helper\nx = (", "from a import b, helper as\n", "helper: int = ("]
)
def test_a_syntax_error_in_a_cell_that_the_class_needs(read_cells: ReadNotebook, cell: str) -> None:
    contents = read_cells(cell, "class ResidualBlock:\n    f = helper", "class SEBlock: pass")
    assert contents.problems["residual_block"].kind == "syntax"
    assert contents.problems["residual_block"].message.startswith("cell 1, line")
    assert "se_block" in contents.sources


def test_a_syntax_error_elsewhere_costs_nothing(read_cells: ReadNotebook) -> None:
    contents = read_cells(BLOCK, "print('never closed", "helper == 3 (\nResidualBlock.x (")
    assert "residual_block" in contents.sources


def test_a_helper_that_is_also_defined_well_costs_nothing(read_cells: ReadNotebook) -> None:
    contents = read_cells("def helper(:", "def helper(): pass", "class ResidualBlock:\n    f = helper")
    assert "residual_block" in contents.sources


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text[:-20], "is damaged, or not JSON"),
        (lambda text: "", "is damaged, or not JSON"),
        (lambda text: "x = 1\n", "is damaged, or not JSON"),
        (lambda text: "[]", "is not a notebook that Jupyter would write"),
        (lambda text: "{}", "is not a notebook that Jupyter would write"),
        (lambda text: text.replace('"cells"', '"sells"'), "is not a notebook that Jupyter would write"),
        (lambda text: text.replace('"cell_type"', '"type"'), "is not a notebook that Jupyter would write"),
        (lambda text: text.replace('"source"', '"sauce"'), "is not a notebook that Jupyter would write"),
        (lambda text: text.replace('"nbformat": 4', '"nbformat": "4"'), "is not a notebook that Jupyter would write"),
        (lambda text: text.replace('"nbformat": 4', '"nbformat": 5'), "is a notebook of version 5"),
        (lambda text: text.replace('"nbformat": 4', '"nbformat": -1'), "is a notebook of version -1"),
        (lambda text: text.encode("utf-16"), "is damaged, or not JSON"),
        (lambda text: text.encode().replace(b"pass", b"\xff\xfe"), "is not UTF-8 text"),
        (lambda text: text.replace("pass", "\\ud800"), "is damaged, or not JSON"),
        (lambda text: '{"nbformat": 4, "cells": ' + "[" * 100_000, "is nested too deeply"),
        (lambda text: '{"nbformat": 4, "x": "' + '\\"' * 100_000, "is damaged, or not JSON"),
    ],
)
def test_what_is_no_notebook(
    read: Read, hand_in: HandIn, notebook: Notebook, change: Callable[[str], str | bytes], says: str
) -> None:
    contents = read(hand_in({"core.ipynb": change(notebook(BLOCK))}))
    assert {problem.kind for problem in contents.problems.values()} == {"unreadable"}
    assert says in contents.problems["residual_block"].message
    assert len(contents.notes) == 1


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["x = 1"] * 2_001, "has more than 2,000 code cells"),
        (["x = 1\n" * 200_000], "holds more than 1 MB of code"),
        (["x\n" * 20_001], "holds more than 20,000 statements"),
    ],
)
def test_a_notebook_of_far_too_much_code(read_cells: ReadNotebook, cells: list[str], says: str) -> None:
    assert says in read_cells(*cells).problems["residual_block"].message


def test_a_notebook_of_more_than_twenty_megabytes(read: Read, hand_in: HandIn) -> None:
    problem = read(hand_in({"core.ipynb": b" " * 20_000_001})).problems["residual_block"]
    assert (problem.kind, problem.message) == ("unreadable", "`core.ipynb` is larger than 20 MB.")


def test_large_and_odd_outputs_cost_nothing(read: Read, hand_in: HandIn, notebook: Notebook) -> None:
    made = json.loads(notebook(BLOCK))
    made["cells"][0]["outputs"] = [
        {"any": "shape", "plot": [float("nan"), float("-inf")], "text": 'NaN "'},
        "x" * 2_000_000,
    ]
    made["cells"][0]["metadata"] = None
    made["cells"].append({"cell_type": "code", "source": ["x = 'NaN, ", "-Infinity'"]})
    contents = read(hand_in({"core.ipynb": json.dumps(made)}))
    assert contents.sources["residual_block"].text == BLOCK + "\n"


def test_a_source_may_be_a_list_of_lines_with_any_line_end(read: Read, hand_in: HandIn, notebook: Notebook) -> None:
    made = json.loads(notebook(""))
    made["cells"][0]["source"] = ["class ResidualBlock:\r\n", "    pass"]
    contents = read(hand_in({"core.ipynb": "\ufeff" + json.dumps(made)}))
    assert contents.sources["residual_block"].text == BLOCK + "\n"


@pytest.mark.parametrize(
    "made",
    [
        {"nbformat": 1, "cells": [{"cell_type": "code", "code": BLOCK}]},
        {"nbformat": 2, "worksheets": [{"cells": [{"cell_type": "code", "input": BLOCK}]}]},
        {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": [{"cell_type": "code", "input": BLOCK}]}]},
    ],
    ids=["version 1", "version 2", "version 3"],
)
def test_a_notebook_of_an_old_version(read: Read, hand_in: HandIn, made: dict[str, object]) -> None:
    problem = read(hand_in({"core.ipynb": json.dumps(made)})).problems["residual_block"]
    says = f"`core.ipynb` is a notebook of version {made['nbformat']}: save it as version 4."
    assert (problem.kind, problem.message) == ("unreadable", says)


# -- notebooks beside other files ----------------------------------------------------------------------------------


def test_files_count_before_a_notebook(
    read: Read, hand_in: HandIn, notebook: Notebook, sources: dict[str, str]
) -> None:
    cells = notebook(BLOCK, "class SEBlock: pass")
    contents = read(hand_in({"residual_block.py": sources["residual_block.py"], "core.ipynb": cells}))
    assert contents.sources["residual_block"].origin == "residual_block.py"
    assert contents.sources["se_block"].origin == "core.ipynb"
    assert contents.notes == ("Ignored `core.ipynb` for residual_block: the exercise's own file counts.",)


def test_an_archive_counts_before_a_notebook(
    read: Read, hand_in: HandIn, notebook: Notebook, zipped: Callable[..., bytes], sources: dict[str, str]
) -> None:
    archive = zipped(
        {"residual_block.py": sources["residual_block.py"], "inside.ipynb": notebook("class SEBlock: pass")}
    )
    contents = read(hand_in({"work.zip": archive, "core.ipynb": notebook(BLOCK)}))
    assert contents.sources["residual_block"].origin == "work.zip/residual_block.py"
    assert contents.sources["se_block"].origin == "work.zip/inside.ipynb"
    assert contents.sources["se_block"].locate(1) == "cell 1, line 1 of work.zip/inside.ipynb"


def test_a_notebook_beside_all_files_is_not_read(read: Read, hand_in: HandIn, sources: dict[str, str]) -> None:
    contents = read(hand_in(sources | {"core.ipynb": "not a notebook"}))
    assert not contents.problems
    assert contents.notes == ("Ignored `core.ipynb`: every exercise was found without it.",)


def test_a_notebook_counts_before_a_nearly_right_name(read: Read, hand_in: HandIn, notebook: Notebook) -> None:
    contents = read(hand_in({"residual_block (1).py": "x = 1\n", "core.ipynb": notebook(BLOCK)}))
    assert contents.sources["residual_block"].origin == "core.ipynb"
    assert contents.notes == ("Ignored `residual_block (1).py`: `core.ipynb` counts.",)


def test_a_nearly_right_name_says_more_than_that_no_cell_defines_it(
    read: Read, hand_in: HandIn, notebook: Notebook
) -> None:
    assert (
        read(hand_in({"resblock.py": "", "core.ipynb": notebook("x = 1")})).problems["residual_block"].kind
        == "misnamed"
    )


def test_a_browsers_duplicate_of_a_notebook_counts_last(read: Read, hand_in: HandIn, notebook: Notebook) -> None:
    second = notebook(BLOCK + "\n    second = 1", "class SEBlock: pass")
    contents = read(hand_in({"core (1).ipynb": second, "core.ipynb": notebook(BLOCK)}))
    assert contents.sources["residual_block"].origin == "core.ipynb"
    assert contents.sources["se_block"].origin == "core (1).ipynb"


def test_an_unreadable_notebook_does_not_hide_another(read: Read, hand_in: HandIn, notebook: Notebook) -> None:
    contents = read(hand_in({"a.ipynb": "{", "core.ipynb": notebook(BLOCK)}))
    assert "residual_block" in contents.sources
    assert contents.notes == ("`a.ipynb` is not a notebook: it is damaged, or not JSON. Save it again.",)


# -- whatever cells come -------------------------------------------------------------------------------------------


PIECES = [
    "x",
    "=",
    "(",
    ")",
    "\n",
    "    ",
    "%",
    "!",
    "?",
    "'",
    '"""',
    "\\",
    "def ",
    "class ResidualBlock",
    ":",
    "#",
    "\0",
    "é",
]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(cells=st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=4))
def test_no_cells_make_reading_raise(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ipynb"
    made = {"nbformat": 4, "cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    path.write_text(json.dumps(made))
    wanted = Expected("residual_block", "residual_block.py", ("ResidualBlock",))
    contents = read_submission(Submission("kim", path), (wanted,))
    outcomes = [*contents.sources.values(), *contents.problems.values()]
    assert len(outcomes) == 1
    for source in outcomes:
        assert not isinstance(source, SourceFile) or compile(source.text, "slice", "exec")


def test_reading_loads_nothing_large() -> None:
    import subprocess

    code = (
        "import sys, autograder.submissions.find, autograder.submissions.read;"
        "print(sorted({'nbformat', 'torch', 'pytest', 'yaml'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
