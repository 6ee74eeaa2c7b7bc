"""A function of texts that returns a dict."""

import pytest

from autograder.suite import assert_equal


@pytest.mark.points(2)
def test_counts(student, reference, rng):
    """How often each word occurs."""
    text = rng.text(rng.words(4), 12)
    assert_equal(student.count_words(text), reference.count_words(text), "the counts")


@pytest.mark.points(1)
def test_left_out(student, reference, rng):
    """Words that are left out."""
    words = rng.words(4)
    text = rng.text(words, 12)
    mine, theirs = (code.count_words.bind(left_out=words[:2])(text) for code in (student, reference))
    assert_equal(mine, theirs, "the counts", asked="with two words left out: ")


@pytest.mark.points(1)
def test_case(student, reference, rng):
    """Upper case counts as lower case."""
    word = rng.word()
    text = f"{word} {word.upper()} {word.capitalize()}"
    assert_equal(student.count_words(text), reference.count_words(text), "the counts", asked="with capitals: ")
