"""Hidden suite of `word_embedding`: the table and what its rows learn, pairs, the loss, neighbours."""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    SubjectError,
    assert_close,
    assert_equal,
    assert_inputs_untouched,
    assert_nothing_shared,
    assert_parameters,
    assert_same_gradients,
    assert_same_outputs,
    assert_separate_objects,
    assert_shape,
    assert_world_untouched,
    check,
    share_weights,
)


def sizes(rng):
    """V and D, different."""
    return {"vocabulary_size": rng.integer(7, 9), "embedding_dim": rng.integer(3, 5)}


def twins(student, reference, rng, **arguments):
    """Student's and reference's table with the same random rows, that of padding included."""
    mine, theirs = student.WordEmbedding(**arguments), reference.WordEmbedding(**arguments)
    share_weights(mine, theirs, rng)
    return mine, theirs


# -- WordEmbedding ----------------------------------------------------------------------------------------------------


@pytest.mark.form
@pytest.mark.points(0.5)
def test_parameters(student, reference, rng):
    """`WordEmbedding` has one trainable parameter, `weight` (V, D)."""
    for arguments in (sizes(rng), {**sizes(rng), "padding_idx": 2}, {"vocabulary_size": 1, "embedding_dim": 1}):
        assert_parameters(student.WordEmbedding(**arguments), reference.WordEmbedding(**arguments))
    assert_nothing_shared(lambda: student.WordEmbedding(5, 3))


@pytest.mark.points(3.5)
def test_lookup(student, reference, rng):
    """`WordEmbedding`: the rows of the ids, for ids of any shape; nothing else changes."""
    arguments = sizes(rng)
    size = arguments["vocabulary_size"]
    for padding in (None, 0):
        options = {**arguments, "padding_idx": padding}
        what = f"Making WordEmbedding with padding_idx={padding}"
        assert_world_untouched(student, lambda options=options: student.WordEmbedding(**options), what)
    mine, theirs = twins(student, reference, rng, **arguments)
    dim, word = arguments["embedding_dim"], rng.integer(1, size - 1)
    table = torch.arange(2, size + 2).double().unsqueeze(1).repeat(1, dim)
    mine.load_state_dict({"weight": table})
    found = mine(torch.tensor([word]))
    assert_shape(found, (1, dim), "the output", asked=f"{mine.asked}, ids of shape (1,): ")
    shown = [round(number, 3) for number in found.flatten().tolist()]
    told = f"{mine.asked}: row {word} of `weight` holds {table[word].tolist()}, and its lookup gives {shown}."
    check(torch.equal(found, table[[word]]), told, hint="A lookup gives the row as it is.", difference="another row")
    share_weights(mine, theirs, rng)
    for shape in ((4,), (2, 3), (3, 3), (2, 3, 2), (), (1,), (1, 1), (0,), (2, 0)):
        ids = rng.integers(0, size - 1, shape)
        hint = f"ids of shape {shape}, {size} words."
        assert_same_outputs(mine, theirs, [ids], hint=hint)
    with torch.no_grad():
        assert_same_outputs(mine, theirs, [rng.integers(0, size - 1, (2, 3))], "train")
    every = torch.tensor(rng.distinct(0, size - 1, size))
    assert_same_outputs(mine, theirs, [every.repeat(2, 3).t()], hint="A transposed tensor of ids.")
    assert_inputs_untouched(mine, [every], names=["ids"])
    before = theirs.state_dict()["weight"]
    assert_close(mine.state_dict()["weight"], before, "`weight` after lookups", asked=f"{mine.asked}: ")
    share_weights(mine, theirs, rng)
    before = theirs.state_dict()["weight"]
    hint = "Other weights were loaded. Is anything kept of the old ones?"
    assert_same_outputs(mine, theirs, [every], hint=hint)
    with torch.no_grad():
        assert_same_outputs(mine, theirs, [every], "train", hint=hint)
    single = mine.float()(every)
    assert_close(single, before.float()[every], "the output", asked=f"{mine.asked}, all in float32: ")
    assert_separate_objects(
        lambda: student.WordEmbedding(**arguments), lambda: reference.WordEmbedding(**arguments), [every], rng
    )


@pytest.mark.points(3.5)
def test_gradient(student, reference, rng):
    """`WordEmbedding`: the gradient of each row, added up where a word occurs more than once."""
    arguments = sizes(rng)
    size = arguments["vocabulary_size"]
    mine, theirs = twins(student, reference, rng, **arguments)
    different = torch.tensor(rng.distinct(0, size - 1, 4))
    repeated = torch.cat([different, different[:2], different[:1]])
    for ids, hint in (
        (different, "Every word occurs once here."),
        (repeated, "Some words occur more than once here: what reaches their row from each place adds up."),
        (repeated.repeat(3, 2), "Some words occur more than once here, in all rows of the batch."),
        (torch.tensor(size - 1), "ids of shape ()."),
    ):
        for mode in ("train", "eval"):
            assert_same_gradients(mine, theirs, [ids], mode, of=("parameters",), hint=hint)
    frozen = mine.requires_grad_(False)(repeated)
    check(not frozen.requires_grad, f"{mine.asked}, frozen: the output requires a gradient all the same.")


def gradient_of_two(module, lookups, upstream):
    """The gradient of `weight` where several lookups end in one loss, as those of a pair's two words may."""
    module.train().zero_grad()
    torch.autograd.backward([module(ids.clone()) for ids in lookups], upstream)
    return module.grads()["weight"]


@pytest.mark.points(3.5)
def test_padding(student, reference, rng):
    """`WordEmbedding`: the row of padding is zero at first, is looked up like any other, and gets no gradient."""
    arguments = sizes(rng)
    size = arguments["vocabulary_size"]
    for padding in (rng.integer(1, size - 2), size - 1, 0):
        zero = "Another padding_idx is right. What does your code ask about padding_idx, and what is the answer for 0?"
        asked = f"WordEmbedding(padding_idx={padding}), new: "
        start = student.WordEmbedding(**arguments, padding_idx=padding).state_dict()["weight"]
        told = f"{asked}the row of padding is not zero."
        hint = zero if padding == 0 else "Does the constructor set this row to 0, after the numbers have been drawn?"
        check(not start[padding].any(), told, hint=hint, difference="the row of padding is not zero at first")
        others = torch.cat([start[:padding], start[padding + 1 :]])
        told = f"{asked}another row than that of padding is zero, or not finite."
        check(bool(others.any(dim=1).all() and others.isfinite().all()), told, difference="other rows at first")
        mine, theirs = twins(student, reference, rng, **arguments, padding_idx=padding)
        other, third = [word for word in rng.distinct(0, size - 1, 3) if word != padding][:2]
        ids = torch.tensor([[padding, other, padding], [third, other, padding]])
        mine(ids.clone())
        after = mine.state_dict()["weight"]
        hint = (
            "Which line of forward writes into `weight`? A lookup only reads it; the row of padding may hold anything."
        )
        assert_close(
            after, theirs.state_dict()["weight"], "`weight` after a lookup", asked=f"{mine.asked}: ", hint=hint
        )
        hint = "The row of padding holds other numbers than zero here, as it may after loading weights."
        assert_same_outputs(mine, theirs, [ids], hint=hint)
        hint = zero if padding == 0 else "No gradient reaches the row of padding, and all of it every other row."
        assert_same_gradients(mine, theirs, [ids], of=("parameters",), hint=hint)
        assert_same_gradients(
            mine, theirs, [torch.tensor([padding, padding, other])], "eval", ("parameters",), hint=hint
        )
        alone = torch.tensor(padding)
        if mine(alone).requires_grad:  # rows that are cut off get no gradient either
            assert_same_gradients(mine, theirs, [alone], of=("parameters",), hint=hint)
    upstream = [rng.randn(*ids.shape, arguments["embedding_dim"]) for _ in range(2)]
    expected, found = (gradient_of_two(module, [ids, ids.flip(0)], upstream) for module in (theirs, mine))
    asked = f"{mine.asked}, two lookups before one backward: "
    hint = "Each lookup has its own ids. Does your code still know those of the first one when the gradient comes back?"
    assert_close(found, expected, "the gradient of `weight`", asked=asked, hint=hint)
    rows = mine.float().state_dict()["weight"]
    asked = f"{mine.asked}, all in float32 and under `no_grad`: "
    with torch.no_grad():
        assert_close(mine(ids), rows[ids], "the output", asked=asked)
    start, second = (student.WordEmbedding(40, 6).state_dict()["weight"] for _ in range(2))
    told = "WordEmbedding(40, 6), new: all rows are equal, or all numbers of a row. They begin with random numbers."
    alike = torch.equal(start, start[:1].expand_as(start)) or torch.equal(start, start[:, :1].expand_as(start))
    check(not alike, told, difference="equal numbers at first")
    told = "Two new tables WordEmbedding(40, 6) hold the same numbers, which are to be random."
    hint = "Is a seed set, or is a generator made anew for each table?"
    check(not torch.equal(start, second), told, hint=hint, difference="the same numbers in two tables")
    start = student.WordEmbedding(**arguments).state_dict()["weight"]
    told = "WordEmbedding without padding_idx, new: a row is zero."
    check(bool(start.any(dim=1).all()), told, difference="rows at first, without padding")
    mine, theirs = twins(student, reference, rng, **arguments, padding_idx=None)
    ids = torch.tensor([0, size - 1, 0, 2])
    assert_same_gradients(mine, theirs, [ids], of=("parameters",), hint="No id is padding here.")


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


@pytest.mark.points(3.5)
def test_ids_outside(student, reference, rng):
    """`WordEmbedding`: IndexError for an id that is negative or too large; the first and the last id are right."""
    arguments = sizes(rng)
    size = arguments["vocabulary_size"]
    for padding in (None, 0):
        mine, theirs = twins(student, reference, rng, **arguments, padding_idx=padding)
        first = 0 if padding is None else 1
        assert_same_outputs(mine, theirs, [torch.tensor([first, size - 1])], hint="The first and the last word.")
        for ids in ([-1], [size], [1, -1, 0], [size - 1, size + 2], [-size], [0, -size - 1], [[0, 1], [size, 2]], -1):
            assert_refused(IndexError, f"{mine.asked}: a lookup of {ids}", mine, torch.tensor(ids))


# -- skip_gram_pairs --------------------------------------------------------------------------------------------------


def are_pairs(found, words):
    """Whether it is a list of pairs of these words."""
    pairs = isinstance(found, list) and all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in found)
    return pairs and all(type(word) is int and word in words for pair in found for word in pair)


@pytest.mark.points(3.5)
def test_pairs(student, reference, rng):
    """`skip_gram_pairs`: both sides up to the window, in order; padding is skipped and keeps its place."""
    words = rng.distinct(2, 30, 7)
    a, b, c = words[:3]
    for window in (1, 2, 3):
        # The words are all different, so each of them says where it stands.
        found = student.skip_gram_pairs(list(words), window)
        if not are_pairs(found, words):
            break  # it is told below
        ways = [words.index(context) - words.index(centre) for centre, context in found]
        left, right = -min(0, 0, *ways), max(0, 0, *ways)
        told = f"seven words, window={window}: contexts reach {left} to the left and {right} to the right, in places."
        hint = "Both should be the window. Which is the last place that each of your loops comes to?"
        check(left == right == window, told, hint=hint, difference="how far contexts reach")
        told = f"seven words, window={window}: the pairs are the right ones, but in another order."
        hint = "Centres come from left to right, and so do the contexts of each: those on its left, too."
        expected = reference.skip_gram_pairs(words, window)
        same = sorted(map(tuple, found)) != sorted(expected) or list(map(tuple, found)) == expected
        check(same, told, hint=hint, difference="the order of the pairs")
    for ids, window, asked in (
        (words, 1, "seven words, window=1: "),
        (words, 2, "seven words, window=2: "),
        (words, 3, "seven words, window=3: "),
        (words[:3], 5, "three words, window=5: "),
        (list(range(2, 16)), 12, "fourteen words, window=12: "),
        (words, 0, "seven words, window=0: "),
        (words[:1], 2, "one word, window=2: "),
        ([], 2, "no words, window=2: "),
        ([a, b, a, a, c], 2, "words that occur more than once, window=2: "),
        ([1, a, b], 1, "an unknown word (1), window=1: "),
        ([*words[:4], 0, 0], 2, "padding on the right, window=2: "),
        ([a, 0, b, c], 1, "padding between words, window=1: "),
        ([a, 0, b, 0, 0, c, b], 2, "padding between words, window=2: "),
        ([0, 0, 0], 2, "padding alone, window=2: "),
    ):
        pairs, after = student.beside.pairs(student.skip_gram_pairs, ids, window)
        expected = reference.skip_gram_pairs(ids, window)
        hint = "Go by places: a centre at each, from the left; its contexts from the left, too, at most window away."
        if 1 in ids:
            hint = "1 stands for an unknown word, which is a word like any other."
        if len(set(ids)) < len(ids):
            hint = "Words that are all different are right. Is a word that occurs once more still a context?"
        if 0 in ids:
            hint = "Texts without padding are right. Padding is in no pair, but keeps its place."
        assert_equal(pairs, expected, "the list of pairs", asked=asked, hint=hint)
        assert_equal(after, ids, "the caller's list of ids after the call", asked=asked)
    pairs = student.skip_gram_pairs(ids=tuple(words), window=2)
    assert_equal(pairs, reference.skip_gram_pairs(words, 2), "the list of pairs", asked="a tuple of ids, window=2: ")


# -- negative_sampling_loss -------------------------------------------------------------------------------------------

VECTORS = ["centre", "context", "negatives"]


def vectors(rng, batch, count, dim):
    return [rng.randn(batch, dim), rng.randn(batch, dim), rng.randn(batch, count, dim)]


@pytest.mark.points(3.5)
def test_loss(student, reference, rng):
    """`negative_sampling_loss`: the sum over the negatives, the mean over the batch, and gradients of all vectors."""
    mine, theirs = student.negative_sampling_loss, reference.negative_sampling_loss
    (batch, dim), count = rng.distinct(2, 6, 2), rng.integer(7, 9)
    units = [torch.nn.functional.normalize(each, dim=-1) for each in vectors(rng, 1, 1, dim)]
    across = units[2] - (units[2] * units[0]).sum() * units[0]
    cases = []
    for inputs, hint in (
        (
            [*units[:2], torch.nn.functional.normalize(across, dim=-1)],
            "One pair and one negative, whose dot product is 0: the loss is the term of the context, plus log 2.",
        ),
        (
            units,
            "One pair and one negative; the context's term is right. Which sign does the negative's dot product get?",
        ),
        (
            vectors(rng, 1, 1, dim),
            "Vectors of length 1 are right, and these are longer or shorter. Is anything divided by their lengths?",
        ),
        (vectors(rng, 1, count, dim), f"One pair with K={count}; one negative is right. What becomes of the K terms?"),
        (
            vectors(rng, batch, count, dim),
            f"B={batch}, K={count}; one pair alone is right. What becomes of the losses of the B pairs?",
        ),
        (
            vectors(rng, batch, 1, dim),
            f"B={batch}, K=1; more negatives are right. Print the shapes: is an axis of length 1 still there?",
        ),
        (vectors(rng, batch, count, 1), f"B={batch}, K={count}, D=1. Print the shapes: is an axis of length 1 lost?"),
        (vectors(rng, 4, 4, 4), "B, K and D are all 4 here. Over which axis is each sum?"),
    ):
        assert_same_outputs(mine, theirs, inputs, hint=hint)
        cases.append(inputs)
    # Not of the first, whose dot product may be exactly 0: there a right formula with abs or clamp has a kink.
    for inputs in cases[1:]:
        hint = "The loss itself is right. Which of the three does a gradient reach, and is anything cut off on the way?"
        assert_same_gradients(mine, theirs, inputs, names=VECTORS, hint=hint)
    assert_inputs_untouched(mine, inputs, names=VECTORS)
    turned = [inputs[0].t().contiguous().t(), inputs[1], inputs[2].transpose(1, 2).contiguous().transpose(1, 2)]
    with torch.no_grad():
        assert_same_outputs(mine, theirs, turned, hint="Transposed tensors.")


@pytest.mark.points(3.5)
def test_loss_far_out(student, reference, rng):
    """`negative_sampling_loss` is exact, with its gradients, where dot products are far from 0 on both sides."""
    mine, theirs = student.negative_sampling_loss, reference.negative_sampling_loss
    centre = torch.tensor([[10.0, 0.0], [0.0, 20.0]], dtype=torch.float64)
    for size in (3.0, 40.0, 1000.3):
        # Dot products of size and -size with the contexts, so that gradients are not zero but for rounding; with the
        # negatives, of both signs, too, and one in between.
        context = size * torch.tensor([[0.1, 0.3], [-0.2, -0.05]], dtype=torch.float64)
        negatives = torch.stack([context, -context, rng.uniform(0.1, 0.3) * context], dim=1)
        inputs = [centre, context, negatives]
        hint = f"Dot products of {size:g} and {-size:g}."
        hint += " Is anything rounded to 0 or infinity before the logarithm?" if size > 3 else ""
        assert_same_outputs(mine, theirs, inputs, hint=hint)
        assert_same_gradients(mine, theirs, inputs, names=VECTORS, hint=hint)
        assert_same_outputs(mine, theirs, [tensor.float() for tensor in inputs], hint=hint)
        # What is left of the loss without most of it: of what went through float32, digits are missing here.
        most = theirs(*inputs).round()
        assert_close(mine(*inputs) - most, theirs(*inputs) - most, "the last digits of the loss", asked=f"{hint} ")


# -- nearest ----------------------------------------------------------------------------------------------------------


@pytest.mark.points(3.5)
def test_nearest(student, reference, rng):
    """`nearest`: by the cosine, whatever the lengths of the rows, without the word itself."""
    size, dim = rng.integer(9, 12), rng.integer(4, 5)
    lengths = 10.0 ** torch.tensor(rng.distinct(-5, 6, size)).double()  # the order by length is another one
    weight = lengths.unsqueeze(1) * torch.nn.functional.normalize(rng.randn(size, dim), dim=1)
    unit = torch.nn.functional.normalize(rng.randn(size, dim), dim=1)
    found, expected = (code.nearest(unit, 0, size - 1) for code in (student, reference))
    asked = f"{size} words with rows of length 1, nearest(weight, 0, {size - 1}): "
    hint = "Here the cosine is the dot product of two rows. The largest comes first, and negative ones come last."
    assert_equal(found, expected, "the list of words", asked=asked, hint=hint)
    for k in (3, 1, size - 1, 0):
        for word in rng.distinct(0, size - 1, 3):
            asked = f"{size} words, nearest(weight, {word}, {k}): "
            found = student.nearest(weight, word, k)
            hint = "The rows are of very different lengths. The word itself is none of its neighbours."
            assert_equal(found, reference.nearest(weight, word, k), "the list of words", asked=asked, hint=hint)
    asked = f"weight requires a gradient, nearest(weight, 0, {size - 1}): "
    parameter = torch.nn.Parameter(rng.randn(size, dim))
    found = student.nearest(weight=parameter, word=0, k=size - 1)
    assert_equal(found, reference.nearest(parameter, 0, size - 1), "the list of words", asked=asked)
    told = f"{asked}afterwards the caller's weight requires none."
    check(parameter.requires_grad, told, difference="whether weight requires a gradient")
    assert_world_untouched(student, lambda: student.nearest(parameter, 0, 2), "nearest")
    tiny = 1e-5 * torch.tensor([[1.0, 0.0], [9.0, 9.0], [2.0, 1.0]], dtype=torch.float64)
    asked = "Rows of a length of 0.00001 and more: "
    hint = "They have a direction like any others. What is added to a product of two lengths, or taken instead of it?"
    assert_equal(student.nearest(tiny, 0, 2), [2, 1], "the list of words", asked=asked, hint=hint)
    assert_inputs_untouched(student.nearest.bind(word=0, k=2), [weight], names=["weight"])
    asked = "one word in one dimension: "
    assert_equal(student.nearest(torch.ones(1, 1), 0, 0), [], "the list of words", asked=asked)


@pytest.mark.points(3.5)
def test_nearest_with_ties(student, reference, rng):
    """`nearest`: of equal cosines, the lower id first; rows of zeros have the cosine 0."""
    # Rows parallel to an axis, of lengths that are powers of 2: all cosines are exact, however they are computed.
    axis = torch.eye(3, dtype=torch.float64)
    for others, asked, hint in (
        (
            [axis[1] - axis[0], 0 * axis[0], axis[0] + axis[1]],
            "A row of zeros, and no two cosines are equal: ",
            "With a row of zeros the cosine is 0, above the negative ones. What does your code divide there?",
        ),
        (
            [axis[1], -4 * axis[0]],
            "Another row points in the opposite direction, and no two cosines are equal: ",
            "Its cosine is -1, the lowest that there is. Which number stands for the word itself in your code?",
        ),
        (
            [axis[1], 2 * axis[0]],
            "Another row points in the same direction: ",
            "Its cosine is 1, as that of the word itself. Do you leave out the word by its id, or as the first one?",
        ),
    ):
        for rows, word in (([axis[0], *others], 0), ([*others, axis[0]], len(others))):
            found = student.nearest(torch.stack(rows), word, len(others))
            expected = reference.nearest(torch.stack(rows), word, len(others))
            assert_equal(found, expected, "the list of words", asked=asked, hint=hint)
    rows = [axis[0], 4 * axis[0], -axis[0], 0 * axis[0], axis[1], -8 * axis[1], axis[2], 0.5 * axis[0], 0 * axis[1]]
    for _ in range(3):
        order = rng.distinct(0, len(rows) - 1, len(rows))
        weight = torch.stack([rows[index] for index in order])
        for which in (0, 7, 5, 3):
            word = order.index(which)
            expected = reference.nearest(weight, word, len(rows) - 1)
            found = student.nearest(weight, word, len(rows) - 1)
            is_zero = "a row of zeros" if which == 3 else "not a row of zeros"
            asked = f"Rows parallel to the axes and rows of zeros, that of word {word} is {is_zero}: "
            hint = "Different cosines are right. Which of two words with equal ones comes first in your order, and why?"
            assert_equal(found, expected, "the list of words", asked=asked, hint=hint)
    steep = 1e-4 * torch.arange(6, 0, -1, dtype=torch.float64)  # cosines of about 1 - steep ** 2 / 2
    close = torch.stack([torch.ones(6, dtype=torch.float64), steep], dim=1)
    close = torch.cat([close, torch.tensor([[1.0, 0.0]], dtype=torch.float64)])
    asked = "Rows in nearly the same direction, in float64: "
    assert_equal(student.nearest(close, 6, 6), [5, 4, 3, 2, 1, 0], "the list of words", asked=asked)
    same = torch.tensor([[0.0, 3.0]] * 6)
    asked = "Six equal rows, nearest(weight, 2, 3): "
    assert_equal(student.nearest(same, 2, 3), [0, 1, 3], "the list of words", asked=asked)


# -- all together -----------------------------------------------------------------------------------------------------


@pytest.mark.points(1, again=0)
def test_training(student, reference, rng):
    """Skip-gram on a small corpus of two topics: the loss of each step, and neighbours of the same topic."""
    topics = [range(1, 6), range(6, 11)]
    sentences = [[rng.choice(topic) for _ in range(6)] + [0, 0] for topic in topics for _ in range(5)]
    weights = 0.5 * rng.randn(2, 11, 4)
    negatives = rng.integers(1, 10, (20, 200, 3))
    found = {}
    for code in (student, reference):
        parts = [code.WordEmbedding, code.skip_gram_pairs, code.negative_sampling_loss, code.nearest]
        found[code] = code.beside.train(parts, sentences, weights, negatives, 4.0)
    (losses, vectors, neighbours), (expected, wanted, right) = found[student], found[reference]
    assert_close(losses, expected, "the loss of each step")
    assert_close(vectors, wanted, "the words' vectors after the last step")
    same = [sum((a > 5) == (b > 5) for a, b in enumerate(words, start=1)) for words in (neighbours, right)]
    check(same[0] == same[1], f"{same[0]} of 10 words have a neighbour of their own topic, expected {same[1]}.")
