"""leaves it to load_state_dict(strict=False), which takes no prefix off

Names with the prefix are nobody's then. Nothing of them is loaded, and a report that says so looks like any other.

Hint: Load a checkpoint whose names all begin with `module.`, and print the report. Whose names are those?
"""


def load_pretrained(model, state_dict, prefix="module."):
    own = model.state_dict()
    mismatched = [n for n in own if n in state_dict and state_dict[n].shape != own[n].shape]
    fitting = {n: v for n, v in state_dict.items() if n not in mismatched}
    result = model.load_state_dict(fitting, strict=False)
    loaded = [n for n in own if n in state_dict and n not in mismatched]
    if not loaded:
        raise ValueError("nothing fits")
    missing = [n for n in result.missing_keys if n not in mismatched]
    return {"loaded": loaded, "missing": missing, "unexpected": result.unexpected_keys, "mismatched": mismatched}
