"""lets everything that was loaded train

Frozen parameters may be loaded without unfreezing them: `torch.no_grad()` is all that a copy in place needs.

Hint: What does your function do to `requires_grad`, and who put it there?
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
    parameters = set(dict(model.named_parameters(remove_duplicate=False)))
    for name in report["loaded"]:
        value = own[name]
        value.requires_grad_(False).copy_(given[name].detach())
        value.requires_grad_(name in parameters)
    return report
