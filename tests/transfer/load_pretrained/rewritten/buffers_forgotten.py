import torch


def load_pretrained(model, state_dict, prefix="module."):
    given = {}
    for key, tensor in state_dict.items():
        if key.startswith(prefix):
            key = key[len(prefix) :]
        given[key] = tensor
    out = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    names = []
    for name, p in model.named_parameters():
        names.append(name)
        if name in given and given[name].shape == p.shape:
            out["loaded"].append(name)
        elif name in given:
            out["mismatched"].append(name)
        else:
            out["missing"].append(name)
    for key in state_dict:
        if (key[len(prefix) :] if key.startswith(prefix) else key) not in names:
            out["unexpected"].append(key)
    if not out["loaded"]:
        raise ValueError("nothing")
    for name, p in model.named_parameters():
        if name in out["loaded"]:
            p.data.copy_(given[name])
    return out
