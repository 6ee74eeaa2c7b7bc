"""What is never run forbids nothing and costs nothing. What counts: the import, and what the wanted names reach."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.submissions.model import Contents, Expected, Segment, SourceFile
from autograder.submissions.rules import forbidden_uses

FORBIDDEN = ("torch.nn.LSTMCell", "torch.nn.utils.clip_grad*", "torchvision.models.*")

CELL = """import torch
from torch import nn
{imports}

class LSTMCell(nn.Module):
    def forward(self, x):
        return {answer}


"""

TRIALS = {
    "main": "def main():\n    nn.LSTMCell(3, 5)\n\n\nif __name__ == '__main__':\n    main()\n",
    "test": "def test_against_torch():\n    assert nn.LSTMCell(3, 5)\n",
    "async": "async def main():\n    nn.LSTMCell(3, 5)\n",
    "a class nobody wants": "class TestCell:\n    def setup_method(self):\n        self.cell = nn.LSTMCell(3, 5)\n",
    "a library's decorator": "@torch.no_grad()\ndef compare():\n    nn.LSTMCell(3, 5)\n",
    "a nested function": "def outer():\n    def inner():\n        return nn.LSTMCell\n    return inner\n",
    "a function of a function": "def a():\n    return nn.LSTMCell\ndef b():\n    return a()\n",
    "a list of tests": "def a():\n    return nn.LSTMCell\nTESTS = [a]\ndef main():\n    [t() for t in TESTS]\n",
    "a lambda": "reference = lambda: nn.LSTMCell(3, 5)\n",
    "an alias": "Reference = nn.LSTMCell\ndef main():\n    Reference(3, 5)\n",
    "a condition the other way round": "if '__main__' == __name__:\n    nn.LSTMCell(3, 5)\n",
    "a condition with more": "import sys\nif __name__ == '__main__' and sys.argv:\n    nn.LSTMCell(3, 5)\n",
    "a condition with `or`": "if __name__ == '__main__' or False:\n    nn.LSTMCell(3, 5)\n",
    "a condition that calls": "def a():\n    nn.LSTMCell(3, 5)\nif __name__ == '__main__' and a():\n    a()\n",
    "the other branch": "if __name__ != '__main__':\n    pass\nelse:\n    nn.LSTMCell(3, 5)\n",
    "not": "if not __name__ != '__main__':\n    nn.LSTMCell(3, 5)\n",
    "in": "if __name__ in ('__main__',):\n    nn.LSTMCell(3, 5)\n",
    "an expression": "def a():\n    nn.LSTMCell(3, 5)\na() if __name__ == '__main__' else None\n",
    "short for a condition": "def a():\n    nn.LSTMCell(3, 5)\n__name__ == '__main__' and a()\n",
    "an expression that names it": "x = nn.LSTMCell(3, 5) if __name__ == '__main__' else None\n",
    "short for a condition that names it": "DEBUG = False\nDEBUG and print(nn.LSTMCell(3, 5))\n",
    "an assertion that is off": "DEBUG = False\nassert not DEBUG or nn.LSTMCell(3, 5)\n",
    "a condition that names it": "if __name__ == '__main__' and nn.LSTMCell(3, 5):\n    pass\n",
    "a loop": "while False:\n    nn.LSTMCell(3, 5)\n",
    "a switch with its type": "DEBUG: bool = False\nif DEBUG:\n    nn.LSTMCell(3, 5)\n",
    "switched off": "if False:\n    nn.LSTMCell(3, 5)\n",
    "a switch that is off": "DEBUG = False\nif DEBUG:\n    nn.LSTMCell(3, 5)\n",
    "a switch that is on": "SKIP = 1\nif not SKIP:\n    nn.LSTMCell(3, 5)\n",
    "a switch in a function": "DEBUG = 0\ndef main():\n    if DEBUG:\n        nn.LSTMCell(3, 5)\nmain()\n",
    "for type checkers": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch.nn import LSTMCell\n",
    "an annotation": "def load(cell: nn.LSTMCell, other: 'nn.LSTMCell') -> nn.LSTMCell | None:\n    x: nn.LSTMCell\n",
    "words": "# nn.LSTMCell\nNOTE = 'nn.LSTMCell'\n'''torch.nn.LSTMCell'''\n",
    "inside a try": "try:\n    import pytest\n    def check():\n        nn.LSTMCell\nexcept ImportError:\n    pass\n",
}


INSIDE = "\n        def compare():\n            nn.LSTMCell(3, 5)\n"
"""A function of the wanted class's own that nothing calls."""


def uses(text: str) -> list[str]:
    source = SourceFile("lstm_cell", "lstm_cell.py", text, (Segment(1, "lstm_cell.py"),))
    return [finding.name for finding in forbidden_uses(source, FORBIDDEN, ("LSTMCell",))]


@pytest.mark.parametrize("trial", TRIALS.values(), ids=TRIALS.keys())
def test_what_is_never_run_forbids_nothing(trial: str) -> None:
    assert uses(CELL.format(imports="", answer="x") + trial) == []


def test_a_function_inside_a_method_that_nobody_calls_forbids_nothing() -> None:
    text = CELL.format(imports="", answer="x")
    assert uses(text.replace("(self, x):", f"(self, x):{INSIDE}")) == []
    assert uses(text.replace("(self, x):", f"(self, x):{INSIDE}        compare()")) == ["torch.nn.LSTMCell"]


@pytest.mark.parametrize(
    "imported",
    ["from torch.nn import LSTMCell as Reference", "from torch.nn.utils import clip_grad_norm_", "import torchvision"],
)
def test_an_import_that_only_trials_need_is_no_use(imported: str) -> None:
    trial = "def main():\n    Reference, clip_grad_norm_, torchvision.models\n"
    assert uses(CELL.format(imports=imported, answer="x") + trial) == []


@pytest.mark.parametrize(
    "helper",
    [
        "def helper(x):\n    return nn.LSTMCell(3, 5)(x)\n",
        "def deeper(x):\n    return nn.LSTMCell(3, 5)(x)\ndef helper(x):\n    return deeper(x)\n",
        "helper = lambda x: nn.LSTMCell(3, 5)(x)\n",
        "def helper(x):\n    def inside():\n        return nn.LSTMCell(3, 5)\n    return inside()(x)\n",
        "class Inner(nn.Module):\n    def forward(self, x):\n        return nn.LSTMCell(3, 5)(x)\nhelper = Inner()\n",
        "KINDS = {'cell': nn.LSTMCell}\ndef helper(x):\n    return KINDS['cell'](3, 5)(x)\n",
        "def real(x):\n    return nn.LSTMCell(3, 5)(x)\nhelper = real\n",
        "def real(x):\n    return nn.LSTMCell(3, 5)(x)\ndef helper(x):\n    return globals()['re' + 'al'](x)\n",
    ],
)
def test_what_the_wanted_names_lead_to_is_searched(helper: str) -> None:
    assert "torch.nn.LSTMCell" in uses(helper + CELL.format(imports="", answer="helper(x)"))


@pytest.mark.parametrize(
    "statement",
    [
        "nn.LSTMCell(3, 5)\n",
        "reference = nn.LSTMCell(3, 5)\n",
        "def main(cell=nn.LSTMCell(3, 5)):\n    pass\n",
        "try:\n    nn.LSTMCell(3, 5)\nexcept Exception:\n    pass\n",
        "class Settings:\n    cell = nn.LSTMCell(3, 5)\n",
        "class Mine(nn.LSTMCell):\n    pass\n",
        "def main():\n    nn.LSTMCell(3, 5)\nmain()\n",
        "def now(f):\n    return f()\n@now\ndef main():\n    nn.LSTMCell(3, 5)\n",
        "def main():\n    nn.LSTMCell(3, 5)\nif __name__ != '__main__':\n    main()\n",
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    nn.LSTMCell(3, 5)\n",
        "def forward(self, x):\n    return nn.LSTMCell(3, 5)(x)\nLSTMCell.forward = forward\n",
        "def forward(self, x):\n    return nn.LSTMCell(3, 5)(x)\nsetattr(LSTMCell, 'forward', forward)\n",
        "def into(kind):\n    return lambda f: setattr(kind, f.__name__, f)\n"
        "@into(LSTMCell)\ndef forward(self, x):\n    return nn.LSTMCell(3, 5)(x)\n",
        "from torch.nn import LSTMCell\n",
        "if True:\n    LSTMCell = nn.LSTMCell\n",
        "DEBUG = True\nif DEBUG:\n    nn.LSTMCell(3, 5)\n",
        "DEBUG = False\nDEBUG = not DEBUG\nif DEBUG:\n    nn.LSTMCell(3, 5)\n",
        "DEBUG = 0\ndef on():\n    global DEBUG\n    DEBUG = 1\non()\nif DEBUG:\n    nn.LSTMCell(3, 5)\n",
        "def f(DEBUG=1):\n    if DEBUG:\n        nn.LSTMCell(3, 5)\nDEBUG = 0\nf()\n",
        "def a():\n    nn.LSTMCell(3, 5)\n__name__ != '__main__' and a()\n",
        "def a():\n    nn.LSTMCell(3, 5)\nNone if __name__ == '__main__' else a()\n",
        "if __name__ in ('__main__', 'lstm_cell'):\n    nn.LSTMCell(3, 5)\n",
        "if __name__ in ('__main__', 'lstm_' + 'cell'):\n    nn.LSTMCell(3, 5)\n",
        "def a():\n    nn.LSTMCell(3, 5)\nif a() and False:\n    pass\n",
        "x = None if __name__ == '__main__' else nn.LSTMCell(3, 5)\n",
        "__name__ == '__main__' or nn.LSTMCell(3, 5)\n",
    ],
)
def test_what_the_import_runs_is_searched(statement: str) -> None:
    assert "torch.nn.LSTMCell" in uses(CELL.format(imports="", answer="x") + statement)


def test_a_star_counts_where_a_name_can_come_from_nowhere_else() -> None:
    star = "from torchvision.models import *"
    assert uses(CELL.format(imports=star, answer="x")) == []
    assert uses(CELL.format(imports=star, answer="resnet18()(x)"))[0] == "torchvision.models.*"


# -- imports that nothing needs ------------------------------------------------------------------------------------

BLOCK = "class SEBlock(nn.Module):\n    def forward(self, x):\n        return F.relu(x)\n"


@pytest.mark.parametrize(
    ("imports", "kept"),
    [
        ("import torch, matplotlib.pyplot as plt", ""),
        ("from plot_utils import *", ""),
        ("from helpers import show, F as G", ""),
        ("import wandb; import tqdm", ""),
        ("from torch.nn.functional import (\n    relu,  # not needed\n    no_such_thing,\n)", "\n\n\n"),
        ("import seaborn as sns; import math; from my_functions import F", "from my_functions import F"),
        ("import torch.nn.functional, scipy as F", "import scipy as F"),
    ],
)
def test_an_import_that_nothing_wanted_needs_costs_nothing(
    read: Callable[[Path], Contents], hand_in: Callable[..., Path], imports: str, kept: str
) -> None:
    first = "from torch import nn\nimport torch.nn.functional as F\n"
    trial = "\n\ndef main():\n    show(plt, sns, wandb, tqdm, torch)\n"
    contents = read(hand_in({"se_block.py": first + imports + "\n" + BLOCK + trial}))
    assert contents.sources["se_block"].text == first + kept + "\n" + BLOCK + trial


@pytest.mark.parametrize(
    "code",
    [
        "import plots\nplots.style()\n",
        "import plots\nSTYLE = plots.STYLE\nclass SEBlock:\n    style = STYLE\n",
        "from sizes import SIZE\nSIZE += 1\n",
        "import plots\ndel plots\n",
        "from sizes import SIZE\nclass SEBlock:\n    def f(self, n: SIZE): pass\n",
        "from sizes import *\nclass SEBlock:\n    def f(self): return SIZE\n",
        "from sizes import SIZE\nclass SEBlock:\n    def f(self): return eval('SIZE')\n",
        "try:\n    import plots\nexcept ImportError:\n    plots = None\n",
        "def f():\n    import plots\n",
        "from __future__ import annotations\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from elsewhere import Kind\n",
        "from settings import DEBUG\nif DEBUG and __name__ == '__main__':\n    pass\n",
        "from elsewhere import SEBlock\n",
    ],
)
def test_what_may_be_needed_stays_as_it_is(
    read: Callable[[Path], Contents], hand_in: Callable[..., Path], code: str
) -> None:
    assert read(hand_in({"se_block.py": code})).sources["se_block"].text == code


@pytest.mark.parametrize(
    ("magic", "left"),
    [
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "pass"),
        ("files = get_ipython().getoutput('ls')", "pass"),
        ("if True:\n    get_ipython().system('pip install x')", "if True:\n    pass"),
        ("get_ipython().system('ls');  # what is here", "pass"),
        ("get_ipython().system('ls'); x = 1", "get_ipython().system('ls'); x = 1"),
        ("!pip install x", "pass"),
        ("%matplotlib inline\nfiles = !ls", "pass\npass"),
    ],
)
def test_magics_of_an_exported_notebook_cost_nothing(
    read: Callable[[Path], Contents], hand_in: Callable[..., Path], magic: str, left: str
) -> None:
    contents = read(hand_in({"se_block.py": f"{magic}\nfrom torch import nn\n{BLOCK}"}))
    assert contents.sources["se_block"].text == f"{left}\nfrom torch import nn\n{BLOCK}"


# -- stubs ---------------------------------------------------------------------------------------------------------

STUB = '''"""The task."""

from torch import nn


class SEBlock(nn.Module):
    """A block."""

    def __init__(self, channels):
        """Make the layers."""
        super().__init__()
        self.channels = channels
        raise NotImplementedError("se_block: implement SEBlock.__init__")

    def forward(self, x):
        raise NotImplementedError("se_block: implement SEBlock.forward")
'''
ANSWER = "from torch import nn\n\n\nclass SEBlock(nn.Module):\n    def forward(self, x):\n        return x.sigmoid()\n"

UNTOUCHED = {
    "as it was given out": STUB,
    "a name on top": "# Kim Minjun, 20261234\n" + STUB,
    "the name as a string": "NAME = 'Kim Minjun'\n" + STUB,
    "another docstring": STUB.replace("A block.", "My block."),
    "blank lines and comments": STUB.replace("\n\n", "\n\n\n# TODO\n"),
    "Windows line ends": STUB.replace("\n", "\r\n"),
    "imports": "import torch\nimport numpy as np\n" + STUB,
    "pass": STUB.replace('raise NotImplementedError("se_block: implement SEBlock.forward")', "pass"),
    "dots": STUB.replace('raise NotImplementedError("se_block: implement SEBlock.forward")', "..."),
    "other words": STUB.replace('"se_block: implement SEBlock.forward"', ""),
    "a helper that nobody uses": STUB + "\n\ndef helper():\n    return 3\n",
    "a trial": STUB + "\n\nif __name__ == '__main__':\n    block = SEBlock(3)\n",
    "no class at all": "# nothing yet\n",
}


@pytest.fixture
def read_with_stub(hand_in: Callable[..., Path]) -> Callable[..., Contents]:
    from autograder.submissions.model import Submission
    from autograder.submissions.read import read_submission

    wanted = [Expected("se_block", "se_block.py", ("SEBlock",), STUB)]
    return lambda files: read_submission(Submission("kim", hand_in(files)), wanted)


@pytest.mark.parametrize("untouched", UNTOUCHED.values(), ids=UNTOUCHED.keys())
@pytest.mark.parametrize("elsewhere", ["core.ipynb", "week4/se_block.py"])
def test_an_untouched_stub_never_beats_an_answer(
    read_with_stub: Callable[..., Contents], notebook: Callable[..., str], untouched: str, elsewhere: str
) -> None:
    answer = notebook(ANSWER) if elsewhere.endswith(".ipynb") else ANSWER
    contents = read_with_stub({"se_block.py": untouched, elsewhere: answer})
    assert contents.sources["se_block"].origin == elsewhere
    assert any("`se_block.py`" in note and f"`{elsewhere}` counts" in note for note in contents.notes)


@pytest.mark.parametrize(
    "started",
    [
        ANSWER,
        STUB.replace('raise NotImplementedError("se_block: implement SEBlock.forward")', "return x"),
        STUB.replace("self.channels = channels", "self.channels = channels\n        self.fc1 = nn.Linear(3, 3)"),
        STUB + "\n\nSEBlock.forward = lambda self, x: x\n",
        STUB + "\n\nsetattr(SEBlock, 'forward', lambda self, x: x)\n",
        STUB + "\n\nclass Mine(nn.Module):\n    pass\n\n\nSEBlock = Mine\n",
        "from torch import nn\nclass Mine(nn.Module):\n    def forward(self, x): return x\nclass SEBlock(Mine): pass\n",
        "if True:\n    class SEBlock:\n        def forward(self, x): return x\n",
    ],
)
def test_work_that_was_begun_counts_before_a_notebook(
    read_with_stub: Callable[..., Contents], notebook: Callable[..., str], started: str
) -> None:
    contents = read_with_stub({"se_block.py": started, "core.ipynb": notebook(ANSWER)})
    assert contents.sources["se_block"].origin == "se_block.py"


@pytest.mark.parametrize("name", ["se_block (1).py", "se_block_final.py", "my_block.py", "SE_Block.py"])
def test_an_answer_of_another_name_is_told_rather_than_a_stub_graded(
    read_with_stub: Callable[..., Contents], name: str
) -> None:
    problem = read_with_stub({"se_block.py": STUB, name: ANSWER}).problems["se_block"]
    assert problem.kind == "misnamed"
    assert problem.message.startswith(f"found `{name}`, expected `se_block.py`")


def test_a_broken_answer_in_a_notebook_is_told_rather_than_a_stub_graded(
    read_with_stub: Callable[..., Contents], notebook: Callable[..., str]
) -> None:
    problem = read_with_stub({"se_block.py": STUB, "core.ipynb": notebook("class SEBlock(:\n")}).problems["se_block"]
    assert (problem.kind, problem.message[:15]) == ("syntax", "cell 1, line 1 ")


def test_a_stub_alone_is_graded_as_it_is(read_with_stub: Callable[..., Contents]) -> None:
    contents = read_with_stub({"se_block.py": STUB, "se_block (1).py": STUB})
    assert contents.sources["se_block"].text == STUB


@pytest.mark.parametrize(("first", "second"), [(STUB, ANSWER), (ANSWER, STUB)], ids=["below", "above"])
def test_a_stub_in_the_same_file_gives_way_to_the_answer(
    read_with_stub: Callable[..., Contents], first: str, second: str
) -> None:
    contents = read_with_stub({"se_block.py": f"{first}\n\n{second}"})
    text = contents.sources["se_block"].text
    assert "return x.sigmoid()" in text
    assert "NotImplementedError" not in text
    assert text.count("\n") == f"{first}\n\n{second}".count("\n")
    assert [note.startswith("Left out SEBlock of se_block.py, line ") for note in contents.notes] == [True]


@pytest.mark.parametrize(("cells", "counts"), [((STUB, ANSWER), 2), ((ANSWER, STUB), 1)], ids=["below", "above"])
def test_a_stub_in_another_cell_gives_way_to_the_answer(
    read_with_stub: Callable[..., Contents], notebook: Callable[..., str], cells: tuple[str, str], counts: int
) -> None:
    contents = read_with_stub({"core.ipynb": notebook(*cells)})
    text = contents.sources["se_block"].text
    line = text.split("\n").index("        return x.sigmoid()") + 1
    assert contents.sources["se_block"].locate(line) == f"cell {counts}, line 6 of core.ipynb"
    assert "NotImplementedError" not in text
    assert [note.startswith("Left out SEBlock of cell ") for note in contents.notes] == [True]


def test_of_two_answers_in_a_notebook_the_page_says_which_counts(
    read_with_stub: Callable[..., Contents], notebook: Callable[..., str]
) -> None:
    contents = read_with_stub({"core.ipynb": notebook(ANSWER, "x = 1", ANSWER.replace("x.sigmoid()", "x"))})
    assert contents.notes == ("`core.ipynb` defines SEBlock in cells 1 and 3: the last one counts.",)
