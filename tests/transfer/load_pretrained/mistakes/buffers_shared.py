"""puts the checkpoint's own tensors in as buffers

Parameters are copied. Running statistics, however, are then the tensors of the checkpoint, which the next forward in
training mode changes.

Hint: After loading, is `model.bn.running_mean` another tensor than the checkpoint's, with memory of its own?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    shorts = {name: name.removeprefix(prefix) for name in state_dict}
    bare = {short: state_dict[name] for name, short in shorts.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    own = model.state_dict()
    for name, value in own.items():
        if name not in bare:
            report["missing"].append(name)
        else:
            report["loaded" if bare[name].shape == value.shape else "mismatched"].append(name)
    report["unexpected"] = [name for name, short in shorts.items() if short not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    parameters = dict(model.named_parameters(remove_duplicate=False))
    for name in report["loaded"]:
        if name in parameters:
            parameters[name].data.copy_(bare[name])
        elif bare[name].device != own[name].device:
            own[name].copy_(bare[name])
        else:
            path, _, leaf = name.rpartition(".")
            setattr(model.get_submodule(path), leaf, bare[name].detach().to(own[name].dtype))
    return report
