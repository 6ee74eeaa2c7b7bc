from torch import cat, nn, relu


class DenseBlock(nn.Module):
    def __init__(self, in_channels, growth_rate, num_layers):
        super().__init__()
        stack, width = [], in_channels
        for _ in range(num_layers):
            layer = nn.Module()
            layer.norm = nn.BatchNorm2d(width)
            layer.conv = nn.Conv2d(width, growth_rate, kernel_size=(3, 3), stride=1, padding=(1, 1), bias=False)
            stack.append(layer)
            width += growth_rate
        self.layers = nn.ModuleList(stack)

    def forward(self, x):
        seen = x
        for layer in self.layers:
            y = layer.norm(seen)
            y = relu(y)
            y = layer.conv(y)
            seen = cat((seen, y), 1)
        return relu(seen)
