"""Public checks of `masked_lm`: names, shapes, what is not random in masking, and the loss of the example."""

import pytest
import torch

SPECIAL = [0, 1, 2, 3, 4]


@pytest.mark.form
@pytest.mark.points(0.5)
def test_names_and_shapes(student, rng):
    """`BertEmbeddings(9, 6, 5)` has the pinned layers and turns (2, 4) ids into (2, 4, 6)."""
    module = student.BertEmbeddings(9, 6, 5)
    expected = {
        "token.weight": (9, 6),
        "position.weight": (5, 6),
        "segment.weight": (2, 6),
        "norm.weight": (6,),
        "norm.bias": (6,),
    }
    shapes = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    assert shapes == expected, f"BertEmbeddings(9, 6, 5) has parameters of the shapes {shapes}; expected {expected}."
    out = module(rng.integers(0, 8, (2, 4)))
    assert out.shape == (2, 4, 6), f"ids of shape (2, 4) give shape {tuple(out.shape)}, expected (2, 4, 6)."


@pytest.mark.form
@pytest.mark.points(0.5)
def test_masking_nothing(student):
    """`mask_tokens` with probability 0 leaves all tokens as they are, and all labels are -100."""
    ids = torch.tensor([[2, 5, 6, 3]])
    inputs, labels = student.mask_tokens(ids, 4, 8, SPECIAL, probability=0.0)
    assert torch.equal(inputs, ids), f"With probability=0, the inputs of {ids.tolist()} are {inputs.tolist()}."
    assert (labels == -100).all(), f"With probability=0, the labels are {labels.tolist()}, expected -100 everywhere."


@pytest.mark.form
@pytest.mark.points(0.5)
def test_masking_everything(student):
    """`mask_tokens` with probability 1 chooses every token that is not special."""
    ids = torch.tensor([[2, 5, 6, 3]])
    _, labels = student.mask_tokens(ids, mask_id=4, vocabulary_size=8, special_ids=SPECIAL, probability=1.0)
    told = f"With probability=1, the labels of {ids.tolist()} are {labels.tolist()}; expected [[-100, 5, 6, -100]]."
    assert labels.tolist() == [[-100, 5, 6, -100]], told


@pytest.mark.form
@pytest.mark.points(0.5)
def test_loss_of_the_example(student, close):
    """`masked_lm_loss` is log 4 for four equal logits, and 0 where no token is chosen."""
    logits = torch.zeros(1, 2, 4, dtype=torch.float64)
    loss = student.masked_lm_loss(logits, torch.tensor([[3, -100]]))
    close(loss, torch.log(torch.tensor(4.0, dtype=torch.float64)), "The loss of the worked example")
    loss = student.masked_lm_loss(logits, torch.tensor([[-100, -100]]))
    close(loss, torch.tensor(0.0, dtype=torch.float64), "The loss where no token is chosen")
