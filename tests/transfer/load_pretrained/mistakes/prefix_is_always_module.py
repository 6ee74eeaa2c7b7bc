"""takes off "module." whatever the prefix is

The argument `prefix` is there, and nothing reads it.

Hint: Where in your function does the argument `prefix` stand?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {}
    for name, value in state_dict.items():
        given[name[7:] if name.startswith("module.") else name] = value
    names = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name in own:
        if name not in given:
            names["missing"].append(name)
        elif given[name].shape != own[name].shape:
            names["mismatched"].append(name)
        else:
            names["loaded"].append(name)
    for name in state_dict:
        if name.removeprefix("module.") not in own:
            names["unexpected"].append(name)
    if names["loaded"] == []:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in names["loaded"]:
            own[name].copy_(given[name])
    return names
