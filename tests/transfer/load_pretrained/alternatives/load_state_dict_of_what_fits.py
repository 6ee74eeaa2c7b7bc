"""leaves the copying to load_state_dict

What fits is collected in a dictionary of its own and loaded with `strict=False`, which copies in place.
"""


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    fitting, mismatched, unexpected = {}, set(), []
    for key, value in state_dict.items():
        name = key[len(prefix) :] if prefix and key.startswith(prefix) else key
        if name not in own:
            unexpected.append(key)
        elif tuple(own[name].shape) == tuple(value.shape):
            fitting[name] = value.detach()
        else:
            mismatched.add(name)
    if not fitting:
        raise ValueError("no name and shape of the checkpoint fits")
    model.load_state_dict(fitting, strict=False)
    return {
        "unexpected": unexpected,
        "mismatched": [name for name in own if name in mismatched],
        "missing": [name for name in own if name not in fitting and name not in mismatched],
        "loaded": [name for name in own if name in fitting],
    }
