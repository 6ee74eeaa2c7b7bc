"""gives each tensor a converted copy as its data

The Parameter stays the same object; `to(copy=True)` makes memory of its own even where nothing is to be converted.
"""


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict(keep_vars=True)
    bare = [(key, key.replace(prefix, "", 1) if prefix and key.startswith(prefix) else key) for key in state_dict]
    source = {name: key for key, name in bare}

    def kind(name):
        if name not in source:
            return "missing"
        return "loaded" if state_dict[source[name]].shape == own[name].shape else "mismatched"

    kinds = {name: kind(name) for name in own}
    if "loaded" not in kinds.values():
        raise ValueError("the checkpoint and the model have nothing in common")
    for name, found in kinds.items():
        if found == "loaded":
            target, value = own[name], state_dict[source[name]].detach()
            target.data = value.to(device=target.device, dtype=target.dtype, copy=True)
    report = {wanted: [n for n, k in kinds.items() if k == wanted] for wanted in ("loaded", "missing", "mismatched")}
    report["unexpected"] = [key for key, name in bare if name not in own]
    return report
