"""moves a model that is on the device meta to the CPU

On meta there are no values that could be loaded, so to_empty makes memory, with new Parameters, and the rest of the
model holds whatever lay there. Where a model lies is for its owner to say.

Hint: Load into `model.to("meta")`. On which device is the model afterwards, and is that the one on which it was?
"""

def load_pretrained(model, state_dict, prefix="module."):
    if any(p.is_meta for p in model.parameters()):
        model.to_empty(device="cpu")
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
    return report
