import torch
from torch import nn


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    parameters = dict(model.named_parameters(remove_duplicate=False))
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    loaded = [n for n in own if n in given and given[n].shape == own[n].shape]
    if not loaded:
        raise ValueError("nothing fits")
    for name in loaded:
        path, _, leaf = name.rpartition(".")
        module = model.get_submodule(path)
        if name in parameters:
            old = parameters[name]
            new = nn.Parameter(given[name].detach().to(old.device, old.dtype, copy=True), old.requires_grad)
            new.grad = old.grad
            setattr(module, leaf, new)
        else:
            with torch.no_grad():
                getattr(module, leaf).copy_(given[name])
    return {
        "loaded": loaded,
        "missing": [n for n in own if n not in given],
        "unexpected": [n for n in state_dict if n.removeprefix(prefix) not in own],
        "mismatched": [n for n in own if n in given and n not in loaded],
    }
