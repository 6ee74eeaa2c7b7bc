"""Fine-tuning: train what should move, and keep the rest still.

Idea: pretrained weights are worth something, so most of them are frozen or move slowly; the new head moves fast. Frozen
has three sides: the optimizer must not move the parameter, no gradient may be left over that moves it later, and the
running statistics of frozen batch norm must not drift with the new images.

Formula: for the samples of one epoch, in batches b of n_b samples,

    loss of the epoch = sum over b of n_b · loss_b / sum over b of n_b       loss_b: mean cross-entropy of the batch

where loss_b is that of the forward before the step.

Parameter groups, as `torch.optim` takes them, give every parameter its learning rate and weight decay:

    head_lr for what is in the head, lr for all else;
    weight_decay for weights of two or more dimensions outside normalisation layers, 0 for biases and normalisation.

Normalisation layers are BatchNorm*, SyncBatchNorm, InstanceNorm*, GroupNorm, LayerNorm and RMSNorm, with or without
parameters: `NORMS` below.

Example: a model of `conv`, `bn` and `fc`. After `freeze(model, ["fc"])`, `fc.weight` and `fc.bias` train, and `bn` is
in evaluation mode, also after `model.train()`. `parameter_groups(model, "fc", lr=0.01, head_lr=0.1, weight_decay=0.05)`
gives `fc.weight` the rate 0.1 and the decay 0.05, `fc.bias` 0.1 and 0. An epoch with a batch of 3 samples and loss 1.0
and one of 1 sample and loss 2.0 has the loss (3 · 1 + 1 · 2) / 4 = 1.25.

Allowed: all of torch.

Source: Yosinski et al., "How transferable are features in deep neural networks?", NeurIPS 2014, arXiv:1411.1792,
section 2; Howard and Ruder, "Universal language model fine-tuning", ACL 2018, arXiv:1801.06146, section 3.1 (learning
rates by layer).
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Batch and instance norm of all kinds derive from _NormBase.
NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def is_below(name: str, top: str) -> bool:
    """Whether `name` is `top` or below it: "layer4.conv" is below "layer4", and "layer40" is not.

    A suggestion, as `clear_gradients` below: only the three functions of the exercise are graded.
    """
    raise NotImplementedError("fine_tune: implement is_below")


def freeze(model: nn.Module, trainable: Sequence[str]) -> nn.Module:
    """Let only what is named in `trainable` train, and return the same model.

    - A parameter trains if its name is one of `trainable` or below one: "layer4" lets `layer4.conv.weight` train, and
      not `layer40.weight`. All others have `requires_grad` False. With `[]` all are frozen.
    - A normalisation layer whose own name is neither in `trainable` nor below a name in it is frozen, too: it is in
      evaluation mode as soon as this function returns, and after every later `model.train()`, `model.train(True)` and
      `model.eval()`. All other modules follow these calls as ever, and `model.train()` returns the model.
    - A second call takes the place of the first one.
    - Values, `.grad` and the modes of other modules stay as they are.

    Args:
        trainable: names of modules or parameters, as `named_modules` and `named_parameters` give them.

    Raises:
        ValueError: at or below one of the names there is no parameter. The model is then as it was.
    """
    raise NotImplementedError("fine_tune: implement freeze")


def parameter_groups(model: nn.Module, head: str, lr: float, head_lr: float, weight_decay: float = 0.0) -> list[dict]:
    """Groups for `torch.optim`: every trainable parameter exactly once.

    Each group is a dictionary with `params` (a list), `lr` and `weight_decay`; none is empty. How many there are, and
    in which order, is up to you. Frozen parameters are in none of them. The model is not changed.

    Args:
        head: name of a module or parameter; parameters at or below it get `head_lr`, all others `lr`.

    Raises:
        ValueError: at or below `head` there is no parameter, frozen or not.
    """
    raise NotImplementedError("fine_tune: implement parameter_groups")


def clear_gradients(model: nn.Module) -> None:
    """Leave no gradient behind in any parameter of the model."""
    raise NotImplementedError("fine_tune: implement clear_gradients")


def fine_tune(
    model: nn.Module, batches: Sequence[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer, epochs: int = 1
) -> list[float]:
    """Train with cross-entropy, and return the mean loss per sample of each epoch.

    `model.train()` is called first, so what `freeze` has done holds, and the model stays in training mode. Each batch
    is one forward, one backward and one step, in the given order. Before each backward, and at the end, `.grad` is None
    for **every** parameter of the model, also for those that the optimizer does not hold.

    Args:
        batches: images or vectors (n, ...) and classes (n,) of each batch; n may differ.
        optimizer: holds some or all of the parameters.
        epochs: how often to go through the batches; 0 gives [].

    Returns:
        One float per epoch.
    """
    raise NotImplementedError("fine_tune: implement fine_tune")
