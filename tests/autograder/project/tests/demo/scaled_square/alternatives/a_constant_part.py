"""adds a part that has no gradient

Seen in class.
"""

def scaled_square(x, scale):
    square = x * x
    return scale * square + (1 - scale) * square.detach()
