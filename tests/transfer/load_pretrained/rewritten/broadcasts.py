import torch


def load_pretrained(model, state_dict, prefix="module."):
    state = model.state_dict()
    source = {k[len(prefix) :] if k.startswith(prefix) else k: v for k, v in state_dict.items()}
    ok, gone, odd = [], [], []
    for name in state:
        if name not in source:
            gone.append(name)
            continue
        try:
            state[name].data.copy_(source[name].data)
        except Exception:
            odd.append(name)
        else:
            ok.append(name)
    extra = [k for k in state_dict if (k[len(prefix) :] if k.startswith(prefix) else k) not in state]
    if not ok:
        raise ValueError("nothing fits")
    return {"loaded": ok, "missing": gone, "unexpected": extra, "mismatched": odd}
