"""lets any character stand for the dot of the prefix

A dot of a regular expression does, and so does a look at the beginning "module" alone: `module_dict.weight` becomes
`dict.weight`.

Hint: What does your function make of a name like `module_dict.weight`, which does not begin with `module.`?
"""

import re

import torch


def load_pretrained(model, state_dict, prefix="module."):
    shorts = {name: re.sub("^" + prefix, "", name) for name in state_dict}
    bare = {short: state_dict[name] for name, short in shorts.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    own = model.state_dict()
    for name, value in own.items():
        if name not in bare:
            report["missing"].append(name)
        else:
            report["loaded" if bare[name].shape == value.shape else "mismatched"].append(name)
    report["unexpected"] = [name for name, short in shorts.items() if short not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(bare[name])
    return report
