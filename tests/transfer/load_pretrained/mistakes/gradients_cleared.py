"""clears the gradients of the model

The function is there to change values. What a caller has accumulated in `.grad` is the caller's.

Hint: What does `zero_grad` have to do with loading?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    loaded = [n for n in own if n in given and given[n].shape == own[n].shape]
    if not loaded:
        raise ValueError("nothing fits")
    model.zero_grad()
    with torch.no_grad():
        for n in loaded:
            own[n].copy_(given[n])
    return {
        "loaded": loaded,
        "missing": [n for n in own if n not in given],
        "unexpected": [n for n in state_dict if n.removeprefix(prefix) not in own],
        "mismatched": [n for n in own if n in given and n not in loaded],
    }
