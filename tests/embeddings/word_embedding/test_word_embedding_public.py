"""Public checks of `word_embedding`: names, shapes and the worked example of the stub."""

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.5)
def test_names_and_shapes(student, rng):
    """`WordEmbedding(6, 3)` has `weight` (6, 3), and looks up ids of any shape."""
    embedding = student.WordEmbedding(6, 3)
    shapes = {name: tuple(value.shape) for name, value in embedding.state_dict().items()}
    assert shapes == {"weight": (6, 3)}, f"The parameters have the shapes {shapes}, expected {{'weight': (6, 3)}}."
    out = embedding(rng.integers(0, 5, (2, 4)))
    assert out.shape == (2, 4, 3), f"ids of shape (2, 4) give shape {tuple(out.shape)}, expected (2, 4, 3)."


@pytest.mark.form
@pytest.mark.points(0.5)
def test_pairs_of_the_example(student):
    """`skip_gram_pairs` of the two examples, with and without padding."""
    for ids, window, expected in (([5, 2, 7], 1, [(5, 2), (2, 5), (2, 7), (7, 2)]), ([5, 0, 7], 2, [(5, 7), (7, 5)])):
        pairs = [tuple(pair) for pair in student.skip_gram_pairs(ids, window)]
        assert pairs == expected, f"skip_gram_pairs({ids}, {window}) returns {pairs}, expected {expected}."


@pytest.mark.form
@pytest.mark.points(0.5)
def test_loss_of_the_example(student, close):
    """`negative_sampling_loss` is 3 log 2 where all dot products are 0."""
    vectors = [torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[[0.0, 2.0], [0.0, 3.0]]])]
    loss = student.negative_sampling_loss(*[tensor.double() for tensor in vectors])
    close(loss, 3 * torch.log(torch.tensor(2.0).double()), "The loss of the worked example")


@pytest.mark.form
@pytest.mark.points(0.5)
def test_neighbours_of_the_example(student):
    """`nearest` of the worked example: by the angle, not by the length."""
    weight = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 3.0], [0.0, 2.0], [5.0, 0.0]])
    found = student.nearest(weight, word=1, k=3)
    assert found == [4, 2, 0], f"nearest(weight, word=1, k=3) returns {found}, expected [4, 2, 0]."
