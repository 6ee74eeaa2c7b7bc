"""makes the model's dtype torch's default

Meant to convert the checkpoint, it converts nothing; but every tensor and every layer that the program makes later has
this dtype.

Hint: Compare `torch.get_default_dtype()` before and after. What does `copy_` do with values of another dtype?
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
    torch.set_default_dtype(next(model.parameters()).dtype)
    for name in report["loaded"]:
        own[name].data.copy_(given[name].data)
    return report
