"""Keeps ten thousand objects of its own, the same for every block

Honest: notes what it does in objects, which nobody asks for
"""
# exercise: residual_block


class Note:
    pass


NOTES = [Note() for _ in range(10_000)]


class ResidualBlock(ResidualBlock):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.notes = NOTES
        self.last = None

    def forward(self, x):
        self.last = Note()
        return super().forward(x)
