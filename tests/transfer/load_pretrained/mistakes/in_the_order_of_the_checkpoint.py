"""lists what was loaded in the order of the checkpoint

The loop runs over the checkpoint, which may have been saved in any order.

Hint: Over which of the two names do your loops run?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    loaded, mismatched, unexpected = [], [], []
    given = {}
    for key, value in state_dict.items():
        name = key.removeprefix(prefix)
        given[name] = value
        if name not in own:
            unexpected.append(key)
        elif value.shape != own[name].shape:
            mismatched.append(name)
        else:
            loaded.append(name)
    if not loaded:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in loaded:
            own[name].copy_(given[name])
    missing = [name for name in own if name not in given]
    return {"loaded": loaded, "missing": missing, "unexpected": unexpected, "mismatched": mismatched}
