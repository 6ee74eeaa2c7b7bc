"""cuts the second derivative off

Seen in class.

Hint: May the gradient be differentiated?
"""

import torch


class ScaledSquare(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(2 * scale * x)
        return x * x

    @staticmethod
    def backward(ctx, upstream):
        return ctx.saved_tensors[0].detach() * upstream, None


def scaled_square(x, scale):
    return ScaledSquare.apply(x, scale)
