"""switches gradients off for good

torch.set_grad_enabled(False) holds until somebody switches them on again: after loading, nothing trains.

Hint: What is the grad mode after your function has returned? What does a with statement do at its end?
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
    torch.set_grad_enabled(False)
    for name in report["loaded"]:
        own[name].copy_(given[name])
    return report
