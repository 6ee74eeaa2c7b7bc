"""Public checks of `vgg_block`: names, shapes and the worked example of the stub. They need no reference solution."""

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student, rng):
    """`VGGBlock(3, 5, 2)` has the pinned layers and halves height and width; `vgg_features` has a child per pair."""
    block = student.VGGBlock(3, 5, 2).float()
    expected = {
        "convs.0.weight": (5, 3, 3, 3),
        "convs.0.bias": (5,),
        "convs.1.weight": (5, 5, 3, 3),
        "convs.1.bias": (5,),
    }
    shapes = {name: tuple(value.shape) for name, value in block.state_dict().items()}
    assert shapes == expected, f"VGGBlock(3, 5, 2) has parameters of the shapes {shapes}; expected {expected}."
    out = block(rng.randn(2, 3, 8, 7).float())
    assert out.shape == (2, 5, 4, 3), f"(2, 3, 8, 7) goes in, {tuple(out.shape)} comes out; expected (2, 5, 4, 3)."

    model = student.vgg_features(((1, 4), (2, 6)))
    children = [name for name in model.modules_by_name() if name.isdigit()]
    assert children == ["0", "1"], f"vgg_features(((1, 4), (2, 6))) has the children {children}; expected 0 and 1."


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """The worked example of the stub."""
    block = student.VGGBlock(1, 1, num_convs=2).double()
    values = block.state_dict()
    for index, bias in enumerate((-1.0, 2.0)):
        kernel = f"convs.{index}.weight"
        assert kernel in values, f"VGGBlock(1, 1, num_convs=2) has no parameter `{kernel}`."
        shape = tuple(values[kernel].shape)
        assert shape == (1, 1, 3, 3), f"`{kernel}` has shape {shape}; expected (1, 1, 3, 3)."
        values[kernel] = torch.zeros(1, 1, 3, 3, dtype=torch.float64)
        values[kernel][0, 0, 1, 1] = 1.0
        values[f"convs.{index}.bias"] = torch.tensor([bias], dtype=torch.float64)
    block.load_state_dict(values)
    x = torch.tensor([[[[1, 0, 4, 2], [3, 1, 0, 0], [9, 9, 9, 9]]]], dtype=torch.float64)
    expected = torch.tensor([[[[4, 5]]]], dtype=torch.float64)
    close(block(x), expected, "The output for the worked example")
