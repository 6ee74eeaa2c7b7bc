"""Public checks of `domain_adaptation`: the worked example."""

import pytest
import torch


@pytest.mark.points(1)
def test_worked_reversal(student, close):
    """The worked example: a sum of cubes, reversed with strength 0.5."""
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    loss = (student.reverse_gradient(x, strength=0.5) ** 3).sum()
    close(loss, torch.tensor(9.0, dtype=torch.float64), "The loss of the output")
    loss.backward()
    close(x.grad, torch.tensor([-1.5, -6.0], dtype=torch.float64), "The gradient of x")


@pytest.mark.points(0.5)
def test_worked_coral(student, close):
    """The worked example: CORAL of two domains of two samples."""
    source = torch.tensor([[0.0, 0.0], [2.0, 0.0]], dtype=torch.float64)
    target = torch.tensor([[0.0, 0.0], [0.0, 4.0]], dtype=torch.float64)
    close(student.coral_loss(source, target), torch.tensor(4.25, dtype=torch.float64), "The returned loss")


@pytest.mark.points(0.5)
def test_worked_statistics(student, close):
    """The worked example: a batch-norm layer that is adapted to two batches."""
    model = student.make("torch.nn.BatchNorm1d", 1)
    student.adapt_batch_norm(model, [torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [8.0]])])
    state = model.state_dict()
    close(state["running_mean"], torch.tensor([3.5]), "The layer's running mean")
    close(state["running_var"], torch.tensor([5.0]), "The layer's running variance")
