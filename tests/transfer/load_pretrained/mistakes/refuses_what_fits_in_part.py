"""raises as soon as something is missing

A partial checkpoint is what the function is there for. The report says what is missing.

Hint: When exactly is ValueError asked for?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name, value in own.items():
        if name not in given:
            report["missing"].append(name)
        elif given[name].shape != value.shape:
            report["mismatched"].append(name)
        else:
            report["loaded"].append(name)
    if report["missing"]:
        raise ValueError(f"missing: {report['missing']}")
    report["unexpected"] = [name for name in state_dict if name.removeprefix(prefix) not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(given[name])
    return report
