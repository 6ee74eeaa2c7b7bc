"""Public checks of `word_encoding`: the worked example of the stub, and what it leaves open."""

import pytest
import torch

TEXTS = ["The cat sat", "the dog  sat"]
VOCABULARY = {"<pad>": 0, "<unk>": 1, "sat": 2, "the": 3, "cat": 4, "dog": 5}


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_vocabulary_of_the_example(student):
    """`build_vocabulary` on the two texts of the worked example."""
    vocabulary = student.build_vocabulary(TEXTS)
    assert vocabulary == VOCABULARY, f"build_vocabulary({TEXTS}) returns {vocabulary}, expected {VOCABULARY}."


@pytest.mark.form
@pytest.mark.points(0.25)
def test_vocabulary_with_min_count(student):
    """`build_vocabulary` leaves out words that occur less often than min_count, in all texts together."""
    texts = ["b b b a", "a, a,", "c a", "é z é z"]
    expected = {"<pad>": 0, "<unk>": 1, "b": 2, "a": 3, "a,": 4, "z": 5, "é": 6}
    vocabulary = student.build_vocabulary(texts, min_count=2)
    told = f"build_vocabulary({texts}, min_count=2) returns {vocabulary}, expected {expected}."
    assert vocabulary == expected, told


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_encode_the_example(student):
    """`encode` pads "The bird sat" to five ids."""
    ids = student.encode("The bird sat", VOCABULARY, length=5)
    assert ids == [3, 1, 2, 0, 0], f'encode("The bird sat", ..., length=5) returns {ids}, expected [3, 1, 2, 0, 0].'


@pytest.mark.form
@pytest.mark.points(0.25)
def test_encode_cuts(student):
    """`encode` cuts "The bird sat" to two ids."""
    ids = student.encode("The bird sat", VOCABULARY, length=2)
    assert ids == [3, 1], f'encode("The bird sat", ..., length=2) returns {ids}, expected [3, 1].'


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.5)
def test_decode_the_example(student):
    """`decode` turns the five ids into words again."""
    text = student.decode([3, 1, 2, 0, 0], VOCABULARY)
    assert text == "the <unk> sat", f"decode([3, 1, 2, 0, 0], ...) returns {text!r}, expected 'the <unk> sat'."


@pytest.mark.form
@pytest.mark.points(0.25)
def test_decode_padding_between_words(student):
    """`decode` leaves out padding between words, and goes on."""
    text = student.decode([2, 0, 5], VOCABULARY)
    assert text == "sat dog", f"decode([2, 0, 5], ...) returns {text!r}, expected 'sat dog'."


@pytest.mark.example
@pytest.mark.form
@pytest.mark.points(0.75)
def test_one_hot_of_the_example(student, close):
    """`one_hot` makes a row of four numbers for each of two ids."""
    vectors = student.one_hot(torch.tensor([2, 0]), vocabulary_size=4)
    close(vectors, torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]), "one_hot([2, 0], vocabulary_size=4)")
