"""Public checks of `load_pretrained`: the worked example, and a checkpoint of which nothing fits."""

import pytest
import torch


@pytest.mark.points(1)
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


@pytest.mark.form
@pytest.mark.points(1)
def test_nothing_fits(student):
    """A checkpoint whose names all begin otherwise raises ValueError."""
    model = student.make("torch.nn.Linear", 2, 1)
    raised = False
    try:
        student.load_pretrained(model, {"net.weight": torch.zeros(1, 2), "net.bias": torch.zeros(1)})
    except ValueError:
        raised = True
    assert raised, "load_pretrained should raise ValueError where every name begins with net., and it raises nothing"
