"""Public checks of `word_encoding`: the worked example of the stub."""

import pytest
import torch

TEXTS = ["The cat sat", "the dog  sat"]
VOCABULARY = {"<pad>": 0, "<unk>": 1, "sat": 2, "the": 3, "cat": 4, "dog": 5}


@pytest.mark.form
@pytest.mark.points(0.75)
def test_vocabulary_of_the_example(student):
    """`build_vocabulary` on the two texts of the worked example."""
    vocabulary = student.build_vocabulary(TEXTS)
    assert vocabulary == VOCABULARY, f"build_vocabulary({TEXTS}) returns {vocabulary}, expected {VOCABULARY}."


@pytest.mark.form
@pytest.mark.points(0.75)
def test_encode_the_example(student):
    """`encode` pads "The bird sat" to five ids."""
    ids = student.encode("The bird sat", VOCABULARY, length=5)
    assert ids == [3, 1, 2, 0, 0], f'encode("The bird sat", ..., length=5) returns {ids}, expected [3, 1, 2, 0, 0].'


@pytest.mark.form
@pytest.mark.points(0.75)
def test_decode_the_example(student):
    """`decode` turns the five ids into words again."""
    text = student.decode([3, 1, 2, 0, 0], VOCABULARY)
    assert text == "the <unk> sat", f"decode([3, 1, 2, 0, 0], ...) returns {text!r}, expected 'the <unk> sat'."


@pytest.mark.form
@pytest.mark.points(0.75)
def test_one_hot_of_the_example(student, close):
    """`one_hot` makes a row of four numbers for each of two ids."""
    vectors = student.one_hot(torch.tensor([2, 0]), vocabulary_size=4)
    close(vectors, torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]), "one_hot([2, 0], vocabulary_size=4)")
