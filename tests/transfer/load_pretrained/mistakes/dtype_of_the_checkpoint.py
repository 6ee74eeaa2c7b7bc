"""gives the model the dtype and device of the checkpoint

Half of the layers then compute in one dtype and half in another, and forward raises.

Hint: Load a float64 checkpoint into a float32 model and look at `parameter.dtype`.
"""


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict(keep_vars=True)
    given = {name.removeprefix(prefix): value for name, value in state_dict.items()}
    fits = {name: name in given and given[name].shape == own[name].shape for name in own}
    if not any(fits.values()):
        raise ValueError("nothing fits")
    for name in own:
        if fits[name]:
            own[name].data = given[name].detach().clone()
    return {
        "loaded": [name for name in own if fits[name]],
        "missing": [name for name in own if name not in given],
        "unexpected": [name for name in state_dict if name.removeprefix(prefix) not in own],
        "mismatched": [name for name in own if name in given and not fits[name]],
    }
