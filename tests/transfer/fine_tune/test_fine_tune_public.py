"""Public checks of `fine_tune`: the worked example."""

import pytest
import torch


def network(student):
    """`conv`, `bn` and `fc`."""
    model = student.make("torch.nn.Sequential")
    for name, layer in (
        ("conv", student.make("torch.nn.Conv1d", 2, 3, 1)),
        ("bn", student.make("torch.nn.BatchNorm1d", 3)),
        ("fc", student.make("torch.nn.Linear", 4, 2)),
    ):
        model.method("add_module", name, layer)
    return model


@pytest.mark.points(0.5)
def test_worked_freeze(student):
    """The worked example: with fc trainable, the rest is frozen, and batch norm stays in evaluation mode."""
    model = network(student)
    assert student.freeze(model, ["fc"]) is model, "freeze must return the model that it was given"
    model.train()
    trains = [name for name, p in model.parameters_by_name(values=False).items() if p.requires_grad]
    assert trains == ["fc.weight", "fc.bias"], f"fc.weight and fc.bias alone should train; these do: {trains}"
    modes = {name: module.training for name, module in model.modules_by_name().items()}
    assert modes["fc"], "after model.train(), fc should be in training mode"
    assert not modes["bn"], "after model.train(), the frozen layer bn should still be in evaluation mode"


@pytest.mark.points(0.5)
def test_worked_groups(student):
    """The worked example: learning rates and decay of six parameters."""
    model, rates = network(student), {"lr": 0.01, "head_lr": 0.1, "weight_decay": 0.05}
    found = student.beside.rates(student.parameter_groups, model, "fc", **rates)["rates"]
    expected = {name: [0.01, 0.0] for name in ("conv.bias", "bn.weight", "bn.bias")}
    expected |= {"conv.weight": [0.01, 0.05], "fc.weight": [0.1, 0.05], "fc.bias": [0.1, 0.0]}
    for name, pair in expected.items():
        told = f"`{name}` should be in one group, with [lr, weight_decay] {pair}; its groups have {found.get(name)}"
        assert found.get(name) == [pair], told


@pytest.mark.points(0.5)
def test_loss_per_sample(student, close):
    """The mean over samples, not over batches: with learning rate 0, the loss of an epoch is that of all samples."""
    model = student.make("torch.nn.Linear", 2, 3).double()
    x = torch.tensor([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [8.0, 8.0]], dtype=torch.float64)
    y = torch.tensor([0, 1, 2, 0])
    state = model.state_dict()
    expected = torch.nn.functional.cross_entropy(x @ state["weight"].T + state["bias"], y)
    optimizer = student.make("torch.optim.SGD", model.method("parameters"), lr=0.0)
    losses = student.fine_tune(model, [(x[:3], y[:3]), (x[3:], y[3:])], optimizer)
    assert isinstance(losses, list), "fine_tune should return a list of losses, one for each epoch"
    assert len(losses) == 1, f"fine_tune should return one loss for one epoch, it returns {len(losses)}"
    close(losses[0], float(expected), "The returned loss")
