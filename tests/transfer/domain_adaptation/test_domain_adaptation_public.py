"""Public checks of `domain_adaptation`: the worked example, and what stays as it was."""

import pytest
import torch


@pytest.mark.example
@pytest.mark.points(0.75)
def test_worked_reversal(student, close):
    """The worked example: a sum of cubes, reversed with strength 0.5."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    loss = (student.reverse_gradient(x, strength=0.5) ** 3).sum()
    close(loss, torch.tensor(9.0, dtype=torch.float64), "The loss of the output")
    loss.backward()
    close(x.grad, torch.tensor([-1.5, -6.0], dtype=torch.float64), "The gradient of x")


@pytest.mark.points(0.25)
def test_worked_schedule(student, close):
    """The schedule by the formula: 0 at first, 0.4621 at progress 0.1, and 0.9999 at the end, as numbers."""
    found = [student.reversal_strength(progress) for progress in (0.0, 0.1, 1.0)]
    kinds = sorted({type(strength).__name__ for strength in found} - {"float", "int"})
    assert kinds == [], f"reversal_strength should return a number, not an object of type {', '.join(kinds)}"
    close(
        torch.tensor(found), torch.tensor([0.0, 0.462117, 0.999909]), "The list of strengths at progress 0, 0.1 and 1"
    )


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_coral(student, close):
    """The worked example: CORAL of two domains of two samples, with gradients of both."""
    source = torch.tensor([[0.0, 0.0], [2.0, 0.0]], dtype=torch.float64, requires_grad=True)
    target = torch.tensor([[0.0, 0.0], [0.0, 4.0]], dtype=torch.float64, requires_grad=True)
    loss = student.coral_loss(source, target)
    close(loss, torch.tensor(4.25, dtype=torch.float64), "The returned loss")
    loss.backward()
    for name, domain in (("source", source), ("target", target)):
        assert domain.grad is not None, f"coral_loss should give `{name}` a gradient; none reaches it"
        assert domain.grad.any(), f"coral_loss should give `{name}` a gradient; it is zero everywhere"


@pytest.mark.example
@pytest.mark.points(0.5)
def test_worked_statistics(student, close):
    """The worked example: a batch-norm layer that is adapted to two batches, and keeps its mode and momentum."""
    model = student.make("torch.nn.BatchNorm1d", 1)
    student.adapt_batch_norm(model, [torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [8.0]])])
    state = model.state_dict()
    close(state["running_mean"], torch.tensor([3.5]), "The layer's running mean")
    close(state["running_var"], torch.tensor([5.0]), "The layer's running variance")
    assert model.modules_by_name()[""].training, "the model should still be in training mode, as it was"
    momentum = model.attribute("momentum")
    assert momentum == 0.1, f"the layer's `momentum` should still be 0.1, as it was; it is {momentum}"
