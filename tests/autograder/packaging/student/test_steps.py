"""What is seen of code that runs: each kind of statement, loops, calls, layers, and that nothing of it changes."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
import torch
from torch import nn

from autograder.sandbox.session import LocalLine, Session, Source
from autograder.sandbox.surroundings import settled
from autograder.student.example import Steps
from autograder.student.shown import shown
from autograder.student.steps import SeeingHost
from autograder.suite.random import Random
from autograder.suite.subjects import Namespace


def seen(text: str, *args: Any, name: str = "f") -> Steps:
    """What is seen of the call of one function of a file."""
    host = SeeingHost("tried")
    source = Source("tried", "tried.py", "import torch\nfrom torch import nn\n" + textwrap.dedent(text))
    with settled():
        session = Session(source, LocalLine("tried", host))
        session.begin("0")
        getattr(Namespace(session, Random(0, "tried")), name)(*args)
        session.close()
    return host.seen[-1]


def values(steps: Steps) -> list[str]:
    return [f"{label} = {value}" for step in steps.first for label, value in step.values]


STATEMENTS = {
    "an assignment": ("y = x + 1\nreturn y * 2", ["y = [2, 3]", "return = [4, 6]"]),
    "parts of an expression": (
        "return (x + 1).sum() / 2",
        ["x + 1 = [2, 3]", "(x + 1).sum() = 5", "return = 2.5"],
    ),
    "a number with a fraction": ("return x * (1 / 4)", ["1 / 4 = 0.25", "return = [0.25, 0.5]"]),
    "several names": ("a, (b, *c) = 1, (2, 3)\nreturn x", ["a = 1", "b = 2", "c = [3]", "return = [1, 2]"]),
    "what is of no use": ("_ = 1\nreturn x", ["return = [1, 2]"]),
    "an item": ("y = [1, 2]\ny[0] = 5\nreturn x", ["y = [1, 2]", "y = [5, 2]", "return = [1, 2]"]),
    "adding to a name": ("x += 1\nreturn x", ["x = [2, 3]", "return = [2, 3]"]),
    "a type beside it": ("y: int = 3\nz: int\nreturn x", ["y = 3", "return = [1, 2]"]),
    "in place": ("x.mul_(2)\nreturn x", ["x.mul_(2) = [2, 4]", "return = [2, 4]"]),
    "a method that returns nothing": ("y = []\ny.append(1)\nreturn x", ["y = []", "y = [1]", "return = [1, 2]"]),
    "branches": (
        "if x.sum() > 2:\n    y = 1\nelse:\n    y = 2\nreturn x",
        ["x.sum() = 3", "x.sum() > 2 = True", "y = 1", "return = [1, 2]"],
    ),
    "try and with": (
        "try:\n  with torch.no_grad():\n    y = x * 2\n  raise ValueError\nexcept ValueError:\n  z = 3\nreturn y",
        ["y = [2, 4]", "z = 3", "return = [2, 4]"],
    ),
    "match": ("match 2:\n    case 2:\n        y = 7\nreturn x", ["y = 7", "return = [1, 2]"]),
    "a walrus, a lambda and a comprehension": (
        "y = [(z := n) for n in (1, 2)]\ng = lambda t: t + 1\nreturn g(x)",
        ["y = [1, 2]", "return = [2, 3]"],
    ),
    "an f-string": ("y = f'{x.sum():g}'\nreturn x", ["y = '3'", "return = [1, 2]"]),
    "a function in it": (
        "def g(t):\n    return t + 1\nreturn g(x)",
        ["t = [1, 2]", "return = [2, 3]", "return = [2, 3]"],
    ),
}


@pytest.mark.parametrize(("body", "told"), STATEMENTS.values(), ids=STATEMENTS)
def test_every_value_is_seen_in_order(body, told):
    steps = seen(f"def f(x):\n{textwrap.indent(body, '    ')}", torch.tensor([1.0, 2.0]))
    assert values(steps) == ["x = [1, 2]", *told]


def test_a_step_has_function_and_line_and_says_whether_its_statement_goes_on():
    steps = seen('def f(x):\n    """Text."""\n    return sum(\n        [x, x],\n    )', torch.ones(1))
    assert [(each.place.function, each.place.line, each.begins, each.place.goes_on) for each in steps.first] == [
        ("f", 3, True, False),
        ("f", 5, False, True),
    ]


def test_of_a_loop_the_first_rounds_are_seen():
    steps = seen("def f(x):\n    for n in range(9):\n        x = x + 1\n    return x", torch.zeros(1))
    assert values(steps) == [
        "x = [0]",
        *(part for n in range(3) for part in (f"n = {n}", f"x = [{n + 1}]")),
        "return = [9]",
    ]
    assert steps.left_out == 12


def test_of_a_function_the_first_calls_are_seen():
    steps = seen(
        "def g(x):\n    return x + 1\n\ndef f(x):\n    for _ in range(6):\n        x = g(x)\n    return x",
        torch.zeros(1),
    )
    assert sum(step.begins and step.place.function == "g" for step in steps.first) == 4
    assert values(steps)[-1] == "return = [6]"


LAYERS = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.ones(1) * 2
            self.layers = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
            nn.init.ones_(self.layers[0].weight)
            nn.init.zeros_(self.layers[0].bias)

        def forward(self, x):
            return self.layers(x) * self.scale

    class Sub(nn.Sequential):
        def __init__(self):
            super().__init__(nn.ReLU(), nn.Flatten())

    def f(x):
        return {net}(x)
"""


def test_layers_within_layers_are_seen_and_constructors_are_not():
    steps = seen(LAYERS.format(net="Net()"), torch.tensor([[-3.0], [4.0]]))
    assert values(steps) == [
        "x = [[-3], [4]]",
        "x = [[-3], [4]]",
        "self.layers.0(...) = [[-3], [4]]",
        "self.layers.1(...) = [[0], [4]]",
        "self.layers(x) = [[0], [4]]",
        "self.scale = [2]",
        "return = [[0], [8]]",
        "return = [[0], [8]]",
    ]


def test_layers_of_a_class_without_a_forward_of_its_own_are_seen():
    steps = seen(LAYERS.format(net="Sub()"), torch.tensor([[-3.0]]))
    assert values(steps)[1:-1] == ["self.0(...) = [[0]]"]


# -- values as text

VALUES = {
    "whole": (torch.tensor([[1.0, -0.0]]), "[[1, 0]]"),
    "decimals": (torch.tensor([0.76159, 1e-9, 123456.7, float("nan")]), "[0.7616, 1e-09, 123456.7031, nan]"),
    "one number": (torch.tensor(5), "5"),
    "truth": (torch.tensor([True, False]), "[True, False]"),
    "nothing": (torch.zeros(0, 3), "shape (0, 3)"),
    "no memory": (torch.zeros(2, 3, device="meta"), "shape (2, 3)"),
    "large": (torch.arange(100.0).reshape(10, 10), "shape (10, 10), from 0 to 99"),
    "large and equal": (torch.full((4, 5), 0.5), "shape (4, 5), 0.5 everywhere"),
    "rows": (
        torch.arange(24.0).reshape(2, 12) + 0.25,
        f"[{[n + 0.25 for n in range(12)]},\n {[n + 12.25 for n in range(12)]}]",
    ),
    "a parameter": (nn.Parameter(torch.ones(2)), "[1, 1]"),
    "within others": ({"a": (torch.ones(1),), "b": None}, "{'a': ([1],), 'b': None}"),
    "many": (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...]"),
    "a layer": (nn.ReLU(), "ReLU()"),
    "layers": (nn.Sequential(nn.ReLU()), "Sequential(...)"),
    "a long text": ("ab" * 40, repr("ab" * 30) + "..."),
    "no data": (print, ""),
    "no data within a list": ([print], ""),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_values_as_text(value, text):
    assert shown(value) == text
