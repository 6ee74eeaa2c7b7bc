from torchvision.models.resnet import Bottleneck


class ResNeXtBlock(Bottleneck):
    def __init__(self, in_channels, out_channels, cardinality=32, group_width=4, stride=1):
        super().__init__(in_channels, out_channels // 4, stride, groups=cardinality, base_width=group_width)
