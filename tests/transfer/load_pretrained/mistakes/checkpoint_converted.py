"""converts the checkpoint's own tensors to the model's dtype

`value.data = ...` writes into the tensor of whoever passed it in. What was saved in half precision or in double is
something else afterwards.

Hint: What is the dtype of the checkpoint's tensors after the call?
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
        given[name].data = given[name].data.to(own[name].dtype)
        own[name].data.copy_(given[name].data)
    return report
