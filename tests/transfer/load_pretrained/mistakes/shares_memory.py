"""lets the model use the checkpoint's own memory

`parameter.data = value` copies nothing. The next training step changes the checkpoint, and with it every model that is
loaded from it.

Hint: Load the same checkpoint into two models and train one of them. What happens to the other?
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
        own[name].data = given[name].data.to(own[name].device, own[name].dtype)
    return report
