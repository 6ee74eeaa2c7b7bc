"""Random sizes and data: float64, reproducible, and another stream for every test."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.suite.random import Random

seeds = st.integers(0, 2**31)


@given(seeds, st.text(max_size=20))
def test_the_same_seed_and_name_draw_the_same(seed, stream):
    assert torch.equal(Random(seed, stream).randn(4), Random(seed, stream).randn(4))


def test_another_seed_or_name_draws_something_else():
    drawn = [Random(seed, stream).rand(1).item() for seed in (0, 1) for stream in ("a", "b")]
    assert len(set(drawn)) == 4


def test_drawing_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    Random(0, "a").randn(3)
    assert torch.equal(torch.get_rng_state(), before)


def test_tensors_are_float64_of_the_shape_asked_for(rng):
    for draw in (rng.randn, rng.rand):
        assert draw(2, 3).dtype is torch.float64
        assert draw(2, 3).shape == (2, 3)
        assert draw().shape == ()


def test_integers_are_int64_of_the_shape_asked_for(rng):
    drawn = rng.integers(0, 1, (50,))
    assert drawn.dtype is torch.int64
    assert set(drawn.tolist()) == {0, 1}


def test_uniform_tensors_are_in_the_unit_interval(rng):
    drawn = rng.rand(1000)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert 0.4 < drawn.mean() < 0.6


def test_normal_tensors_have_both_signs(rng):
    drawn = rng.randn(1000)
    assert abs(drawn.mean()) < 0.2
    assert 0.8 < drawn.std() < 1.2


@given(seeds, st.integers(-5, 5), st.integers(0, 5))
def test_an_integer_lies_between_its_bounds_both_included(seed, low, width):
    drawn = Random(seed, "a").integer(low, low + width)
    assert type(drawn) is int
    assert low <= drawn <= low + width


def test_every_integer_comes_up(rng):
    assert {rng.integer(3, 5) for _ in range(60)} == {3, 4, 5}


@given(seeds)
def test_a_uniform_number_lies_between_its_bounds(seed):
    assert -2.0 <= Random(seed, "a").uniform(-2.0, 3.0) < 3.0


def test_one_of_the_options_is_chosen(rng):
    assert {rng.choice(["a", "b"]) for _ in range(40)} == {"a", "b"}


@given(seeds, st.integers(0, 6))
def test_distinct_numbers_differ(seed, count):
    drawn = Random(seed, "a").distinct(2, 7, count)
    assert len(set(drawn)) == len(drawn) == count
    assert set(drawn) <= set(range(2, 8))


def test_too_many_distinct_numbers_are_refused(rng):
    with pytest.raises(ValueError, match=r"there are no 4 different integers in \[1, 3\]"):
        rng.distinct(1, 3, 4)


@given(seeds)
def test_a_word_has_two_to_six_letters(seed):
    word = Random(seed, "a").word()
    assert 2 <= len(word) <= 6
    assert word.isascii()
    assert word.islower()


@given(seeds, st.integers(0, 40))
def test_words_differ(seed, count):
    words = Random(seed, "a").words(count)
    assert len(set(words)) == len(words) == count
    assert Random(seed, "a").words(count) == words


@given(seeds, st.integers(0, 20))
def test_a_text_is_made_of_the_words_with_one_space_between(seed, length):
    text = Random(seed, "a").text(["so", "it", "goes"], length)
    assert text.split(" ") == text.split() or not length
    assert len(text.split()) == length
    assert set(text.split()) <= {"so", "it", "goes"}
