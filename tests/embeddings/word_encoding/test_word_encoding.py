"""Hidden suite of `word_encoding`: vocabularies, ids and texts as plain data, and one-hot vectors."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import SubjectError, assert_close, assert_equal, assert_world_untouched, check

# White space as `str.split()` sees it: blanks, tabs, ends of lines, and the wide space of East Asian texts.
SPACES = (" ", "  ", "\t", "\n", " \r\n ", "\u00a0", "\u3000")
# Words that `split` leaves whole, and that lower case alone does not take apart.
ODD_WORDS = ["don't", "u.s.", "naïve", "über", "end,", "x_1", "42"]
# Folding the case, which is another thing than lower case, would make "ss" of the last letters.
SHARP = "groß"


def shuffled(rng, items):
    return [items[index] for index in rng.distinct(0, len(items) - 1, len(items))]


def numbered(rng, words):
    """A vocabulary of these words, which stand in it in another order than their ids."""
    entries = [("<pad>", 0), ("<unk>", 1), *((word, index) for index, word in enumerate(words, start=2))]
    # Turned round first, so that no draw leaves them in order.
    return dict(entries[::-1][:-2] + shuffled(rng, entries[:2]))


def messy(rng, words):
    """The words in capitals of all kinds, with white space of all kinds around and between them."""
    spaces = shuffled(rng, list(SPACES))
    text = rng.choice(SPACES)
    for index, word in enumerate(words):
        shape = (str.upper, str.capitalize, str.lower)[index % 3]
        text += shape(word) + spaces[index % len(spaces)]
    return text


# -- build_vocabulary -------------------------------------------------------------------------------------------------


@pytest.mark.points(3)
def test_order_of_the_vocabulary(student, reference, rng):
    """`build_vocabulary`: the most frequent words first, equally frequent ones by the alphabet."""
    words = sorted(rng.words(10))
    long, *others = shuffled(rng, words)
    ties = [sorted(others[:4]), sorted(others[4:7]), sorted(others[7:])]
    # Equally frequent words first occur against the alphabet; the most frequent word is in one text only.
    first = " ".join(word for group in ties for word in group[::-1])
    again = shuffled(rng, ties[0] * 3 + ties[1])
    texts = [first, " ".join(again[:9]), " ".join([long] * 11), " ".join(again[9:])]
    # One text, in which the words occur once, twice, three times, ..., the last of the alphabet most often.
    counted = [" ".join(word for index, word in enumerate(words[:6], start=1) for _ in range(index))]
    halves = [" ".join([words[0]] * 2 + [words[1]] * 3), " ".join([words[0]] * 2)]
    # Python compares by code points: 42, nap, naïve, x_1, xa, zoo, über. A dictionary on paper has another order.
    foreign = [" ".join(shuffled(rng, ["42", "nap", "naïve", "x_1", "xa", "zoo", "über"]))]
    for corpus, asked, hint in (
        (
            counted,
            "One text, no two words equally often: ",
            "Every word gets an id, the most frequent one 2. Print your counts.",
        ),
        (halves, "Two texts: ", "One text is right. How often does each word occur in both together?"),
        (texts, "Words with ties: ", "Words that are not equally frequent are right. Equal ones come by the alphabet."),
        ([" ".join(words[:3][::-1])], "Three words, once each: ", "Equally frequent words come by the alphabet."),
        (foreign, f"The text {foreign[0]!r}: ", "Plain words are right. Python's own order of strings is asked for."),
    ):
        found = student.build_vocabulary(corpus)
        others = sorted(set(found if isinstance(found, dict) else ()) & set(words) - set(" ".join(corpus).split()))
        told = f"{asked}the vocabulary holds words that are not in these texts: {', '.join(others)}."
        kept = "They were in the texts of an earlier call. Where does your code keep its counts?"
        check(not others, told, hint=kept, difference="words of an earlier call")
        assert_equal(found, reference.build_vocabulary(corpus), "the vocabulary", asked=asked, hint=hint)


@pytest.mark.points(3)
def test_words_of_the_vocabulary(student, reference, rng):
    """`build_vocabulary`: lower case, any white space, min_count, empty texts, and every call by itself."""
    words = shuffled(rng, rng.words(3) + ODD_WORDS)[:8]
    # The word number i occurs i + 1 times, so no two are equally frequent; most of them twice in the last text.
    texts = [messy(rng, shuffled(rng, words[start:])) for start in range(len(words))]
    texts = [*texts[2:], texts[0] + texts[1]]
    expected = reference.build_vocabulary(texts)
    hint = "Words are `text.lower().split()`: nothing else is taken off or apart."
    what = "the vocabulary"
    mine, kept, after = student.beside.build(student.build_vocabulary, texts)
    assert_equal(mine, expected, what, asked="Capitals and white space of all kinds: ", hint=hint)
    assert_equal(after, texts, "the caller's list of texts", asked="After build_vocabulary: ")
    asked = "After another call, with other texts: "
    made = "Each call makes a new dictionary. Does yours return one that an earlier call has returned?"
    assert_equal(kept, expected, what, asked=asked, hint=made)
    often = ["b a b", "a, c"]
    asked = 'The texts "b a b" and "a, c", min_count=2: '
    hint = (
        "A word counts as often as it occurs, also within one text. The words that stay have the ids 2, 3, and so on."
    )
    mine = student.build_vocabulary(often, min_count=2)
    assert_equal(mine, reference.build_vocabulary(often, 2), what, asked=asked, hint=hint)
    for count in (2, 5, len(words), len(words) + 1):
        hint = "A word that occurs exactly min_count times in all texts together stays."
        wanted = reference.build_vocabulary(texts, count)
        asked = f"min_count={count}: "
        assert_equal(student.build_vocabulary(texts, min_count=count), wanted, what, asked=asked, hint=hint)
        assert_equal(student.build_vocabulary(tuple(texts), count), wanted, what, asked=asked, hint=hint)
    sharp = [SHARP]
    asked = f"The text {sharp[0]!r}: "
    hint = "`lower` leaves ß as it is. Which method of the string do you call?"
    assert_equal(student.build_vocabulary(sharp), reference.build_vocabulary(sharp), what, asked=asked, hint=hint)
    for empty in ([], [""], ["", " \n"]):
        wanted = reference.build_vocabulary(empty)
        assert_equal(student.build_vocabulary(empty), wanted, what, asked=f"The texts {empty!r}: ")
    hint = "This corpus was asked about before. Is anything kept from one call to the next?"
    assert_equal(student.build_vocabulary(texts), expected, what, asked="A later call: ", hint=hint)


# -- encode -----------------------------------------------------------------------------------------------------------


@pytest.mark.points(3)
def test_encode_cuts_and_pads(student, reference, rng):
    """`encode`: known words in their order, cut at the end and padded on the right to the length."""
    words = rng.words(7)
    vocabulary = numbered(rng, words)
    count = rng.integer(4, 6)
    text = " ".join(shuffled(rng, words)[:count])
    for length in (count, count - 1, count - 3, 1, count + 1, count + 5, 0):
        expected = reference.encode(text, vocabulary, length)
        asked = f"A text of {count} known words, length={length}: "
        assert_equal(student.encode(text, vocabulary, length), expected, "the list of ids", asked=asked)
    for empty in ("", " \t"):
        expected = reference.encode(empty, vocabulary, length=3)
        asked = f"The text {empty!r}, length=3: "
        assert_equal(student.encode(empty, vocabulary, length=3), expected, "the list of ids", asked=asked)
    long = rng.text(words, 60)
    asked = "A text of 60 known words, length=50: "
    assert_equal(
        student.encode(text=long, vocabulary=vocabulary, length=50),
        reference.encode(long, vocabulary, 50),
        "the list of ids",
        asked=asked,
    )


@pytest.mark.points(3)
def test_encode_any_text(student, reference, rng):
    """`encode`: unknown words become 1; capitals and white space make no difference; the vocabulary stays as it is."""
    known, unknown = rng.words(5), ["Zzz-zz", "QQ.qq", "ЖЖ"]
    vocabulary = numbered(rng, [*known, *ODD_WORDS, SHARP])
    mixed = shuffled(rng, known[:3] + unknown)
    texts = [
        " ".join([unknown[0].lower(), *known[:3]]),
        " ".join([*known[:2], unknown[1].lower()]),
        " ".join(word.lower() for word in mixed),
        " ".join(mixed),
        messy(rng, shuffled(rng, known[:3])),
        messy(rng, shuffled(rng, known + ODD_WORDS)),
        messy(rng, unknown),
        f"{known[0]} {SHARP}",
    ]
    length = rng.integer(4, 9)
    alone = " ".join(known)
    hint = "These words are in this vocabulary, which earlier calls have not seen. Is anything kept from one of them?"
    ids, asked = student.encode(alone, vocabulary, length), "Known words alone: "
    assert_equal(ids, reference.encode(alone, vocabulary, length), "the list of ids", asked=asked, hint=hint)
    mine, after = student.beside.encode_all(student.encode, texts, vocabulary, length)
    for text, ids in zip(texts, mine, strict=True):
        asked = f"{text!r}, length={length}: "
        hint = "Words are `text.lower().split()`; one that the vocabulary does not know is 1."
        assert_equal(ids, reference.encode(text, vocabulary, length), "the list of ids", asked=asked, hint=hint)
    assert_equal(after, vocabulary, "the caller's vocabulary", asked="After encode: ")
    other, text = numbered(rng, known[::-1]), " ".join(known)
    hint = "The same words have other ids here. Is anything kept from one call to the next?"
    ids, later = student.beside.encode_once_more(student.encode, text, other, length)
    expected = reference.encode(text, other, length)
    assert_equal(ids, expected, "the list of ids", asked="Another vocabulary: ", hint=hint)
    asked = "After the caller has changed an earlier list: "
    hint = "Each call makes a new list. Does yours return one that an earlier call has returned?"
    assert_equal(later, expected, "the list of ids", asked=asked, hint=hint)


# -- decode -----------------------------------------------------------------------------------------------------------


@pytest.mark.points(3)
def test_decode(student, reference, rng):
    """`decode`: the words with one space between, every padding left out, <unk> kept."""
    vocabulary = numbered(rng, rng.words(8))
    first, *ids = rng.distinct(2, 9, 5)
    lists = {
        "known words": [first, *ids],
        "one word twice": [first, first],
        "one word": [first],
        "padding on the right": [first, *ids, 0, 0, 0],
        "padding between words": [first, 0, ids[0], 0, 0, ids[1]],
        "padding on the left": [0, 0, first, ids[0]],
        "an unknown word": [1, first, 1, 1, ids[1], 0],
        "an unknown word alone": [1],
        "padding alone": [0, 0],
        "no ids": [],
    }
    mine, after, kept = student.beside.decode_all(student.decode, list(lists.values()), vocabulary)
    for (what, wanted), text in zip(lists.items(), mine, strict=True):
        asked = f"decode, {what}: "
        hint = (
            "Each id has its word, and 1 has `<unk>`; padding is left out wherever it stands, and what follows is not."
        )
        if wanted and 0 not in wanted and 1 not in wanted:
            hint = (
                "The words stand in another order than their ids here. Does your code go by the ids, or by the order?"
            )
        if wanted == [first, first]:
            hint = "An id that occurs once more gives its word once more."
        assert_equal(text, reference.decode(wanted, vocabulary), "the text", asked=asked, hint=hint)
    assert_equal(after, list(lists.values()), "the caller's list of ids", asked="After decode: ")
    assert_equal(kept, vocabulary, "the caller's vocabulary", asked="After decode: ")
    other = numbered(rng, rng.words(8))
    hint = "The same ids stand for other words here. Is anything kept from one call to the next?"
    mine = student.decode([first, *ids], other)
    asked = "Another vocabulary: "
    assert_equal(mine, reference.decode([first, *ids], other), "the text", asked=asked, hint=hint)
    text = rng.text(list(vocabulary)[:3], 4)
    what = "decode(encode(text)) for a text of known words"
    assert_equal(student.decode(tuple(reference.encode(text, vocabulary, 6)), vocabulary), text, what)


def assert_refused(error, asked, function, *arguments):
    """The call raises `error`."""
    try:
        function(*arguments)
        raised = f"no {error.__name__}"
    except error:
        return
    except NotImplementedError:
        raise
    except SubjectError as other:
        # An assertion or a plain Exception has no class of its own here; subclasses say that nothing was answered.
        if type(other) is not SubjectError and not isinstance(
            other, (LookupError, ValueError, TypeError, RuntimeError)
        ):
            raise
        raised = f"{other.type_name}, expected {error.__name__}"
    check(False, f"{asked} raises {raised}.", difference=raised)


@pytest.mark.points(3)
def test_decode_refuses_ids_that_no_word_has(student, rng):
    """`decode`: ValueError for an id that no word has, negative ones, too; the last id is one."""
    words = rng.words(rng.integer(3, 7))
    vocabulary = numbered(rng, words)
    last = len(vocabulary) - 1
    assert_equal(student.decode([last], vocabulary), words[-1], "decode: the word with the largest id")
    for ids in ([last + 1], [2, 3, last + 2], [0, 0, 10**6], [-1], [2, -1], [-last], [-last - 2, 2], [2, 0, -(10**6)]):
        assert_refused(ValueError, f"The ids are 0 to {last}: decode({ids})", student.decode, ids, vocabulary)


# -- one_hot ----------------------------------------------------------------------------------------------------------


def assert_one_hot(student, ids, size, asked):
    expected = (ids.unsqueeze(-1) == torch.arange(size)).float()
    assert_close(student.one_hot(ids, size), expected, "the one-hot tensor", asked=asked)


def assert_ids_kept(student, ids, size):
    given = ids.clone()
    student.one_hot(given, size)
    told = "one_hot writes into the ids that the caller passed in; it must leave them as they are."
    hint = "Print the ids before and after the call. Which operation works in place?"
    check(torch.equal(given, ids) and given._version == 0, told, hint=hint)


@pytest.mark.points(3)
def test_one_hot(student, rng):
    """`one_hot`: as many places as the vocabulary is large, on the last axis, for ids of any shape."""
    size = rng.integer(7, 9)
    for shape in ((4,), (2, 3), (2, 3, 4), (), (1,), (1, 1), (5, 1)):
        ids = rng.integers(0, size - 3, shape)  # the largest ids do not occur
        assert_ids_kept(student, ids, size)
        assert_one_hot(student, ids, size, f"ids of shape {shape}, {size} words: ")
    for shape in ((0,), (3, 0), (0, 2)):
        assert_one_hot(student, rng.integers(0, 1, shape), size, f"ids of shape {shape}, {size} words: ")
    every = torch.tensor(rng.distinct(0, size - 1, size))
    assert_one_hot(student, every, size, f"every id of {size} words: ")
    assert_one_hot(student, every.repeat(2, 3).t(), size, "a transposed tensor of ids: ")
    assert_one_hot(student, torch.zeros(3, dtype=torch.int64), 1, "a vocabulary of one word: ")
    assert_one_hot(student, torch.tensor([700, 3, 0]), 701, "701 words: ")


@pytest.mark.points(3)
def test_one_hot_refuses_ids_outside(student, rng):
    """`one_hot`: IndexError for an id that is negative or too large; the first and the last id are right."""
    size = rng.integer(4, 8)
    assert_one_hot(student, torch.tensor([0, size - 1]), size, f"the first and the last id of {size} words: ")
    for ids in ([size], [0, size + 3], [-1], [size - 1, -1], [-size], [1, -size - 1], [[0, 1], [2, size]], -1, size):
        asked = f"one_hot({ids}, vocabulary_size={size})"
        assert_refused(IndexError, asked, student.one_hot, torch.tensor(ids), size)


@pytest.mark.points(3)
def test_one_hot_dtype(student, rng):
    """`one_hot`: torch's default dtype at the time of the call; the ids and the world stay as they are."""
    size = rng.integer(4, 8)
    ids = rng.integers(0, size - 1, (3, 2))
    assert_ids_kept(student, ids, size)
    assert_world_untouched(student, lambda: student.one_hot(ids, size), "one_hot")
    expected = (ids.unsqueeze(-1) == torch.arange(size)).double()
    asked, what = "While float64 is torch's default dtype: ", "the one-hot tensor"
    hint = "`torch.get_default_dtype()` says what it is."
    vectors, default = student.beside.one_hot_in_float64(student.one_hot, ids, size)
    changed = "Which line sets the default? The vectors alone are asked for in a dtype."
    assert_equal(default, "torch.float64", "torch's default dtype after one_hot", asked=asked, hint=changed)
    assert_close(vectors, expected, what, asked=asked, hint=hint)
    vectors = student.one_hot(ids, size)
    assert_close(vectors, expected.float(), what, asked="Otherwise: ")
    told = "one_hot: the vectors require a gradient. They are constants."
    check(not vectors.requires_grad, told, difference="the vectors require a gradient")
    hint = "Each call makes a new tensor. Does yours return one that an earlier call has returned?"
    for which, right in ((ids, expected), (ids[0, 0], expected[0, 0])):
        _, later = student.beside.one_hot_once_more(student.one_hot, which, size)
        assert_close(later, right.float(), what, asked="After the caller has changed earlier ones: ", hint=hint)
