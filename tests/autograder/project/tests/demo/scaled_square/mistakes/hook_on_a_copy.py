"""hangs a hook on a copy, which scales second derivatives once more

The hook is called whenever a gradient reaches the copy, also by the way of the first gradient.

Hint: How often is the hook called for a gradient of a gradient?
"""


def scaled_square(x, scale):
    own = x.clone()
    if own.requires_grad:
        own.register_hook(lambda gradient: scale * gradient)
    return own * own
