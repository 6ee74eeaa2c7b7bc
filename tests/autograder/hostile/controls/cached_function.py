"""Uses functools.cache

Honest: caches what depends on sizes only
"""
# exercise: residual_block

import functools


@functools.cache
def same_size(in_channels, out_channels, stride):
    return in_channels == out_channels and stride == 1


class ResidualBlock(ResidualBlock):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__(in_channels, out_channels, stride)
        self.is_identity = same_size(in_channels, out_channels, stride)
