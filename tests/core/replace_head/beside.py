"""What the networks of `replace_head` are built of, where the suite puts other layers in their place."""

from __future__ import annotations

from torch import nn


class NoBlock(nn.Identity):
    """In the place of a block of ResNet: makes nothing, whatever sizes it is asked for."""

    expansion = 1
