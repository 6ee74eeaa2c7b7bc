"""Public checks of `se_block`: names, shapes and the worked example of the stub. They need no reference solution."""

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student, rng):
    """`SEBlock(40)` and `SEBlock(7)` have the pinned layers, hidden width 2 and 1, and keep the shape of images."""
    for channels, hidden, images in ((40, 2, 2), (7, 1, 1)):
        block, given = student.SEBlock(channels).float(), (images, channels, 3, 5)
        shape = tuple(block(rng.randn(*given).float()).shape)
        assert shape == given, f"{given} goes in, {shape} comes out; expected the same shape."

        expected = {"fc1.weight": (hidden, channels), "fc1.bias": (hidden,)}
        expected |= {"fc2.weight": (channels, hidden), "fc2.bias": (channels,)}
        # A 1x1 convolution's weight (out, in, 1, 1) counts as (out, in).
        shapes = {name: tuple(value.shape[:2]) for name, value in block.state_dict().items()}
        assert shapes == expected, f"SEBlock({channels}) has parameters of the shapes {shapes}; expected {expected}."


@pytest.mark.example
@pytest.mark.points(0.75)
def test_worked_example(student, close):
    """The worked example of the stub."""
    block = student.SEBlock(channels=2, reduction=2).double()
    example = {"fc1.weight": [[1, 1]], "fc1.bias": [-2], "fc2.weight": [[1], [-1]], "fc2.bias": [0, 0]}
    own = block.state_dict()
    for name, value in example.items():
        assert name in own, f"SEBlock(channels=2, reduction=2) has no parameter `{name}`."
        value = torch.tensor(value, dtype=torch.float64)
        shape = tuple(own[name].shape)
        assert shape[:2] == tuple(value.shape), f"`{name}` has shape {shape}; expected {tuple(value.shape)}."
        own[name] = value.reshape(shape)
    block.load_state_dict(own)

    images = [[[[0, 2], [0, 2]], [[3, 3], [2, 4]]], [[[4, -4], [0, 0]], [[1, 1], [1, 1]]]]
    x = torch.tensor(images, dtype=torch.float64)
    gates = torch.sigmoid(torch.tensor([[2, -2], [0, 0]], dtype=torch.float64))
    expected = torch.stack([torch.stack([x[n, c] * gates[n, c] for c in range(2)]) for n in range(2)])
    out = block(x.clone())
    if isinstance(out, torch.Tensor) and out.shape == x.shape:
        close(out[:, :, 0, 1] / x[:, :, 0, 1], gates, "the output", asked="The worked example, divided by x: ")
    close(out, expected, "the output", asked="The worked example: ")
