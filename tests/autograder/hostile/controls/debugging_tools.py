"""Leaves its debugging tools switched on

Honest: looked for an error with faulthandler, a profiler, a trace and logging
"""
# exercise: residual_block

import cProfile
import faulthandler
import logging
import sys
import tracemalloc
import warnings

import torch

faulthandler.enable(open("crash.log", "w"))
tracemalloc.start(1)
warnings.simplefilter("always")
logging.getLogger().setLevel(logging.DEBUG)
torch.autograd.set_detect_anomaly(True)
torch.set_printoptions(precision=8, profile="full")
sys.setrecursionlimit(5_000)
PROFILE = cProfile.Profile()


class ResidualBlock(ResidualBlock):
    def forward(self, x):
        assert torch.isfinite(x).all(), x
        return PROFILE.runcall(super().forward, x)
