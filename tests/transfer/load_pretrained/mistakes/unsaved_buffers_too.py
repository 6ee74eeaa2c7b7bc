"""counts buffers that are not saved, too

`named_buffers` gives those as well that were registered with `persistent=False`. No checkpoint holds them, so they are
reported as missing, or filled from a name that is nobody's.

Hint: Which names does `model.state_dict()` have? That is what a checkpoint may hold.
"""

import itertools

import torch


def load_pretrained(model, state_dict, prefix="module."):
    every = dict(itertools.chain(model.named_parameters(remove_duplicate=False), model.named_buffers()))
    order = list(model.state_dict())
    own = {name: every[name] for name in [*order, *(n for n in every if n not in order)]}
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name, value in own.items():
        if name not in given:
            report["missing"].append(name)
        elif given[name].shape == value.shape:
            report["loaded"].append(name)
        else:
            report["mismatched"].append(name)
    report["unexpected"] = [name for name in state_dict if name.removeprefix(prefix) not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(given[name])
    return report
