"""takes the prefix off wherever it stands in a name

`replace` finds `module.` inside of a name, too: `block.module.weight` becomes `block.weight`.

Hint: Does a name of your model change when you put it through the same line?
"""

import torch


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    given = {name.replace(prefix, ""): value for name, value in state_dict.items()}
    loaded = [n for n, v in own.items() if n in given and given[n].shape == v.shape]
    mismatched = [n for n, v in own.items() if n in given and given[n].shape != v.shape]
    missing = [n for n in own if n not in given]
    unexpected = [n for n in state_dict if n.replace(prefix, "") not in own]
    if len(loaded) == 0:
        raise ValueError("nothing fits")
    for n in loaded:
        with torch.no_grad():
            own[n].copy_(given[n])
    return dict(loaded=loaded, missing=missing, unexpected=unexpected, mismatched=mismatched)
