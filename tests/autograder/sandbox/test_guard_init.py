"""Where start values are the exercise, torch's own layers may have theirs, and nobody's code may call torch.nn.init."""

from __future__ import annotations

import pytest

from autograder.course.assignment import expanded
from autograder.sandbox.session import Session, Source, SubjectError
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace

HEAD = "import torch\nfrom torch import nn\n\nw = torch.zeros(3, 2)\n"
HONEST = {
    "layers": "nn.Sequential(nn.Conv2d(2, 3, 3), nn.Linear(3, 4), nn.BatchNorm2d(3), nn.GRUCell(2, 3))",
    "attention": "nn.TransformerEncoderLayer(4, 2)",
    "derived": "class Own(nn.Linear):\n    pass\n\nOwn(2, 3).reset_parameters()",
    "drawn": "w.normal_(0, 1)\nw.uniform_(-1, 1)\ntorch.randn(3)",
}
USES = {
    "called": "nn.init.kaiming_normal_(w)",
    "imported": "from torch.nn.init import xavier_uniform_\nxavier_uniform_(w)",
    "by_parts": "getattr(getattr(nn, 'in' + 'it'), 'kaiming_' + 'uniform_')(w)",
    "of_a_layer": "nn.modules.linear.init.kaiming_uniform_(w)",
    "private": "nn.init._calculate_fan_in_and_fan_out(w)",
    "in_the_globals_of_a_layer": "exec('init.kaiming_normal_(w)', {**vars(nn.modules.linear), 'w': w})",
    "as_a_constructor": (
        "class Own(nn.Linear):\n    def reset_parameters(self):\n"
        "        nn.modules.linear.init.kaiming_normal_(self.weight)\n\nOwn(2, 3)"
    ),
    "in_the_place_of_a_constructor": (
        "import types\nreset = types.FunctionType((lambda: init.kaiming_normal_(w)).__code__,"
        " {**vars(nn.modules.linear), 'w': w})\nnn.Linear.reset_parameters = lambda self: reset()\nnn.Linear(2, 3)"
    ),
}


@pytest.fixture
def seen(open_line):
    """What was seen of a text, and the type of the error that it ended with."""

    def seen_(text: str, *, take_away: bool) -> tuple[list[str], str]:
        source = Source("exercise", "exercise.py", f"{HEAD}{text}\n\ndef done():\n    return 1\n")
        session = Session(source, open_line(), forbidden=expanded(["@init"]), take_away=take_away)
        try:
            session.begin("test")
            Namespace(session, Random(0, "test")).done()
        except SubjectError as error:
            return [use.name for use in session.seen], error.type_name
        return [use.name for use in session.seen], ""

    return seen_


@pytest.mark.parametrize("take_away", [True, False])
@pytest.mark.parametrize("text", HONEST)
def test_layers_have_their_start_values(seen, text, take_away):
    assert seen(HONEST[text], take_away=take_away) == ([], "")


@pytest.mark.parametrize("take_away", [True, False])
@pytest.mark.parametrize("text", USES)
def test_a_use_of_ones_own_is_seen(seen, text, take_away):
    found, error = seen(USES[text], take_away=take_away)
    assert found
    assert all(name.startswith("torch.nn.init.") for name in found)
    assert error == ("NotAllowedError" if take_away else "")
