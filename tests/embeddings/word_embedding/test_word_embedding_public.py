"""Public checks of `word_embedding`: names, shapes, the worked example of the stub, and what it leaves open."""

import pytest
import torch


@pytest.mark.form
@pytest.mark.points(0.25)
def test_names_and_shapes(student, rng):
    """`WordEmbedding(6, 3)` has `weight` (6, 3), and looks up ids of any shape."""
    embedding = student.WordEmbedding(6, 3)
    shapes = {name: tuple(value.shape) for name, value in embedding.state_dict().items()}
    assert shapes == {"weight": (6, 3)}, f"The parameters have the shapes {shapes}, expected {{'weight': (6, 3)}}."
    out = embedding(rng.integers(0, 5, (2, 4)))
    assert out.shape == (2, 4, 3), f"ids of shape (2, 4) give shape {tuple(out.shape)}, expected (2, 4, 3)."


@pytest.mark.form
@pytest.mark.points(0.25)
def test_table_by_hand(student, close):
    """`WordEmbedding(3, 2, padding_idx=0)`: rows of a small table, and what each of them learns."""
    embedding = student.WordEmbedding(3, 2, padding_idx=0).double()
    row = embedding.state_dict()["weight"][0].tolist()
    assert row == [0, 0], f"In a new WordEmbedding(3, 2, padding_idx=0), row 0 of `weight` is {row}, expected zeros."
    embedding.load_state_dict({"weight": torch.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]]).double()})
    out = embedding(torch.tensor([2, 0, 2]))
    close(out, torch.tensor([[3.0, 4.0], [0.0, 0.0], [3.0, 4.0]]).double(), "The output for the ids [2, 0, 2]")
    assert out.requires_grad, "The output does not hang on `weight`, so that no gradient reaches it."
    out.sum().backward()
    expected = torch.tensor([[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]]).double()
    close(embedding.grads()["weight"], expected, "The gradient of `weight` for the ids [2, 0, 2], 0 being padding,")


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_pairs_of_the_example(student):
    """`skip_gram_pairs` of the two examples, with and without padding."""
    assert_pairs(student, [5, 2, 7], 1, [(5, 2), (2, 5), (2, 7), (7, 2)])
    assert_pairs(student, [5, 0, 7], 2, [(5, 7), (7, 5)])


@pytest.mark.form
@pytest.mark.points(0.25)
def test_pairs_at_a_distance(student):
    """`skip_gram_pairs`: padding keeps its place, and a word that occurs twice is a context of itself."""
    assert_pairs(student, [5, 0, 7], 1, [])
    assert_pairs(student, [5, 2, 5], 2, [(5, 2), (5, 5), (2, 5), (2, 5), (5, 5), (5, 2)])


def assert_pairs(student, ids, window, expected):
    pairs = student.skip_gram_pairs(ids, window)
    told = f"skip_gram_pairs({ids}, {window}) does not return a list of pairs of integers, as Python's `int`."
    assert isinstance(pairs, list), told
    assert all(isinstance(pair, (tuple, list)) for pair in pairs), told
    assert all(type(word) is int for pair in pairs for word in pair), told
    pairs = [tuple(pair) for pair in pairs]
    assert pairs == expected, f"skip_gram_pairs({ids}, {window}) returns `{pairs}`, expected `{expected}`."


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_loss_of_the_example(student, close):
    """`negative_sampling_loss` is 3 log 2 where all dot products are 0."""
    vectors = [torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[[0.0, 2.0], [0.0, 3.0]]])]
    loss = student.negative_sampling_loss(*[tensor.double() for tensor in vectors])
    close(loss, 3 * torch.log(torch.tensor(2.0).double()), "The loss of the worked example")


@pytest.mark.form
@pytest.mark.points(0.25)
def test_loss_of_two_samples(student, close):
    """`negative_sampling_loss` of two samples, whose dot products are 2 and -2, and 0 and 0."""
    vectors = [torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])]
    vectors.append(torch.tensor([[[-1.0, 0.0]], [[3.0, 0.0]]]))
    # 2 log(1 + exp(-2)) of the first sample, 2 log 2 of the second
    close(student.negative_sampling_loss(*vectors), torch.tensor(0.820075), "The loss of two samples")


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.25)
def test_neighbours_of_the_example(student):
    """`nearest` of the worked example: by the angle, not by the length."""
    weight = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 3.0], [0.0, 2.0], [5.0, 0.0]])
    found = student.nearest(weight, word=1, k=3)
    assert found == [4, 2, 0], f"nearest(weight, word=1, k=3) returns {found}, expected [4, 2, 0]."


@pytest.mark.form
@pytest.mark.points(0.25)
def test_neighbour_that_is_longer(student):
    """`nearest` puts a longer row at a wider angle behind a shorter one, and leaves the table as it was."""
    weight = torch.tensor([[1.0, 0.0], [9.0, 9.0], [2.0, 1.0]])
    found = student.nearest(weight, word=0, k=2)
    assert found == [2, 1], f"nearest({weight.tolist()}, word=0, k=2) returns {found}, expected [2, 1]."
    assert weight.tolist()[1:] == [[9, 9], [2, 1]], f"After nearest, the caller's weight holds {weight.tolist()}."
