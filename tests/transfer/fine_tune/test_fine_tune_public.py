"""Public checks of `fine_tune`: the worked example, a second freeze, unknown names, and two steps worked by hand."""

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


def trains(model):
    return [name for name, p in model.parameters_by_name(values=False).items() if p.requires_grad]


def modes(model):
    return {name: module.training for name, module in model.modules_by_name().items()}


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_freeze(student):
    """The worked example: with fc trainable, the rest is frozen, and batch norm stays in evaluation mode."""
    model = network(student)
    assert student.freeze(model, ["fc"]) is model, "freeze must return the model that it was given"
    assert not modes(model)["bn"], "as soon as freeze returns, the frozen layer bn should be in evaluation mode"
    assert model.method("train") == model, "after freeze, model.train() should return the model, as ever"
    assert trains(model) == ["fc.weight", "fc.bias"], (
        f"fc.weight and fc.bias alone should train; these do: {trains(model)}"
    )
    for name in ("conv", "fc"):
        assert modes(model)[name], f"after model.train(), {name} should be in training mode"
    assert not modes(model)["bn"], "after model.train(), the frozen layer bn should still be in evaluation mode"


@pytest.mark.points(0.25)
def test_second_freeze(student):
    """A second call takes the place of the first: bn trains and follows model.train(), and fc is frozen."""
    model = network(student)
    student.freeze(student.freeze(model, ["fc"]), ["bn"]).train()
    told = f"after freeze with ['fc'] and then with ['bn'], bn alone should train; these parameters do: {trains(model)}"
    assert trains(model) == ["bn.weight", "bn.bias"], told
    assert modes(model)["bn"], "after freeze with ['bn'], bn should be in training mode after model.train()"


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_in_part(student):
    """A name of which there is only the beginning, "f" for "fc", raises ValueError, and nothing is frozen."""
    model = network(student)
    raised = False
    try:
        student.freeze(model, ["f"])
    except ValueError:
        raised = True
    assert raised, "freeze should raise ValueError for the name 'f', at or below which there is no parameter"
    assert len(trains(model)) == 6, (
        f"after the error, all six parameters should train as before; these do: {trains(model)}"
    )


@pytest.mark.example
@pytest.mark.points(0.25)
def test_worked_groups(student):
    """The worked example: learning rates and decay of six parameters."""
    model, rates = network(student), {"lr": 0.01, "head_lr": 0.1, "weight_decay": 0.05}
    found = student.beside.rates(student.parameter_groups, model, "fc", **rates)["rates"]
    expected = {name: [0.01, 0.0] for name in ("conv.bias", "bn.weight", "bn.bias")}
    expected |= {"conv.weight": [0.01, 0.05], "fc.weight": [0.1, 0.05], "fc.bias": [0.1, 0.0]}
    for name, pair in expected.items():
        told = f"`{name}` should be in one group, with [lr, weight_decay] {pair}; its groups have {found.get(name)}"
        assert found.get(name) == [pair], told


@pytest.mark.example
@pytest.mark.points(0.25)
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


@pytest.mark.points(0.25)
def test_two_steps_by_hand(student, close):
    """Two epochs of one sample: the losses are log 2 and log(1 + 1/e), and no gradient is left at the end."""
    model = student.make("torch.nn.Linear", 1, 2, bias=False).double().eval()
    model.load_state_dict({"weight": torch.zeros(2, 1, dtype=torch.float64)})
    batches = [(torch.ones(1, 1, dtype=torch.float64), torch.tensor([0]))]
    optimizer = student.make("torch.optim.SGD", model.method("parameters"), lr=1.0)
    losses = student.fine_tune(model, batches, optimizer, epochs=2)
    assert isinstance(losses, list), "fine_tune should return a list of losses, one for each epoch"
    assert len(losses) == 2, f"fine_tune should return two losses for two epochs, it returns {len(losses)}"
    close(torch.tensor(losses), torch.tensor([0.693147, 0.313262]), "The returned losses")
    # The gradients are -0.5 and 0.5, then -0.2689 and 0.2689: 1 less the probability of the right class.
    weight = model.state_dict()["weight"].float()
    close(weight, torch.tensor([[0.768941], [-0.768941]]), "The weight after two steps with learning rate 1")
    left = [name for name, gradient in model.grads().items() if gradient is not None]
    assert left == [], f"at the end, the gradient of every parameter should be None; {left} have one"
    assert modes(model)[""], "fine_tune should call model.train() first, and the model stays in training mode"
