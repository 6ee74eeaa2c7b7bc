"""Builds its layers from a table, ties a second name to one of them, and copies itself

Honest: style, with deep copies, state dict hooks, an attribute that is computed, and a block that tells what it holds
"""
# exercise: residual_block

import copy

import torch

Plain = ResidualBlock


class ResidualBlock(Plain):
    """With everything that people add to a module."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.first = self.conv1
        self.template = [copy.deepcopy(self.bn1)]  # in a list, so it is no sub-module
        self.register_load_state_dict_post_hook(lambda module, keys: None)
        self.register_buffer("scale", torch.ones(()), persistent=False)
        self.training_steps = 0

    def __getattr__(self, name):
        if name == "width":
            return self.conv1.out_channels
        return super().__getattr__(name)

    def train(self, mode=True):
        self.training_steps += 1
        return super().train(mode)

    def extra_repr(self):
        return f"width={self.width}"

    def forward(self, x, *, verbose=False):
        print(self, x.shape, flush=True)
        with torch.profiler.record_function("block"):
            return super().forward(x)
