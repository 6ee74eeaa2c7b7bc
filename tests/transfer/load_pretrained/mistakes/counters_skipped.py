"""leaves out what is no floating-point number

`num_batches_tracked` counts the batches that the running statistics have seen, and is part of them.

Hint: Which names of `model.state_dict()` are in none of your first three lists?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = {name: value for name, value in model.state_dict().items() if value.is_floating_point()}
    counters = set(model.state_dict()) - set(own)
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    report = {
        "loaded": [name for name in own if name in given and given[name].shape == own[name].shape],
        "missing": [name for name in own if name not in given],
        "unexpected": [n for n in state_dict if n.removeprefix(prefix) not in set(own) | counters],
        "mismatched": [name for name in own if name in given and given[name].shape != own[name].shape],
    }
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(given[name])
    return report
