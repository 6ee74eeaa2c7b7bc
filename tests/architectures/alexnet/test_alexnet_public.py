"""Public checks of `alexnet`: names, shapes and the worked example of the stub. They need no reference solution."""

import math

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student):
    """`AlexNet()` has the eight pinned layers and 61,100,840 parameters, on the device "meta"."""
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


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """The worked example of the stub, with two or three channels for hundreds."""
    network = student.on("meta").AlexNet(num_classes=4)
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
    x = torch.zeros(2, 3, 224, 224, dtype=torch.float64)
    x[0, 0], x[1, 0] = 2.0, 1.2
    expected = torch.tensor([[0.5, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.float64)
    close(network.eval()(x), expected, "The output for the worked example")
