"""Replace the head of a pretrained network, and freeze the rest.

Idea: the early layers of a trained network detect things that every image has (edges, textures, parts); only its head,
the last layer, is about the classes it was trained on. So keep the backbone, put a new head in, and train just that.

Formula: the network is head(backbone(x)), with backbone(x) = h in R^d and the head an affine map to K classes,

    logits = W h + b,     W: (K, d),  b: (K,),

or, in SqueezeNet, the same map at every pixel: a 1x1 convolution with weight (K, d, 1, 1) and bias (K,), then a mean.
The new head has the same d and K = num_classes, so it trains d * K + K numbers.

Where the classification models of torchvision keep their head:

    model                                                      position            kind
    ---------------------------------------------------------  ------------------  -----------
    ResNet, ResNeXt, ShuffleNet, RegNet, GoogLeNet, Inception  fc                  Linear
    DenseNet                                                   classifier          Linear
    MobileNetV2, EfficientNet, MNASNet                         classifier[1]       Linear
    SqueezeNet                                                 classifier[1]       Conv2d, 1x1
    ConvNeXt                                                   classifier[2]       Linear
    MobileNetV3                                                classifier[3]       Linear
    AlexNet, VGG                                               classifier[6]       Linear
    ViT                                                        heads.head          Linear
    Swin                                                       head                Linear
    GoogLeNet, auxiliary heads (when there)                    aux1.fc2, aux2.fc2  Linear
    Inception, auxiliary head (when there)                     AuxLogits.fc        Linear

Names: the new layer takes the old one's place, so the keys of `state_dict()` stay as they were (`classifier.6.weight`,
`classifier.6.bias`), and only the shapes at these keys change.

Example: `torchvision.models.resnet18` has 11 689 512 parameters, of which 512 * 1000 + 1000 = 513 000 are in `fc`.
After `replace_head(model, 10)` it has 11 181 642, and 512 * 10 + 10 = 5 130 of them train: `fc.weight` and `fc.bias`.

Not allowed: building another model, such as `torchvision.models.resnet18(num_classes=10)`, or a copy, and returning
that. `torch` alone is enough.

Source: Yosinski, Clune, Bengio and Lipson, "How transferable are features in deep neural networks?", NeurIPS 2014,
arXiv:1411.1792, section 2 (the frozen network AnB and the fine-tuned AnB+). Auxiliary heads: Szegedy et al., "Going
deeper with convolutions", CVPR 2015, arXiv:1409.4842, section 5. Convolution as head: Iandola et al., "SqueezeNet",
arXiv:1602.07360, section 3.
"""

from __future__ import annotations

from torch import nn


def find_heads(model: nn.Module) -> list[str]:
    """Dotted names of the layers to replace, such as `["classifier.6"]` or `["fc", "aux1.fc2", "aux2.fc2"]`.

    The two helpers are a suggestion: only `replace_head` is graded, and you may write it without them.

    Raises:
        ValueError: no Linear and no 1x1 Conv2d at any of the positions in the table.
    """
    raise NotImplementedError("replace_head: implement find_heads")


def fresh_like(layer: nn.Linear | nn.Conv2d, num_classes: int) -> nn.Linear | nn.Conv2d:
    """A new layer of the same kind with `num_classes` outputs: same inputs, with bias, on the same device and dtype."""
    raise NotImplementedError("replace_head: implement fresh_like")


def replace_head(model: nn.Module, num_classes: int, freeze_backbone: bool = True) -> nn.Module:
    """Put a fresh head with `num_classes` outputs into `model`, in place, and return the same object.

    - The layer at the last classifier position (see the table) becomes a new, randomly initialised layer of the same
      kind: `Linear(in_features, num_classes)` or `Conv2d(in_channels, num_classes, 1)`, with bias even where the old
      one has none, on its device and with its dtype; so it does where the number of classes is the same. Every call
      makes layers of its own, without setting a seed. Auxiliary heads that are there are replaced as well, whatever
      mode the model is in. Nothing is added or removed: dropout, ReLU and hidden layers before and after the head stay
      as they are, and so does the `Sequential` that holds them: the same object, with its mode and its hooks. The old
      head's own dtype and device count, whatever those of the other layers are.
    - SqueezeNet also stores the number of classes: `model.num_classes` is set.
    - With `freeze_backbone`, no parameter but those of the new layers has `requires_grad`: neither convolutions nor
      the weights and biases of batch norm nor hidden Linear layers. Without it, every parameter that stays keeps the
      `requires_grad` and the `.grad` that it had. The new layers always train, whatever the old ones did.
    - Parameters and buffers that stay keep their values, bit for bit, and all modules stay in training or evaluation
      mode as they were.

    Args:
        model: a classification model as torchvision builds them; images (N, 3, H, W) -> logits (N, old classes).
        num_classes: outputs of the new head; afterwards the model maps (N, 3, H, W) -> (N, num_classes).
        freeze_backbone: whether all parameters but the new layers' are frozen.

    Raises:
        ValueError: `model` has no head at a known position, though it may have a Linear layer elsewhere. It is then
            left exactly as it was: not half frozen, and without a new attribute.
    """
    raise NotImplementedError("replace_head: implement replace_head")
