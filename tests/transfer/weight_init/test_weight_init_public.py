"""Public checks of `weight_init`: the worked example, draws of both kinds, and a small model."""

import math

import pytest
import torch


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_fans(student):
    """The worked example: the fans of a convolution from 64 to 128 channels."""
    fans = student.fans(torch.zeros(128, 64, 3, 3))
    assert tuple(fans) == (576, 1152), f"the fans of the weight should be (576, 1152), they are {tuple(fans)}"
    kinds = {type(fan).__name__ for fan in fans}
    assert kinds == {"int"}, f"`fans` should return two numbers of type int, not {', '.join(sorted(kinds))}"


@pytest.mark.points(0.25)
def test_fans_of_other_shapes(student):
    """The fans of a weight with a kernel of 3 x 5 places, and of one without a kernel."""
    for shape, expected in (((4, 2, 3, 5), (30, 60)), ((3, 5), (5, 3))):
        fans = tuple(student.fans(torch.zeros(shape)))
        assert fans == expected, f"the fans of a weight of shape {shape} should be {expected}, they are {fans}"


@pytest.mark.form
@pytest.mark.points(0.25)
def test_filled_in_place(student):
    """Both functions fill the tensor that they are given, and return it."""
    for function in (student.kaiming_normal_, student.xavier_uniform_):
        weight = torch.zeros(6, 5)
        assert function(weight) is weight, f"{function} should return the tensor that it was given"
        assert weight.abs().max() > 0, f"after {function}, the weight is still zero everywhere"


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_kaiming(student, statistic):
    """The worked example: Kaiming draws with the standard deviation 0.0589 for fan_in 576."""
    weight = torch.zeros(128, 64, 3, 3, requires_grad=True)
    student.kaiming_normal_(weight)
    told = "kaiming_normal_ for fan_in 576: "
    # 73,728 draws: the standard deviation is right to 0.26 %, of which the band has six.
    deviation = float(weight.detach().double().std())
    statistic(deviation, math.sqrt(2 / 576), 0.001, "the standard deviation of the weights", asked=told)


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_xavier(student, statistic):
    """The worked example: Xavier draws evenly up to the bound 0.0589 for the fans 576 and 1152, times the gain."""
    for gain in (1.0, 2.0):
        weight = torch.zeros(128, 64, 3, 3)
        student.xavier_uniform_(weight, gain=gain)
        values, bound = weight.detach().double() / gain, math.sqrt(6 / 1728)
        told = f"xavier_uniform_ with gain {gain:g}, for the fans 576 and 1152: "
        what = "the largest weight divided by the gain"
        statistic(values.max(), bound, 0.0001, what, asked=told)
        statistic(values.min(), -bound, 0.0001, "the smallest weight divided by the gain", asked=told)


@pytest.mark.form
@pytest.mark.points(0.25)
def test_small_model(student):
    """A model whose values are all 3: biases become 0, the weight of batch norm 1, and other weights are drawn."""
    model, inner = student.make("torch.nn.Sequential"), student.make("torch.nn.Sequential")
    inner.method("add_module", "conv", student.make("torch.nn.Conv2d", 3, 4, 2))
    inner.method("add_module", "norm", student.make("torch.nn.BatchNorm2d", 4))
    model.method("add_module", "inner", inner)
    model.method("add_module", "fc", student.make("torch.nn.Linear", 4, 2))
    parameters = {name: torch.full(p.shape, 3.0) for name, p in model.parameters_by_name().items()}
    model.load_state_dict({**model.state_dict(), **parameters})
    model.eval()
    assert student.init_model(model) is model, "init_model should return the model that it was given"
    state = model.state_dict()
    for name in ("inner.conv.weight", "fc.weight"):
        assert (state[name] != 3).all(), f"after init_model, `{name}` should be drawn anew; it holds its old values"
    for name, number in (("inner.conv.bias", 0), ("fc.bias", 0), ("inner.norm.weight", 1), ("inner.norm.bias", 0)):
        found = sorted({round(value, 4) for value in state[name].tolist()})
        assert found == [number], f"after init_model, `{name}` should be {number} everywhere; it holds {found}"
    modes = {module.training for module in model.modules_by_name().values()}
    assert modes == {False}, "after init_model, the model should still be in evaluation mode, as it was"
