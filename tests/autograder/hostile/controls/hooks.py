"""Leaves hooks

Honest: records activations and gradient norms, as one does for plots
"""
# exercise: residual_block

ACTIVATIONS, NORMS = {}, []


class ResidualBlock(ResidualBlock):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, module in self.named_modules():
            module.register_forward_hook(lambda m, i, o, name=name: ACTIVATIONS.update({name: o.detach()}))
        for parameter in self.parameters():
            parameter.register_hook(lambda gradient: NORMS.append(gradient.norm().item()))
