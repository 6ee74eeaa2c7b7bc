"""takes what has as many numbers, whatever its shape

A transposed kernel has as many numbers. Reshaped, every one of them is in another place.

Hint: Compare a weight of shape (2, 3) with one of shape (3, 2). Do they fit?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name, value in own.items():
        if name not in given:
            report["missing"].append(name)
        elif given[name].numel() != value.numel():
            report["mismatched"].append(name)
        else:
            report["loaded"].append(name)
    report["unexpected"] = [name for name in state_dict if name.removeprefix(prefix) not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(given[name].reshape(own[name].shape))
    return report
