"""Differentiates its own gradients while it computes

Honest: checks a curvature with the graph of a gradient, as one does for penalties on gradients
"""
# exercise: residual_block

import torch


class ResidualBlock(ResidualBlock):
    def forward(self, x):
        with torch.enable_grad():
            probe = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad((probe * probe).sum(), probe, create_graph=True)
            (curvature,) = torch.autograd.grad(slope.sum(), probe)
        assert probe.is_meta or bool((curvature == 2).all())
        return super().forward(x)
