"""Raises and catches exceptions

Honest: tries one way and falls back on another
"""
# exercise: residual_block

class ResidualBlock(ResidualBlock):
    def forward(self, x):
        try:
            return super().forward(x.view(1, 2, 3))
        except RuntimeError:
            pass
        try:
            raise StopIteration
        except Exception:
            return super().forward(x)
        finally:
            assert True
