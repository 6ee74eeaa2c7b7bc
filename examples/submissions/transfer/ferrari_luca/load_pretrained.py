def load_pretrained(model, state_dict, prefix="module."):
    mine = model.state_dict()
    good = {}
    bad = []
    for key, tensor in state_dict.items():
        if key in mine and mine[key].shape != tensor.shape:
            bad.append(key)
        else:
            good[key] = tensor
    missing, unexpected = model.load_state_dict(good, strict=False)
    done = [key for key in mine if key in good]
    if not done:
        raise ValueError("no")
    return {
        "loaded": done,
        "missing": [key for key in missing if key not in bad],
        "unexpected": list(unexpected),
        "mismatched": [key for key in mine if key in bad],
    }
