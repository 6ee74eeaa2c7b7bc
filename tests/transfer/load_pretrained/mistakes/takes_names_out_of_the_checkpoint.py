"""takes what was loaded out of the caller's checkpoint

What is left after `pop` is what was unexpected, which is neat. But the dictionary is the caller's, and a second model
finds it empty.

Hint: Load the same checkpoint twice.
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    left = state_dict if isinstance(state_dict, dict) else dict(state_dict)
    loaded, missing, mismatched = [], [], []
    original = {name.removeprefix(prefix): name for name in left}
    fitting = [n for n in own if n in original and left[original[n]].shape == own[n].shape]
    if not fitting:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in own:
            if name not in original:
                missing.append(name)
                continue
            value = left.pop(original[name])
            if value.shape != own[name].shape:
                mismatched.append(name)
            else:
                own[name].copy_(value)
                loaded.append(name)
    return {"loaded": loaded, "missing": missing, "unexpected": list(left), "mismatched": mismatched}
