"""Optimizers move the same and do not import torch's compiler for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

MOVED = """
import sys
import torch
from torch import nn

if {settled}:
    from autograder.sandbox.surroundings import settle_torch
    settle_torch()
p = nn.Parameter(torch.tensor([1.0, -2.0]))
optimizer = torch.optim.{kind}([p], lr=0.1, weight_decay=0.1)
for _ in range(3):
    optimizer.zero_grad()
    loss = optimizer.step(lambda: (p**3).sum().backward())
optimizer.load_state_dict(optimizer.state_dict())
print("torch._dynamo" in sys.modules, torch.is_grad_enabled(), p.requires_grad, p.tolist())
"""


def said(kind, settled):
    command = [sys.executable, "-c", MOVED.format(kind=kind, settled=settled)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split(" ", 1)


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
def test_an_optimizer_does_the_same_without_the_compiler(kind):
    (imported, moved), (usually, expected) = said(kind, settled=True), said(kind, settled=False)
    assert (imported, usually) == ("False", "True")
    assert moved == expected
