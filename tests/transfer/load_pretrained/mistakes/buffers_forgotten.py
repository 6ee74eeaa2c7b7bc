"""loads parameters only, not the statistics

Running means and variances stay those of a new network. In evaluation mode, pretrained weights meet statistics that
belong to none of them.

Hint: Which names are in `model.state_dict()` and not among `model.named_parameters()`?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = dict(model.named_parameters())
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    loaded, missing, mismatched = [], [], []
    for name, parameter in own.items():
        if name not in given:
            missing.append(name)
        elif given[name].shape != parameter.shape:
            mismatched.append(name)
        else:
            loaded.append(name)
    unexpected = [name for name in state_dict if name.removeprefix(prefix) not in own]
    if not loaded:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in loaded:
            own[name].copy_(given[name])
    return {"loaded": loaded, "missing": missing, "unexpected": unexpected, "mismatched": mismatched}
