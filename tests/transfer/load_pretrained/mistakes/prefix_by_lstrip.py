"""takes the prefix off with lstrip

`lstrip("module.")` takes off letters, as long as they are among m, o, d, u, l, e and the dot: `encoder.weight` becomes
`ncoder.weight`.

Hint: What is `"encoder.weight".lstrip("module.")`?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    renamed = {name.lstrip(prefix): (name, value) for name, value in state_dict.items()}
    report = {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
    for name in own:
        if name not in renamed:
            report["missing"].append(name)
        elif renamed[name][1].shape == own[name].shape:
            report["loaded"].append(name)
        else:
            report["mismatched"].append(name)
    report["unexpected"] = [original for name, (original, _) in renamed.items() if name not in own]
    if not report["loaded"]:
        raise ValueError("nothing fits")
    with torch.no_grad():
        for name in report["loaded"]:
            own[name].copy_(renamed[name][1])
    return report
