"""Modules to compare: each test writes its own, as students would, and runs them in this process."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from textwrap import indent

import pytest
import torch
from hypothesis import settings

from autograder.sandbox.session import LocalLine, Session, Source
from autograder.suite.random import Random
from autograder.suite.subjects import ModuleProxy, Namespace

LAYERS = "self.fc = nn.Linear(3, 4)\nself.norm = nn.BatchNorm1d(4)"
FORWARD = "return torch.tanh(self.norm(self.fc(x)))"

# Times vary too much on a busy machine to be judged; continuous integration tries the same examples every time.
settings.register_profile("autograder", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("autograder")

_modules = itertools.count()


@pytest.fixture
def rng() -> Random:
    return Random(7, "test")


@pytest.fixture
def load() -> Iterator[Callable[[str], Namespace]]:
    """Loads a text in this process and returns its names."""
    sessions: list[Session] = []

    def load_(text: str) -> Namespace:
        torch.set_num_threads(1)
        module = f"suite_{next(_modules)}"
        session = Session(
            Source(module, "block.py", f"import torch\nfrom torch import nn\n\n{text}"), LocalLine(module)
        )
        sessions.append(session)
        session.begin("test")
        return Namespace(session, Random(7, "namespace"))

    yield load_
    for session in sessions:
        session.close()


@pytest.fixture
def block(load: Callable[[str], Namespace]) -> Callable[..., ModuleProxy]:
    """Makes a `Block` with this forward and these layers; by default a right one."""

    def make(forward: str = FORWARD, layers: str = LAYERS) -> ModuleProxy:
        init, body = indent(layers, " " * 8), indent(forward, " " * 8)
        text = (
            "class Block(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
            f"{init}\n\n    def forward(self, x, *more):\n{body}\n"
        )
        return load(text).Block(width=3)

    return make


@pytest.fixture
def pair(block: Callable[..., ModuleProxy], rng: Random) -> Callable[..., tuple[ModuleProxy, ModuleProxy]]:
    """The student's block with this forward and the reference, in float64 and with the same weights."""

    def make(forward: str = FORWARD, reference: str = FORWARD, layers: str = LAYERS) -> tuple[ModuleProxy, ModuleProxy]:
        mine, theirs = block(forward, layers), block(reference, layers)
        values = theirs.double().state_dict()
        mine.double().load_state_dict(values)
        return mine, theirs

    return make
