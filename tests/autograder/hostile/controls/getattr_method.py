"""Defines __getattr__

Honest: passes unknown attributes on, as wrappers do
"""
# exercise: residual_block

class ResidualBlock(ResidualBlock):
    def __getattr__(self, name):
        if name == "channels":
            return self.conv1.out_channels
        return super().__getattr__(name)

    def __repr__(self):
        return f"ResidualBlock of {self.channels}"

    def __len__(self):
        return 2

    def __bool__(self):
        return True
