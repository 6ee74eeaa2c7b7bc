"""reports four empty lists

The model and the checkpoint stay as they were.
"""


def load_pretrained(model, state_dict, prefix="module."):
    return {"loaded": [], "missing": [], "unexpected": [], "mismatched": []}
