"""Public checks of `alexnet`: names, shapes, the worked example of the stub, and dropout where nothing is left."""

import math

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student):
    """`AlexNet()` has the eight pinned layers and 61,100,840 parameters, and takes images of 160 x 128 ("meta")."""
    network = student.on("meta").AlexNet()
    weights = {
        "features.0": (64, 3, 11, 11),
        "features.3": (192, 64, 5, 5),
        "features.6": (384, 192, 3, 3),
        "features.8": (256, 384, 3, 3),
        "features.10": (256, 256, 3, 3),
        "classifier.1": (4096, 9216),
        "classifier.4": (4096, 4096),
        "classifier.6": (1000, 4096),
    }
    shapes = {name: tuple(info.shape) for name, info in network.parameters_by_name(values=False).items()}
    for layer, shape in weights.items():
        for name, expected in ((f"{layer}.weight", shape), (f"{layer}.bias", shape[:1])):
            assert name in shapes, f"AlexNet() has no parameter `{name}`."
            assert shapes[name] == expected, f"`{name}` has shape {shapes[name]}; expected {expected}."
    count = sum(math.prod(shape) for shape in shapes.values())
    assert count == 61_100_840, f"AlexNet() has {count:,} parameters; expected 61,100,840."
    shape = tuple(network(torch.zeros(2, 3, 160, 128, device="meta")).shape)
    assert shape == (2, 1000), f"AlexNet() turns images of shape (2, 3, 160, 128) into {shape}; expected (2, 1000)."


def example(student, **options):
    """The network of the worked example, and its values."""
    network = student.on("meta").AlexNet(num_classes=4, **options)
    student.beside.small(network, (2, 3, 2, 3), (3, 2), 4)
    values = network.double().state_dict()
    for name, value in values.items():
        value.zero_()
        if value.dim() == 4:
            value[0, 0, value.shape[2] // 2, value.shape[3] // 2] = 1.0
        elif name == "classifier.1.weight":
            value[0, :36] = 1 / 36
        elif value.dim() == 2:
            value[0, 0] = 1.0
    values["features.0.bias"][0] = -0.5
    values["classifier.4.bias"][0] = -1.0
    network.load_state_dict(values)
    return network, values


@pytest.mark.example
@pytest.mark.points(0.15)
def test_worked_example(student, close):
    """The worked example of the stub, with two or three channels for hundreds."""
    x = torch.zeros(2, 3, 224, 224, dtype=torch.float64)
    x[0, 0], x[1, 0] = 2.0, 1.2
    expected = torch.tensor([[0.5, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.float64)
    close(example(student)[0].eval()(x), expected, "The output for the worked example")


@pytest.mark.points(0.1)
def test_half_of_an_image(student, close):
    """The network of the example and an image whose right half is red, 3.5: of 6 columns of the last maps, 4 see it."""
    x = torch.zeros(1, 3, 224, 224, dtype=torch.float64)
    x[0, 0, :, 112:] = 3.5
    # The largest number of each window: 28 of 55 columns, then 14 of 27, 7 of 13 and 4 of 6. relu(4/6 * 3.0 - 1) is 1.
    expected = torch.tensor([[1, 0, 0, 0]], dtype=torch.float64)
    close(example(student)[0].eval()(x), expected, "The output for the image whose right half is red")


@pytest.mark.form
@pytest.mark.points(0.1)
def test_all_is_dropped(student, close):
    """With dropout=1, training: what the last linear layers add is left, 2 + 1 and 7, and nothing of the image."""
    network, values = example(student, dropout=1.0)
    values["classifier.4.bias"][0], values["classifier.6.bias"][:2] = 2.0, torch.tensor([1.0, 7.0])
    network.load_state_dict(values)
    expected = torch.tensor([[3.0, 7.0, 0.0, 0.0]], dtype=torch.float64).expand(8, 4)
    close(network.train()(torch.ones(8, 3, 63, 63, dtype=torch.float64)), expected, "The output with dropout=1")
