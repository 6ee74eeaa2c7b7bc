"""takes the checkpoint's Parameters out of training

`requires_grad_(False)` works in place, on a tensor of the caller's.

Hint: Look at `requires_grad` of the checkpoint's Parameters after the call. What does `detach` do instead?
"""

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
    for name in report["loaded"]:
        own[name].data.copy_(given[name].requires_grad_(False))
    return report
