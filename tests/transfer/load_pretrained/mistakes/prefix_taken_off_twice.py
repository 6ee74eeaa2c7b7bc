"""takes the prefix off as often as it stands there

A network that was wrapped twice has names with two prefixes. One is taken off; with both gone, names meet that were
different ones.

Hint: How many prefixes does `module.module.head.bias` lose?
"""

import torch


def bare(name, prefix):
    while prefix and name.startswith(prefix):
        name = name[len(prefix) :]
    return name


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {bare(name, prefix): value for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name, value in own.items():
        if name not in given:
            report["missing"].append(name)
        else:
            fits = given[name].shape == value.shape
            report["loaded" if fits else "mismatched"].append(name)
    report["unexpected"] = [name for name in state_dict if bare(name, prefix) not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(given[name])
    return report
