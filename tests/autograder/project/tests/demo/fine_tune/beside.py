"""A model to be trained next to the code under test, and what has become of it."""

from collections import OrderedDict

import torch
from torch import nn


def trained(fine_tune, weights, x, y, steps):
    """Losses, parameters, which of these are still the same objects and which are trainable, after some steps."""
    body, head = (nn.Linear(weight.shape[1], weight.shape[0], bias=False).double() for weight in weights)
    with torch.no_grad():
        body.weight.copy_(weights[0])
        head.weight.copy_(weights[1])
    model = nn.Sequential(OrderedDict(body=body, head=head))
    before = dict(model.named_parameters())
    losses = fine_tune(model, x, y, steps, 0.1)
    after = dict(model.named_parameters())
    return {
        "losses": losses,
        "parameters": {name: value.detach() for name, value in after.items()},
        "same": [name for name, value in before.items() if after.get(name) is value],
        "trainable": [name for name, value in after.items() if value.requires_grad],
    }
