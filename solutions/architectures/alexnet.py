"""AlexNet: LeNet's plan, a thousand times as large, with ReLU and dropout, trained on GPUs. It won ImageNet 2012.

Five convolutions, with a ReLU after each and three max poolings whose windows overlap, then three linear layers, with
dropout before the first two. It is the version that torchvision has ("One weird trick for parallelizing convolutional
neural networks", Krizhevsky 2014, arXiv 1404.5997, footnote 1), for images of 224 x 224 or of another size.

Layers (a kernel k, stride s, padding p), each convolution and the first two linear layers with a ReLU after it:

    features.0      convolution     3 ->  64  k 11 s 4 p 2      (N, 64, 55, 55)     then max pool 3, stride 2: 27 x 27
    features.3      convolution    64 -> 192  k 5  s 1 p 2      (N, 192, 27, 27)    then max pool 3, stride 2: 13 x 13
    features.6      convolution   192 -> 384  k 3  s 1 p 1      (N, 384, 13, 13)
    features.8      convolution   384 -> 256  k 3  s 1 p 1      (N, 256, 13, 13)
    features.10     convolution   256 -> 256  k 3  s 1 p 1      (N, 256, 13, 13)    then max pool 3, stride 2: 6 x 6
                    adaptive average pool to 6 x 6, flattened   (N, 9216)
                    dropout
    classifier.1    linear       9216 -> 4096
                    dropout
    classifier.4    linear       4096 -> 4096
    classifier.6    linear       4096 -> num_classes            logits: neither ReLU nor dropout

`features` and `classifier` are `nn.Sequential`s, and forward calls these eight layers, each an `nn.Conv2d` or an
`nn.Linear` and nothing else, all with a bias: the tests put smaller layers into their places, but 256 maps come of the
last convolution and 9216 numbers go into the first linear layer there, too. What stands at the other numbers (in
torchvision ReLU, pooling and dropout) is up to you, and so is whether these are modules or functions.
61,100,840 parameters for 1000 classes, and no others.

Dropout sets each number to 0 with probability `dropout` in training, divides the others by 1 - dropout, draws anew at
each call, and does nothing in evaluation. For images of 224 x 224 the adaptive pooling changes nothing; it is there for
all other sizes, from 63 x 63 up.

Worked example: all weights 0, but for the middle of the kernel from channel 0 to channel 0 in each convolution, which
is 1, classifier.1.weight[0, :36] = 1/36, classifier.4.weight[0, 0] = 1 and classifier.6.weight[0, 0] = 1; all biases
0, but for features.0.bias[0] = -0.5 and classifier.4.bias[0] = -1. In evaluation mode, images that are red all over:

    red     relu(red - 0.5)    classifier.1    relu(that - 1)    logit 0
    2.0     1.5                1.5             0.5               0.5
    1.2     0.7                0.7             0                 0

Try it without waiting: `with torch.device("meta"): AlexNet()` has all shapes and no numbers. How you initialise the
weights is up to you. Networks share no layers, and making one sets no seed.

Not allowed, since it is the exercise: `torchvision.models` and `torchvision.ops`.
"""

from torch import Tensor, nn


class AlexNet(nn.Module):
    """Five convolutions and three linear layers.

    Args:
        num_classes: how many logits there are for each image.
        dropout: the probability with which a number is set to 0 in training, before each of the first two linear
            layers.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        """Create `features` and `classifier`."""
        super().__init__()
        # BEGIN SOLUTION
        # What has no parameters may stand at several places.
        relu, pool, drop = nn.ReLU(), nn.MaxPool2d(kernel_size=3, stride=2), nn.Dropout(dropout)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            relu,
            pool,
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            relu,
            pool,
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            relu,
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            relu,
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            relu,
            pool,
        )
        self.classifier = nn.Sequential(
            drop,
            nn.Linear(9216, 4096),
            relu,
            drop,
            nn.Linear(4096, 4096),
            relu,
            nn.Linear(4096, num_classes),
        )
        # END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of each image.

        Args:
            x: (N, 3, H, W), H and W from 63 up. It is left as it was.

        Returns:
            A new tensor (N, num_classes).
        """
        # BEGIN SOLUTION
        maps = nn.functional.adaptive_avg_pool2d(self.features(x), 6)  # (N, 256, 6, 6)
        return self.classifier(maps.flatten(start_dim=1))  # (N, 9216) goes in
        # END SOLUTION
