"""reports what has another shape as missing, too

Each name of the model belongs into one list. Who adds up the lists gets more names than there are.

Hint: How many names have your first three lists together, and how many has `model.state_dict()`?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    mismatched = [n for n in own if n in given and given[n].shape != own[n].shape]
    loaded = [n for n in own if n in given and n not in mismatched]
    if not loaded:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for n in loaded:
            own[n].copy_(given[n])
    return {
        "loaded": loaded,
        "missing": [n for n in own if n not in loaded],
        "unexpected": [n for n in state_dict if n.removeprefix(prefix) not in own],
        "mismatched": mismatched,
    }
