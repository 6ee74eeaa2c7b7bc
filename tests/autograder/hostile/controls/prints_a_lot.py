"""Prints a lot

Honest: left over from looking for an error
"""
# exercise: residual_block

import sys
import warnings


class ResidualBlock(ResidualBlock):
    def forward(self, x):
        for _ in range(20):
            print("shape", tuple(x.shape), x.flatten()[:100].tolist())
        print("mean", x.mean().item(), file=sys.stderr, flush=True)
        warnings.warn("still looking for the error", stacklevel=1)
        return super().forward(x)
