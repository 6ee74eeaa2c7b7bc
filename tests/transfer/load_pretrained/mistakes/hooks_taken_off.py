"""takes the hooks off before it loads, and does not put them back

Loading calls no forward hooks. Whoever records activations gets nothing any more.

Hint: What does a module have besides parameters and buffers, and to whom does it belong?
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
    for module in model.modules():
        module._forward_hooks.clear()
    return report
