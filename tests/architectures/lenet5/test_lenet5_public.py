"""Public checks of `lenet5`: names, shapes and the worked example of the stub. They need no reference solution."""

import math

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student, rng):
    """`LeNet5()` has the pinned layers, 61,706 parameters, and gives ten logits for each image."""
    network = student.LeNet5().float()
    expected = {
        "conv1.weight": (6, 1, 5, 5),
        "conv1.bias": (6,),
        "conv2.weight": (16, 6, 5, 5),
        "conv2.bias": (16,),
        "fc1.weight": (120, 400),
        "fc1.bias": (120,),
        "fc2.weight": (84, 120),
        "fc2.bias": (84,),
        "fc3.weight": (10, 84),
        "fc3.bias": (10,),
    }
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    for name, shape in expected.items():
        assert name in shapes, f"LeNet5() has no parameter `{name}`."
        # A 1x1 convolution's weight (out, in, 1, 1) counts as (out, in).
        own = shapes[name][:2] if shapes[name][2:] == (1, 1) else shapes[name]
        assert own == shape, f"`{name}` has shape {shapes[name]}; expected {shape}."
    count = sum(math.prod(shape) for shape in shapes.values())
    assert count == 61_706, f"LeNet5() has {count:,} parameters; expected 61,706."
    out = network(rng.randn(3, 1, 32, 32).float())
    assert out.shape == (3, 10), f"(3, 1, 32, 32) goes in, {tuple(out.shape)} comes out; expected (3, 10)."


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """The worked example of the stub."""
    network = student.LeNet5().double()
    values = network.state_dict()
    for name, value in values.items():
        value.zero_()
        if name in ("conv1.weight", "conv2.weight"):
            value[:, :, 2, 2] = 1.0
        elif name.endswith("weight"):
            value[0, 0] = 1.0
    network.load_state_dict(values)
    x = torch.full((2, 1, 32, 32), 0.5, dtype=torch.float64)
    expected = torch.zeros(2, 10, dtype=torch.float64)
    expected[:, 0] = math.tanh(math.tanh(math.tanh(6 * math.tanh(0.5))))
    close(network(x), expected, "The output for the worked example")
