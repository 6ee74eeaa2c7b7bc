"""Names that an exercise does not allow, found in the syntax tree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.submissions.model import Contents, Finding, Segment, SourceFile
from autograder.submissions.rules import forbidden_uses

FORBIDDEN = (
    "torch.nn.LSTMCell",
    "torch.nn.LSTM",
    "torch.nn.modules.rnn.LSTMCell",
    "torch._VF.lstm_cell",
    "torch.nn.utils.clip_grad*",
    "torchvision.models.*",
)


def source_of(text: str) -> SourceFile:
    return SourceFile("lstm_cell", "lstm_cell.py", text, (Segment(1, "lstm_cell.py"),))


def uses(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.name) for finding in forbidden_uses(source_of(text), FORBIDDEN)]


def test_a_finding_says_where_and_what() -> None:
    text = "import torch.nn as nn\n\n\nclass A(nn.Module):\n    def f(self):\n        self.cell = nn.LSTMCell(3, 4)\n"
    assert forbidden_uses(source_of(text), FORBIDDEN) == [
        Finding(6, "torch.nn.LSTMCell", "line 6 uses torch.nn.LSTMCell, which this exercise does not allow")
    ]


def test_a_finding_in_a_notebook_names_the_cell(
    read: Callable[[Path], Contents], hand_in: Callable[..., Path], notebook: Callable[..., str]
) -> None:
    cells = notebook("from torch import nn", "x = 1", "print()\nclass ResidualBlock(nn.LSTM): pass")
    source = read(hand_in({"core.ipynb": cells})).sources["residual_block"]
    (finding,) = forbidden_uses(source, FORBIDDEN)
    assert finding.message == "cell 3, line 2 uses torch.nn.LSTM, which this exercise does not allow"
    assert source.locate(finding.line) == "cell 3, line 2 of core.ipynb"


@pytest.mark.parametrize(
    "text",
    [
        "import torch\ntorch.nn.LSTMCell",
        "import torch as t\nt.nn.LSTMCell(3, 4)",
        "import torch.nn\ntorch.nn.LSTMCell",
        "import torch.nn as nn\nnn.LSTMCell",
        "from torch import nn\nnn.LSTMCell",
        "from torch import nn as n\n[n.Linear, n.LSTMCell][1]",
        "from torch import nn\nclass A(nn.LSTMCell): pass",
        "from torch import nn\ndef f(cell=nn.LSTMCell): pass",
        "from torch import nn\ndef f(x: nn.LSTMCell): pass",
        "from torch import nn\nlambda: nn.LSTMCell",
        "from torch import nn\n{nn.LSTMCell for _ in range(3)}",
        "from torch import nn\nf'{nn.LSTMCell}'",
        "from torch import nn\nnn.LSTMCell.forward",
        "from torch import nn\nnn.LSTMCell(3, 4)(x)[0].sum()",
        "from torch.nn import *\nLSTMCell(3, 4)",
        "from torch import *\nnn.LSTMCell(3, 4)",
    ],
)
def test_every_way_of_reaching_a_name(text: str) -> None:
    assert uses(text) == [(2, "torch.nn.LSTMCell")]


@pytest.mark.parametrize(
    "text",
    [
        "import torch.nn as nn\n\nmine = nn\nmine.LSTMCell",
        "import torch\nfrom math import *\nnn = torch.nn\nnn.LSTMCell",
        "import torch\n\nif (m := torch.nn):\n    m.LSTMCell",
        "import torch\nb = torch\na: object = b.nn\na.LSTMCell",
        "def f():\n    from torch import nn\n    def g():\n        return nn.LSTMCell",
        "class A:\n    import torch.nn as nn\n    x = [\n        nn.LSTMCell]",
        "import torch\nmine = torch.nn\ndef f():\n    return mine.LSTMCell",
        "def f():\n    global nn\n    import torch.nn as nn\nnn.LSTMCell",
        "try:\n    import torch.nn as nn\nexcept ImportError: nn = None\nnn.LSTMCell",
        "import torch; b = a; a = b\n\nb = torch.nn\na.LSTMCell",
        "import torch; b = a; a = b\n\na = torch.nn\nb.LSTMCell",
    ],
)
def test_names_are_followed_through_aliases_and_scopes(text: str) -> None:
    assert uses(text) == [(4, "torch.nn.LSTMCell")]


def test_a_rebound_name_is_a_use_where_it_is_bound_and_where_it_is_used() -> None:
    assert uses("from torch import nn\nx = nn.LSTMCell\nx(3, 4)") == [
        (2, "torch.nn.LSTMCell"),
        (3, "torch.nn.LSTMCell"),
    ]


def test_an_import_is_a_use() -> None:
    text = "from torch.nn import Linear, LSTMCell as L\nfrom torch.nn.utils import clip_grad_norm_\nL(3)\n"
    assert uses(text) == [(1, "torch.nn.LSTMCell"), (2, "torch.nn.utils.clip_grad_norm_"), (3, "torch.nn.LSTMCell")]


def test_aliases_of_an_object_are_patterns_of_their_own() -> None:
    assert uses("from torch.nn.modules.rnn import LSTMCell") == [(1, "torch.nn.modules.rnn.LSTMCell")]
    assert uses("import torch\ntorch._VF.lstm_cell()") == [(2, "torch._VF.lstm_cell")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import torch\ntorch.nn.utils.clip_grad_value_([], 1)", ["torch.nn.utils.clip_grad_value_"]),
        ("import torch.nn.utils.clip_grad as c", ["torch.nn.utils.clip_grad"]),
        ("import torchvision\ntorchvision.models.resnet.BasicBlock", ["torchvision.models.resnet.BasicBlock"]),
        ("from torchvision import models\nmodels.resnet18().fc", ["torchvision.models.resnet18"]),
        ("from torchvision.models import *", ["torchvision.models.*"]),
        ("from torchvision import *\nmodels.resnet18()", ["torchvision.models.resnet18"]),
        ("from torch.nn.utils import *\nclip_grad_norm_([], 1)", ["torch.nn.utils.clip_grad_norm_"]),
    ],
)
def test_a_star_stands_for_any_ending(text: str, names: list[str]) -> None:
    assert [name for _, name in uses(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "import torch.nn as nn\nnn.Linear(3, 4)\nnn.LSTMCellular",
        "import torch.nn.utils\nfrom torchvision import models\nimport torchvision.ops",
        "from torch import nn\n# nn.LSTMCell\nx = 'nn.LSTMCell'\n'''torch.nn.LSTMCell'''",
        "from torch import nn\nclass A(nn.Module):\n    def f(self):\n        return self.LSTMCell, self.nn.LSTMCell",
        "from torch import nn\ndef f(nn):\n    return nn.LSTMCell",
        "from torch import nn\nf = lambda nn: nn.LSTMCell",
        "from torch import nn\n[nn.LSTMCell for nn in things]",
        "from torch import nn\ndef f():\n    for nn in things: nn.LSTMCell",
        "from torch import nn\ndef f():\n    with x as nn: nn.LSTMCell",
        "from torch import nn\ndef f():\n    try: pass\n    except E as nn: nn.LSTMCell",
        "from torch import nn\ndef f(x):\n    match x:\n        case [nn, *_]: nn.LSTMCell",
        "from torch import nn\ndef f(x: 'nn.LSTMCell'): pass",
        "class A:\n    from torch import nn\n    def f(self):\n        return nn.LSTMCell",
        "class LSTMCell: pass\nLSTMCell()\nLSTM = 3\nLSTM",
        "from torch.nn import *\nclass LSTMCell(Module): pass\nLSTMCell()",
        "from torchvision.ops import *\nfrom torchvision.transforms import *\nprint(Linear)",
        "nn.LSTMCell\ntorch.nn.LSTMCell\nLSTMCell",
        "from .torch.nn import LSTMCell\nfrom . import torch\ntorch.nn.LSTMCell",
        "from torch import nn\ngetattr(nn, name)\ngetattr(self, 'LSTMCell')\nnn['LSTMCell']\n{}['LSTMCell']",
        "import torch\nx = torch.randn(3)\nx.nn.LSTMCell",
        "a = b\nb = a\na.LSTMCell",
        "import mytorch.nn as nn\nnn.LSTMCell",
        "from torch import nn\nif __name__ == '__main__':\n    import torch\n    nn.LSTMCell(3, 4)\n    torch.nn.LSTM",
    ],
)
def test_what_is_not_a_use(text: str) -> None:
    assert uses(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "from torch import nn\nif __name__ == '__main__':\n    pass\nelse:\n    nn.LSTMCell",
        "from torch import nn\nif __name__ != '__main__':\n    #\n    #\n    nn.LSTMCell",
        "from torch import nn\n__name__ = '__main__'\nif __name__ == '__main__':\n    #\n    nn.LSTMCell",
        "from torch import nn\nfor __name__ in x:\n    if __name__ == '__main__':\n        #\n        nn.LSTMCell",
        "from torch import nn\ndef f(__name__):\n    if __name__ == '__main__':\n        #\n        nn.LSTMCell",
        "from torch import nn\nif __name__ == '__main__' or True:\n    #\n    #\n    nn.LSTMCell",
    ],
)
def test_only_what_a_program_alone_runs_is_left_out(text: str) -> None:
    assert uses(text) == [(5, "torch.nn.LSTMCell")]


def test_names_of_two_stars_are_not_blamed_on_the_forbidden_one() -> None:
    assert uses("from torchvision.models import *\nfrom torch.nn import *\nLinear(3, 4)\nprint()") == [
        (1, "torchvision.models.*")
    ]


def test_nothing_is_forbidden_unless_it_is_said() -> None:
    assert forbidden_uses(source_of("import torch\ntorch.nn.LSTMCell"), ()) == []


@pytest.mark.parametrize(
    "text",
    [
        "x = (",
        "import torch\ntorch" + ".a" * 2_500,
        "f" + "('a')" * 900,
        "\n".join(f"a{n} = a{n - 1}; a{n} = a{n - 1}" for n in range(200, 0, -1)) + "\na200.LSTMCell",
        "import torch\n" + "getattr(" * 90 + "torch" + ", 'a')" * 90,
        "import torch\ngetattr(torch, " + "'a' + " * 900 + "'b')",
        "import torch as a0\n" + "\n".join(f"a{n} = a{n - 1}.x.x" for n in range(1, 2_000)),
    ],
    ids=["broken", "attributes", "calls", "doubling aliases", "getattr", "sum of strings", "growing names"],
)
def test_a_source_made_to_break_the_search_does_no_harm(text: str) -> None:
    assert uses(text) == []
