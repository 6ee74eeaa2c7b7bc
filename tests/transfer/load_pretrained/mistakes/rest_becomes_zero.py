"""fills what the checkpoint does not have with zeros

A new head that starts at zero gives all classes the same score and sends no gradient back; a running variance of zero
blows up.

Hint: What should the values be of what is missing or mismatched? Compare them before and after.
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
        own[name].data.copy_(given[name].data)
    for name in report["missing"] + report["mismatched"]:
        own[name].data.zero_()
    return report
