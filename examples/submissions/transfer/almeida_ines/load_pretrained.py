import torch


@torch.no_grad()
def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = dict(zip([k.removeprefix(prefix) for k in state_dict], state_dict.values(), strict=True))
    common = [name for name in own if name in given]
    loaded = [name for name in common if list(given[name].shape) == list(own[name].shape)]
    if len(loaded) == 0:
        raise ValueError("nothing fits")
    for name in loaded:
        own[name][...] = given[name].to(own[name].device)
    return {
        "loaded": loaded,
        "missing": [name for name in own if name not in common],
        "unexpected": [k for k in state_dict if k.removeprefix(prefix) not in own],
        "mismatched": [name for name in common if name not in loaded],
    }
