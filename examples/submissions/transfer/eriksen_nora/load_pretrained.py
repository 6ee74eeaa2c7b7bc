"""Load what fits of a checkpoint, and say what did not.

Idea: a checkpoint rarely fits as a whole. Its names carry a prefix, because the network was wrapped in `DataParallel`
when it was saved; its head has other classes; your network has a layer more. Copy what fits, and report the rest:
`load_state_dict(..., strict=False)` with a wrong prefix loads nothing, says nothing, and you fine-tune random weights.

Formula: with `bare` a checkpoint's name from which a leading prefix is taken off, once, if it is there,

    loaded      names of the model that are some bare name, with equal shape: their values are copied
    mismatched  names of the model that are some bare name, with another shape
    missing     names of the model that are no bare name
    unexpected  names of the checkpoint, as they stand there, whose bare name is none of the model's

"Names of the model" are all those of `model.state_dict()`: parameters, running statistics, counters. Each is in exactly
one of the first three lists. Lists are in the order of the model; `unexpected` is in the order of the checkpoint.

Example: a model `nn.Linear(2, 1)`, and a checkpoint with `module.weight` of shape (1, 2), `module.bias` of shape (3,),
and `epoch` of shape (). The weight is copied, and the report is

    {"loaded": ["weight"], "missing": [], "unexpected": ["epoch"], "mismatched": ["bias"]}

Everything that the function is not there to change stays as it is:

- Parameters stay the same objects, as the optimizer that holds them expects. They keep dtype, device, `requires_grad`
  and `.grad`; modules keep their mode and hooks.
- What is missing or mismatched keeps its values.
- The checkpoint keeps its names and values, and shares no memory with the model: training goes on in the model alone.

Allowed: all of torch, `load_state_dict`, too.

Source: the documentation of `torch.nn.Module.load_state_dict`, https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html;
the prefix is that of `torch.nn.DataParallel`.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


def load_pretrained(
    model: nn.Module, state_dict: Mapping[str, Tensor], prefix: str = "module."
) -> dict[str, list[str]]:
    """Copy into `model` what fits of `state_dict` by name and shape; the four lists of the report, by their names.

    - A leading `prefix` is taken off a name once, and only at the start; a name without it is as welcome. "" takes
      nothing off. (No checkpoint holds both `a` and `module.a`, and no name of the model begins with the prefix.)
    - Shapes have to be equal: (1,) does not fit (5,), and (2, 3) does not fit (3, 2).
    - Values are converted to the dtype and moved to the device of the model's own.
    - Frozen parameters are loaded like all others, and stay frozen.

    Args:
        model: any module; changed in place.
        state_dict: any mapping, maybe read-only; its tensors may be Parameters, and of any dtype.
        prefix: what to take off at the start of the checkpoint's names.

    Raises:
        ValueError: nothing at all fits, as with an empty checkpoint or the wrong prefix. The model is then as it was.
    """
    raise NotImplementedError("load_pretrained: implement load_pretrained")
