"""copies whatever can be broadcast

A bias of shape (1,) is spread over all channels, and counts as loaded.

Hint: `copy_` is content with shapes that are not equal. What should decide whether a value fits?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    with torch.no_grad():
        for name, value in own.items():
            if name not in given:
                report["missing"].append(name)
                continue
            try:
                value.copy_(given[name])
                report["loaded"].append(name)
            except RuntimeError:
                report["mismatched"].append(name)
    report["unexpected"] = [name for name in state_dict if name.removeprefix(prefix) not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    return report
