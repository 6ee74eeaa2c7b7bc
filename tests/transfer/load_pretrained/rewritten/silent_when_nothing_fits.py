def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    pairs = [(key, key.removeprefix(prefix)) for key in state_dict]
    fits = {name: state_dict[key] for key, name in pairs if name in own and own[name].shape == state_dict[key].shape}
    names = [name for _, name in pairs]
    model.load_state_dict(fits, strict=False)
    return {
        "loaded": [n for n in own if n in fits],
        "missing": [n for n in own if n not in names],
        "unexpected": [key for key, name in pairs if name not in own],
        "mismatched": [n for n in own if n in names and n not in fits],
    }
