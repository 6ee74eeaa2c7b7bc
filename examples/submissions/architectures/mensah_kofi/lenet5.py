"""LeNet-5: the first convolutional network that was put to work, reading the amounts on bank cheques.

Convolution and pooling take turns: maps get smaller and more, and what is left of the image goes through three linear
layers. All of it is learned together, by backpropagation.

Formula (LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", section II.B, modernised):

    x                                              (N, 1, 32, 32)
    c1 = tanh(conv1(x))                            (N, 6, 28, 28)
    s2 = mean of each 2 x 2 window of c1           (N, 6, 14, 14)
    c3 = tanh(conv2(s2))                           (N, 16, 10, 10)
    s4 = mean of each 2 x 2 window of c3           (N, 16, 5, 5)
    f5 = tanh(fc1(s4 as a vector))                 (N, 120)       400 numbers: channel 0 row by row, then channel 1, ...
    f6 = tanh(fc2(f5))                             (N, 84)
    out = fc3(f6)                                  (N, num_classes)

Names, which the tests use to load weights:

    conv1    5x5, 1 -> 6, no padding         weight (6, 1, 5, 5)      bias (6,)
    conv2    5x5, 6 -> 16, no padding        weight (16, 6, 5, 5)     bias (16,)
    fc1      linear, 400 -> 120              weight (120, 400)        bias (120,)
    fc2      linear, 120 -> 84               weight (84, 120)         bias (84,)
    fc3      linear, 84 -> num_classes       weight (num_classes, 84) bias (num_classes,)

61,706 parameters for 10 classes, and no others. The last layer gives logits: no activation, no softmax. The paper's own
network differs in details that nobody uses any more: conv2 sees a few of the six maps only, poolings have weights, tanh
is scaled, and the output compares with drawn digits. Textbooks also have it for images of 28 x 28 with padding 2, with
sigmoid or with ReLU; here it is tanh, without padding.

Worked example: all weights 0, but for the middle of each kernel of conv1 and conv2, which is 1, and fc1.weight[0, 0],
fc2.weight[0, 0] and fc3.weight[0, 0], which are 1; all biases 0. An image that is 0.5 everywhere has

    c1 = tanh(0.5) = 0.4621      s2 = 0.4621      c3 = tanh(6 * 0.4621) = 0.9922      s4 = 0.9922
    f5[0] = tanh(0.9922) = 0.7583      f6[0] = tanh(0.7583) = 0.6401      out[0] = 0.6401, the others 0

Images are 32 x 32. Any number of images and of classes from 1 up will do, any memory layout and any floating dtype.
Training and evaluation give the same result. How you initialise the weights is up to you. Networks share no layers, and
making one sets no seed.

Not allowed: `torchvision.models` and `torchvision.ops`, as in all of this assignment.
"""

import torch
from torch import Tensor, nn


class LeNet5(nn.Module):
    """Two convolutions with average poolings, then three linear layers.

    Args:
        num_classes: how many logits there are for each image.
    """

    def __init__(self, num_classes: int = 10) -> None:
        """Create `conv1`, `conv2`, `fc1`, `fc2` and `fc3`."""
        super().__init__()
        raise NotImplementedError("lenet5: implement LeNet5.__init__")

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of each image.

        Args:
            x: (N, 1, 32, 32). It is left as it was.

        Returns:
            A new tensor (N, num_classes).
        """
        raise NotImplementedError("lenet5: implement LeNet5.forward")
