"""sets the seed

Loading draws nothing. But whatever draws random numbers afterwards, dropout and the order of batches, is the same after
every load.

Hint: Load twice, with a `torch.rand(1)` after each. Who should decide about the seed?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict(keep_vars=True)
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name, value in own.items():
        if name not in given:
            report["missing"].append(name)
        elif given[name].shape != value.shape:
            report["mismatched"].append(name)
        else:
            report["loaded"].append(name)
    report["unexpected"] = [name for name in state_dict if name.removeprefix(prefix) not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    torch.manual_seed(0)
    for name in report["loaded"]:
        own[name].data.copy_(given[name].data)
    return report
