"""takes names without the prefix for nobody's

Only names that begin with the prefix are looked at. A checkpoint of the bare network counts as unexpected.

Hint: Is a name without the prefix wrong, or is there just nothing to take off?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given, unexpected = {}, []
    for name, value in state_dict.items():
        if name.startswith(prefix) and name[len(prefix) :] in own:
            given[name[len(prefix) :]] = value
        else:
            unexpected.append(name)
    loaded = [name for name in own if name in given and given[name].shape == own[name].shape]
    mismatched = [name for name in given if name not in loaded]
    mismatched = [name for name in own if name in mismatched]
    missing = [name for name in own if name not in given]
    if not loaded:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in loaded:
            own[name].copy_(given[name])
    return {"loaded": loaded, "missing": missing, "unexpected": unexpected, "mismatched": mismatched}
