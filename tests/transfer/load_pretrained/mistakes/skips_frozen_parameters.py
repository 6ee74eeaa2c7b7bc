"""leaves frozen parameters as they are

Frozen means that training does not move them. A checkpoint is no training.

Hint: Which parameters does a caller freeze who has pretrained weights?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    frozen = {name for name, p in model.named_parameters() if not p.requires_grad}
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
    with torch.no_grad():
        for name in report["loaded"]:
            if name not in frozen:
                own[name].copy_(given[name])
    return report
