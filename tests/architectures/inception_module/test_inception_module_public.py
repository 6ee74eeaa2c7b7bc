"""Public checks of `inception_module`: names, shapes and the worked example. They need no reference solution."""

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student, rng):
    """The first module of GoogLeNet has the pinned layers, and gives 64 + 128 + 32 + 32 channels."""
    module = student.InceptionModule(192, 64, 96, 128, 16, 32, 32).float()
    kernels = {
        "conv1x1": (64, 192),
        "reduce3x3": (96, 192),
        "conv3x3": (128, 96, 3, 3),
        "reduce5x5": (16, 192),
        "conv5x5": (32, 16, 5, 5),
        "pool_proj": (32, 192),
    }
    # A linear layer's weight (out, in) and a 1x1 convolution's (out, in, 1, 1) count as the same.
    shapes = {name: _without_ones(value.shape) for name, value in module.state_dict().items()}
    for layer, shape in kernels.items():
        for name, expected in ((f"{layer}.weight", shape), (f"{layer}.bias", shape[:1])):
            assert name in shapes, f"InceptionModule(192, 64, 96, 128, 16, 32, 32) has no parameter `{name}`."
            assert shapes[name] == expected, f"`{name}` has shape {shapes[name]}; expected {expected}."
    surplus = sorted(shapes.keys() - {f"{layer}.{kind}" for layer in kernels for kind in ("weight", "bias")})
    assert not surplus, f"InceptionModule has parameters or buffers that are not asked for: {', '.join(surplus)}."
    out = module(rng.randn(2, 192, 3, 5).float())
    assert out.shape == (2, 256, 3, 5), (
        f"(2, 192, 3, 5) goes in, {tuple(out.shape)} comes out; expected (2, 256, 3, 5)."
    )


@pytest.mark.example
@pytest.mark.points(0.75)
def test_worked_example(student, close):
    """The worked example of the stub."""
    module = student.InceptionModule(1, 1, 1, 1, 1, 1, 1).double()
    values = module.state_dict()
    for value in values.values():
        value.zero_()
        if value.dim() == 4:
            value[0, 0, value.shape[2] // 2, value.shape[3] // 2] = 1.0
        elif value.dim() == 2:
            value.fill_(1.0)
    assert "reduce5x5.bias" in values, "InceptionModule has no parameter `reduce5x5.bias`."
    values["reduce5x5.bias"] -= 3.0
    module.load_state_dict(values)
    x = torch.tensor([[[[4, -2, 0], [1, 0, 5]]]], dtype=torch.float64)
    d = torch.tensor([[[[4, 5, 5], [4, 5, 5]]]], dtype=torch.float64)
    expected = torch.cat([x.relu(), x.relu(), (x - 3).relu(), d], dim=1)
    close(module(x), expected, "The output for the worked example")


def _without_ones(shape):
    return tuple(shape[:2]) if tuple(shape[2:]) == (1, 1) else tuple(shape)
