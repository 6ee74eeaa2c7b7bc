"""leaves the scale out

Seen in class.

Hint: Where does the scale come in?
"""

def scaled_square(x, scale):
    return x * x
