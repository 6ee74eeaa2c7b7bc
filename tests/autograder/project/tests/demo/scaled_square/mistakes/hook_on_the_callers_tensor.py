"""hangs a hook on the caller's tensor

Seen in class.

Hint: Who else sends gradients to x?
"""

def scaled_square(x, scale):
    if x.requires_grad:
        x.register_hook(lambda gradient: scale * gradient)
    return x * x
