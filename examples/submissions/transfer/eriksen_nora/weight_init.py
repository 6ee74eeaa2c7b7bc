"""Start values: weights so large that signals and gradients neither grow nor fade from layer to layer.

Idea: a layer adds up fan_in products. If the weights have the variance 1/fan_in, the sum has the variance of what comes
in. ReLU halves it, so 2/fan_in keeps it (Kaiming). Gradients go the other way and add up fan_out products; between the
two lies 2/(fan_in + fan_out) (Xavier).

Formula: a weight has the shape (out, in, *kernel); of a linear layer the kernel is empty and has one place.

    fan_in  = weight.shape[1] · number of places of the kernel       (with groups, shape[1] is in/groups: that counts)
    fan_out = weight.shape[0] · number of places of the kernel

    Kaiming, normal      mean 0, standard deviation sqrt(2 / fan_in)
    Xavier, uniform      between -bound and bound, bound = gain · sqrt(6 / (fan_in + fan_out))

Example: the weight of `nn.Conv2d(64, 128, 3)` has the shape (128, 64, 3, 3), fan_in 64 · 9 = 576 and fan_out 128 · 9 =
1152. Kaiming gives it the standard deviation sqrt(2 / 576) = 0.0589, Xavier the bound sqrt(6 / 1728) = 0.0589.

Normalisation layers are BatchNorm*, SyncBatchNorm, InstanceNorm*, GroupNorm, LayerNorm and RMSNorm, with or without
parameters: `NORMS` below.

Not allowed, since it is the exercise: `torch.nn.init`. `normal_` and `uniform_` of tensors are allowed.

Source: He et al., "Delving deep into rectifiers", ICCV 2015, arXiv:1502.01852, section 2.2, equation (10); Glorot and
Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010, equation (16).
"""

import math

import torch
from torch import Tensor, nn

# Batch and instance norm of all kinds derive from _NormBase.
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def fans(weight: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight (out, in, *kernel), two ints.

    Raises:
        ValueError: `weight` has fewer than two dimensions.
    """
    raise NotImplementedError("weight_init: implement fans")


def kaiming_normal_(weight: Tensor) -> Tensor:
    """Fill `weight` in place with normal numbers, mean 0, standard deviation sqrt(2 / fan_in); the same tensor.

    In place: the same object with the same memory, dtype and `requires_grad`; no graph. Every call draws anew from
    torch's own generator, whose seed is not set.
    """
    raise NotImplementedError("weight_init: implement kaiming_normal_")


def xavier_uniform_(weight: Tensor, gain: float = 1.0) -> Tensor:
    """Fill `weight` in place with uniform numbers between ±gain · sqrt(6 / (fan_in + fan_out)); the same tensor."""
    raise NotImplementedError("weight_init: implement xavier_uniform_")


def init_model(model: nn.Module) -> nn.Module:
    """Give all layers of `model` start values, in place, and return the same model.

    - Every Conv1d, 2d, 3d and Linear, derived classes too: weight by `kaiming_normal_`, bias 0 if there is one.
    - Every normalisation layer: weight 1, bias 0, where it has them.
    - Nothing else changes: embeddings, other parameters, running statistics, `requires_grad`, modes. Parameters stay
      the same objects, frozen ones get start values, too.
    """
    raise NotImplementedError("weight_init: implement init_model")
