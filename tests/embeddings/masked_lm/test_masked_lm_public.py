"""Public checks of `masked_lm`: vectors worked by hand, masking by its shares and where nothing is random, the loss."""

import math

import pytest
import torch

SPECIAL = [0, 1, 2, 3, 4]


@pytest.mark.form
@pytest.mark.points(0.25)
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
@pytest.mark.points(0.25)
def test_vectors_by_hand(student, close):
    """`BertEmbeddings(2, 3, 3)` in evaluation mode: rows of a few thousandths are added up and normalised."""
    module = student.BertEmbeddings(2, 3, 3, dropout=0.9).double().eval()
    thousandths = {
        "token.weight": [[1, 0, 0], [0, 0, 2]],
        "position.weight": [[0, 1, 0], [0, 8, 0], [0, 0, 5]],
        "segment.weight": [[3, 0, 0], [0, 1, 5]],
    }
    tables = {name: torch.tensor(rows).double() / 1000 for name, rows in thousandths.items()}
    module.load_state_dict({**tables, "norm.weight": torch.ones(3).double(), "norm.bias": torch.zeros(3).double()})
    ids, r = torch.tensor([[1, 0]]), math.sqrt(1.5)
    # The sums are [3, 1, 2] and [4, 8, 0], in segment 1 [1, 9, 5]. Normalised, [0, 1, 2] is [-r, 0, r].
    close(module(ids).float(), torch.tensor([[[r, -r, 0.0], [0.0, r, -r]]]), "The output for the ids [[1, 0]]")
    what = "The output for the ids [[1, 0]] and the segments [[0, 1]]"
    close(module(ids, torch.tensor([[0, 1]])).float(), torch.tensor([[[r, -r, 0.0], [-r, r, 0.0]]]), what)


@pytest.mark.form
@pytest.mark.points(0.25)
def test_share_of_dropout(student, rng, close, statistic):
    """In training mode, dropout=0.5 sets about half of the elements to 0 and doubles the others."""
    module, ids = student.BertEmbeddings(9, 6, 5, dropout=0.5), rng.integers(0, 8, (40, 5))
    expected = module.eval()(ids)
    out = module.train()(ids)
    shapes = tuple(out.shape), tuple(expected.shape)
    assert shapes[0] == shapes[1], f"The output in training mode has shape {shapes[0]}, expected {shapes[1]}."
    # Of 1,200 elements, half have the standard error 0.014.
    statistic((out == 0).double().mean(), 0.5, 0.09, "the share of zeros in the output in training mode")
    close(out[out != 0], 2 * expected[out != 0], "What dropout leaves of the output")


@pytest.mark.form
@pytest.mark.points(0.25)
def test_masking_nothing(student):
    """`mask_tokens` with probability 0 leaves all tokens as they are, and all labels are -100."""
    ids = torch.tensor([[2, 5, 6, 3]])
    inputs, labels = student.mask_tokens(ids, 4, 8, SPECIAL, probability=0.0)
    assert torch.equal(inputs, ids), f"With probability=0, the inputs of {ids.tolist()} are {inputs.tolist()}."
    assert (labels == -100).all(), f"With probability=0, the labels are {labels.tolist()}, expected -100 everywhere."


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_masking_everything(student):
    """`mask_tokens` with probability 1 chooses every token that is not special, and leaves the caller's ids alone."""
    ids = torch.tensor([[2, 5, 6, 3]])
    _, labels = student.mask_tokens(ids, mask_id=4, vocabulary_size=8, special_ids=SPECIAL, probability=1.0)
    told = f"With probability=1, the labels of {ids.tolist()} are {labels.tolist()}; expected [[-100, 5, 6, -100]]."
    assert labels.tolist() == [[-100, 5, 6, -100]], told
    assert ids.tolist() == [[2, 5, 6, 3]], (
        f"After the call, the caller's ids are {ids.tolist()}, they were [[2, 5, 6, 3]]."
    )


@pytest.mark.form
@pytest.mark.points(0.25)
def test_what_becomes_of_chosen_tokens(student, statistic):
    """Of 10,000 chosen tokens, 80 % become mask_id, 10 % any id that is not special, its own as well, and 10 % stay."""
    inputs, _ = student.mask_tokens(torch.full((100, 100), 5), 4, 8, SPECIAL, probability=1.0)
    # The ids 5, 6 and 7 are not special. The bands are six standard errors wide.
    for index, share, band, what in (
        (4, 0.8, 0.024, "the share of chosen tokens that become mask_id"),
        (5, 0.1 + 0.1 / 3, 0.021, "the share of chosen tokens that are as they were"),
        (6, 0.1 / 3, 0.011, "the share of chosen tokens that become a certain other id"),
    ):
        statistic((inputs == index).double().mean(), share, band, what)


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_loss_of_the_example(student, close):
    """`masked_lm_loss` is log 4 for four equal logits, and 0 where no token is chosen."""
    logits = torch.zeros(1, 2, 4, dtype=torch.float64, requires_grad=True)
    loss = student.masked_lm_loss(logits, torch.tensor([[3, -100]]))
    close(loss, torch.log(torch.tensor(4.0, dtype=torch.float64)), "The loss of the worked example")
    loss = student.masked_lm_loss(logits, torch.tensor([[-100, -100]]))
    close(loss, torch.tensor(0.0, dtype=torch.float64), "The loss where no token is chosen")
    assert loss.requires_grad, "The loss where no token is chosen has no graph, so that `backward` raises an error."


@pytest.mark.form
@pytest.mark.points(0.25)
def test_loss_of_two_sentences(student, close):
    """`masked_lm_loss` is the mean over all chosen tokens, one of the first sentence and two of the second."""
    # With the probabilities 3/4 and 1/4, the loss is log(4/3).
    logits = torch.log(torch.tensor([[[1.0, 1.0], [9.0, 1.0]], [[3.0, 1.0], [3.0, 1.0]]]))
    loss = student.masked_lm_loss(logits, torch.tensor([[1, -100], [0, 0]]))
    close(loss, torch.tensor(0.422837), "The loss of three tokens, (log 2 + 2 log(4/3)) / 3,")
