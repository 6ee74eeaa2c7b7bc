"""freezes all but the last two parameters and replaces nothing

The old head trains, under the right names. A model without a known head is refused.
"""


def replace_head(model, num_classes, freeze_backbone=True):
    if not any(hasattr(model, name) for name in ("fc", "classifier", "heads", "head")):
        raise ValueError("no head")
    if freeze_backbone:
        for parameter in list(model.parameters())[:-2]:
            parameter.requires_grad = False
    return model
