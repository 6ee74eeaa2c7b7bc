"""Public checks of `load_pretrained`: the worked example, a small network, what stays, and what fits nowhere."""

import pytest
import torch


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_example(student, close):
    """The worked example: one weight fits, one bias has another shape, one name is nobody's."""
    model = student.make("torch.nn.Linear", 2, 1)
    given = {"module.weight": torch.tensor([[3.0, -1.0]]), "module.bias": torch.zeros(3), "epoch": torch.tensor(7)}
    report = student.load_pretrained(model, given)
    expected = {"loaded": ["weight"], "missing": [], "unexpected": ["epoch"], "mismatched": ["bias"]}
    assert isinstance(report, dict), "load_pretrained should return a dict of four lists"
    for key, names in expected.items():
        assert report.get(key) == names, f"the list `{key}` of the report should be {names}, it is {report.get(key)}"
    close(model.state_dict()["weight"], given["module.weight"], "The weight")


@pytest.mark.points(0.5)
def test_small_network(student, close):
    """A linear layer and batch norm, from a checkpoint in another order: statistics count, shapes have to be equal."""
    model = student.make("torch.nn.Sequential")
    model.method("add_module", "encoder", student.make("torch.nn.Linear", 2, 3))
    model.method("add_module", "norm", student.make("torch.nn.BatchNorm1d", 3))
    given = {
        "module.epoch": torch.tensor(7),
        "norm.num_batches_tracked": torch.tensor(5),
        "norm.running_var": torch.tensor([4.0, 5.0, 6.0]),
        "norm.running_mean": torch.tensor([1.0, 2.0, 3.0]),
        "encoder.bias": torch.ones(1),
        "encoder.weight": torch.ones(2, 3),
    }
    report = student.load_pretrained(model, given)
    expected = {
        "loaded": ["norm.running_mean", "norm.running_var", "norm.num_batches_tracked"],
        "missing": ["norm.weight", "norm.bias"],
        "unexpected": ["module.epoch"],
        "mismatched": ["encoder.weight", "encoder.bias"],
    }
    assert isinstance(report, dict), "load_pretrained should return a dict of four lists"
    for key, names in expected.items():
        assert report.get(key) == names, f"the list `{key}` of the report should be {names}, it is {report.get(key)}"
    state = model.state_dict()
    for name in expected["loaded"]:
        close(state[name], given[name], f"The value of `{name}`")


@pytest.mark.points(0.5)
def test_what_stays(student, close):
    """With the prefix "net.": values come from the checkpoint; parameters stay the same objects, in dtype and mode."""
    model = student.make("torch.nn.Linear", 2, 1)
    before = model.handle("weight")
    weight = torch.tensor([[3.0, -1.0]], dtype=torch.float64)
    student.load_pretrained(model, {"net.weight": weight, "net.bias": torch.ones(1)}, prefix="net.")
    dtype = model.parameters_by_name()["weight"].dtype
    assert dtype == torch.float32, f"the model's weight should keep its dtype, torch.float32; it has {dtype}"
    close(model.state_dict()["weight"], weight.float(), "The weight")
    assert model.handle("weight") == before, "`weight` should still be the same Parameter, which optimizers hold"
    assert model.modules_by_name()[""].training, "the model should still be in training mode, as it was"


@pytest.mark.form
@pytest.mark.points(0.5)
def test_no_name_fits(student):
    """A checkpoint whose names all begin otherwise raises ValueError."""
    model = student.make("torch.nn.Linear", 2, 1)
    raised = False
    try:
        student.load_pretrained(model, {"net.weight": torch.zeros(1, 2), "net.bias": torch.zeros(1)})
    except ValueError:
        raised = True
    assert raised, "load_pretrained should raise ValueError where every name begins with net., and it raises nothing"
