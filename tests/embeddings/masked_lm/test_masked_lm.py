"""Hidden suite of `masked_lm`: the sum of three rows, masking by its shares, the loss over what was chosen.

What is drawn at random is judged by shares over more than 100,000 draws, with bands of at least six standard errors, so
no right answer fails in a million gradings. What is not random about masking is asked exactly.
"""

from __future__ import annotations

import pytest
import torch

from autograder.suite import (
    Case,
    ModuleChecks,
    SubjectError,
    assert_close,
    assert_equal,
    assert_inputs_untouched,
    assert_same_gradients,
    assert_same_outputs,
    assert_shape,
    assert_statistic,
    assert_world_untouched,
    check,
)

# -- BertEmbeddings ---------------------------------------------------------------------------------------------------


def several(rng):
    """Sizes that are all different, with more segments than two; dropout is on, as by default."""
    words, hidden, length = rng.integer(11, 14), rng.integer(5, 6), rng.integer(7, 9)
    return {"vocabulary_size": words, "hidden_size": hidden, "max_length": length, "num_segments": 3}


def usual(rng):
    """Without the options, which have defaults."""
    return {"vocabulary_size": rng.integer(11, 14), "hidden_size": rng.integer(5, 6), "max_length": rng.integer(7, 9)}


def without_dropout(rng):
    return {**several(rng), "dropout": 0.0}


def equal(rng):
    """V, D, the positions and the segments are equally many."""
    size = rng.integer(5, 6)
    names = ("vocabulary_size", "hidden_size", "max_length", "num_segments")
    return dict.fromkeys(names, size)


def tokens(rng, sizes, batch=3, length=None):
    return rng.integers(0, sizes["vocabulary_size"] - 1, (batch, length or sizes["max_length"] - 2))


def alone(rng, sizes):
    return [tokens(rng, sizes)]


def in_segments(rng, sizes):
    ids = tokens(rng, sizes)
    return [ids, rng.integers(0, sizes.get("num_segments", 2) - 1, ids.shape)]


def longest(rng, sizes):
    return [tokens(rng, sizes, 2, sizes["max_length"])]


def one_token(rng, sizes):
    return [tokens(rng, sizes, 1, 1), torch.tensor([[1]])]


bert = ModuleChecks(
    "BertEmbeddings",
    {
        "usual": Case(usual, in_segments),
        "no segments given": Case(several, alone),
        "segments": Case(several, in_segments),
        "as long as can be": Case(several, longest),
        "one token": Case(several, one_token),
        "equal sizes": Case(equal, in_segments),
        "no dropout": Case(without_dropout, in_segments),
        "no dropout, no segments": Case(without_dropout, alone),
    },
    names=("ids", "segments"),
)

test_parameters = bert.parameters(
    points=0.5, of=["usual", "segments", "equal sizes"], hint="Names and sizes are in the stub."
)


def rows_in(module, table, inputs, rng):
    """The rows of a table that the output depends on, as their gradients say; None where no gradient says so."""
    module.zero_grad()
    out = module(*(value.clone() for value in inputs))
    if not out.requires_grad:
        return None
    out.backward(rng.randn(*out.shape).to(out.dtype))
    gradient = module.grads().get(f"{table}.weight")
    return None if gradient is None else gradient.any(dim=1).nonzero().flatten().tolist()


@pytest.mark.points(4)
def test_outputs_evaluating(student, reference, rng):
    """Outputs in evaluation mode: with and without segments, short and long."""
    mine, theirs, (ids, segments) = bert.twins(student, reference, rng, "segments")
    ids, segments = ids.clamp(min=1), segments.clone()
    segments[0, :3] = torch.tensor([0, 1, 2])
    asked = f"{mine.eval().asked} in evaluation mode: "
    first, second = (mine(ids.clone(), segments.clone()) for _ in range(2))
    weights = theirs.state_dict()
    assert_shape(first, (*ids.shape, weights["token.weight"].shape[1]), "the output", asked=asked)
    told = f"{asked}two calls with the same ids give two results."
    hint = "Dropout is for training mode alone. From what does your code know the mode?"
    check(torch.equal(first.nan_to_num(), second.nan_to_num()), told, hint=hint)
    plain = {"norm.weight": torch.ones_like(weights["norm.weight"]), "norm.bias": 0 * weights["norm.bias"]}
    mine.load_state_dict({**weights, **plain})
    out = mine(ids.clone(), segments.clone())
    mean, variance = out.mean(dim=-1), out.var(dim=-1, correction=0)
    told = f"{asked}with norm.weight 1 and norm.bias 0, a token's D numbers have not the mean 0 and the variance 1."
    hint = "`norm` comes after the sum of all three rows, and works on the D numbers of each token."
    check(bool((mean.abs() < 1e-3).all() and ((variance - 1).abs() < 1e-2).all()), told, hint=hint)
    mine.load_state_dict(weights)
    places, learning = list(range(ids.shape[1])), set()
    for table, inputs, given, expected, hint in (
        (
            "position",
            [ids, segments],
            f"{len(places)} tokens",
            places,
            "Which row of `position` does the first token get?",
        ),
        ("segment", [ids, segments], "segments 0, 1 and 2", [0, 1, 2], "Does the sum use the segments that are given?"),
        ("segment", [ids], "no segments given", [0], "A token of segment 0 gets row 0, whether it is given or not."),
    ):
        rows = rows_in(mine, table, inputs, rng)
        if rows is not None:
            learning.add(table)
        elif table in learning:
            rows = []
        told = f"{asked}with {given}, the rows of `{table}` that the output depends on are {rows}, expected {expected}."
        check(rows is None or rows == expected, told, hint=hint, difference=f"rows of {table}")
    for case in ("usual", "no segments given", "segments", "as long as can be", "one token", "equal sizes"):
        mine, theirs, inputs = bert.twins(student, reference, rng, case)
        hint = (
            "The three rows are added as they are, and normalised. Tiny differences come from the eps of `norm`, 1e-12."
        )
        assert_same_outputs(mine, theirs, inputs, hint=hint)
    weights = theirs.state_dict()
    small = {name: 1e-6 * value if value.dim() == 2 else value for name, value in weights.items()}
    for module in (mine, theirs):
        module.load_state_dict(small)
    hint = (
        "The numbers in the tables are of the order of 1e-6 here. `norm` adds its eps to the variance, below the root."
    )
    assert_same_outputs(mine, theirs, inputs, hint=hint)


@pytest.mark.points(3.5)
def test_gradients(student, reference, rng):
    """Gradients of all tables and of the normalisation, training without dropout and evaluating."""
    for case, mode in (("no dropout", "train"), ("no dropout, no segments", "train"), ("segments", "eval")):
        mine, theirs, inputs = bert.twins(student, reference, rng, case)
        inputs[0][:, 0] = 0  # every row of the tables learns, that of token 0 as well
        hint = "Every row that was looked up learns, in all three tables."
        assert_same_gradients(mine, theirs, inputs, mode, of=("parameters",), hint=hint)
        assert_inputs_untouched(mine, inputs, mode, names=["ids", "segments"][: len(inputs)])
    ids, segments = inputs
    turned = [value.t().contiguous().t() for value in inputs]
    for later in ([ids.flip(0), segments], [ids.flip(0)], [ids[:, :3]], [ids[:1]], turned, inputs):
        hint = "This is a later call of the same module. Is anything kept from the one before?"
        assert_same_outputs(mine, theirs, later, hint=hint)


@pytest.mark.points(3.5)
def test_dropout(student, reference, rng):
    """Dropout while training: the share of zeros, and what is left is scaled; default 0.1."""
    sizes = {"vocabulary_size": 30, "hidden_size": 50, "max_length": 40}
    ids = rng.integers(0, 29, (60, 40))  # 120,000 elements
    for options, share in (({}, 0.1), ({"dropout": 0.5}, 0.5)):
        mine, theirs = bert.pair(student, reference, {**sizes, **options})
        weights = {name: rng.randn(*value.shape) for name, value in theirs.double().state_dict().items()}
        mine.double().load_state_dict(weights)
        theirs.load_state_dict(weights)
        asked = f"{mine.asked} in training mode: "
        expected = theirs.eval()(ids).detach()
        out = mine.train()(ids)
        assert_shape(out, expected.shape, "the output", asked=asked)
        out = out.detach()
        zeros = out == 0
        # Standard error sqrt(p (1 - p) / 120,000): 0.0009 for p = 0.1, 0.0014 for 0.5.
        last = "Dropout is the last step, after the normalisation."
        hint = "`dropout` is the share of elements that become 0; its default is 0.1." if zeros.any() else last
        what = "the share of zeros in the output"
        assert_statistic(float(zeros.double().mean()), share, 0.009, what, asked=asked, hint=hint)
        # Over sentences, places and features, numbers of zeros vary by n p (1 - p), n being 60, 40 and 50; these
        # estimates have relative standard errors of up to 0.033.
        hint = "Each element is dropped by itself: one draw for each element of the output, in every sentence."
        counts = [zeros.sum(dim=axis).double() for axis in range(3)]
        spreads = [float(count.var()) / (n * share * (1 - share)) for count, n in zip(counts, zeros.shape, strict=True)]
        for axis, spread in sorted(enumerate(spreads), key=lambda pair: -pair[1]):
            what = f"the variance of the number of zeros along axis {axis}, divided by n p (1 - p),"
            assert_statistic(spread, 1.0, 0.25, what, asked=asked, hint=hint)
        same = torch.isclose(out, expected, rtol=1e-7, atol=0)
        what = "the share of elements that are as in evaluation mode"
        hint = "What is not dropped is divided by 1 - p."
        assert_statistic(float(same.double().mean()), 0.0, 0.009, what, asked=asked, hint=hint)
        hint = last
        right = torch.where(zeros, 0.0, expected / (1 - share))
        assert_close(out, right, "what dropout leaves of the output", asked=asked, hint=hint)
        again = mine(ids[:30]).detach() == 0
        told = f"{asked}two calls drop the same elements."
        hint = "Every call draws anew. Is a seed set, or is something kept from an earlier call?"
        later = mine(ids[:30]).detach() == 0
        check(not torch.equal(again, later), told, hint=hint, difference="the same elements are dropped")


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
def test_too_long(student, reference, rng):
    """ValueError for more tokens than max_length; exactly as many are fine."""
    mine, theirs, inputs = bert.twins(student, reference, rng, "as long as can be")
    assert_same_outputs(mine, theirs, inputs, hint="There are exactly max_length tokens.")
    for more in (1, 4):
        ids = torch.cat([inputs[0], inputs[0][:, :more]], dim=1)
        asked = f"{mine.asked}: a forward of {ids.shape[1]} tokens"
        assert_refused(ValueError, asked, mine, ids)
        assert_refused(ValueError, f"{asked} with segments", mine, ids, torch.zeros_like(ids))


# -- mask_tokens ------------------------------------------------------------------------------------------------------


def vocabulary(rng):
    """V, the special ids, with mask_id among them, and five or six ordinary ones, in no order."""
    size = rng.integer(10, 11)
    ids = rng.distinct(0, size - 1, size)
    return size, ids[:5], ids[2], ids[5:]


def sentences(rng, ordinary, rows, length, special=()):
    """Ids (rows, length), ordinary ones between special ones."""
    choice = torch.tensor(ordinary)
    ids = choice[rng.integers(0, len(ordinary) - 1, (rows, length))]
    return torch.cat([torch.full((rows, 1), index) for index in special[:1]] + [ids], dim=1)


def masked(student, ids, mask_id, size, special, **options):
    """Inputs and labels of one call, which are two tensors like `ids`."""
    shown = ", ".join(f"{name}={value}" for name, value in options.items()) or "the default probability"
    asked = f"mask_tokens, {shown}: "
    found = student.mask_tokens(ids, mask_id, size, special, **options)
    told = f"{asked}it returns {type(found).__name__} instead of two tensors."
    check(isinstance(found, (tuple, list)) and len(found) == 2, told, difference="two tensors")
    for tensor, what in zip(found, ("the inputs", "the labels"), strict=True):
        assert_shape(tensor, ids.shape, what, asked=asked)
        told = f"{asked}{what} have dtype {tensor.dtype}, expected int64."
        check(tensor.dtype == torch.int64, told, difference=f"dtype of {what}")
    return (*found, asked)


@pytest.mark.points(3.5)
def test_what_is_certain(student, rng):
    """`mask_tokens`: special tokens, labels, the caller's ids, probabilities 0 and 1."""
    size, special, mask_id, ordinary = vocabulary(rng)
    ids = sentences(rng, ordinary, 360, 300)
    ids[:, 0], ids[:, -1], ids[:9, 150:], ids[9, :] = special[0], special[1], special[3], mask_id
    is_special = torch.isin(ids, torch.tensor(special))
    for probability, given in ((0.0, ids.clone()), (1.0, ids.clone()), (0.5, ids.t().contiguous().t())):
        inputs, labels, asked = masked(student, given, mask_id, size, tuple(special), probability=probability)
        told = f"{asked}the ids that the caller passed in are changed."
        check(torch.equal(given, ids) and given._version == 0, told, difference="the caller's ids")
        told = f"{asked}the inputs are the very tensor that the caller passed in. Both are new tensors."
        check(inputs is not given, told, difference="the inputs are the caller's ids")
        chosen = labels != -100
        shown = int(labels[chosen][0]) if chosen.any() else -100
        told = f"{asked}no token is chosen, so each label is -100, and one is {shown}."
        check(probability > 0 or not chosen.any(), told, difference="tokens are chosen with probability 0")
        told = f"{asked}special tokens are chosen; they never are."
        check(not (chosen & is_special).any(), told, difference="special tokens are chosen")
        told = f"{asked}a label of a chosen token is not the id of the token."
        check(bool((labels == ids)[chosen].all()), told, difference="labels of chosen tokens")
        told = f"{asked}a token that was not chosen (its label is -100) is changed in the inputs."
        check(bool((inputs == ids)[~chosen].all()), told, difference="tokens that were not chosen")
        allowed = torch.tensor([mask_id, *ordinary])
        told = f"{asked}an input is a special id other than mask_id, where the token was not that one."
        check(bool((torch.isin(inputs, allowed) | (inputs == ids)).all()), told, difference="special ids are drawn")
        told = f"{asked}there are tokens, not special, that are not chosen."
        check(probability < 1 or bool((chosen | is_special).all()), told, difference="not all are chosen")
        # About 106,000 tokens are not special: at 0.5, the standard error is 0.0015.
        share = float((chosen & ~is_special).double().sum() / (~is_special).sum())
        assert_statistic(share, probability, 0.0096, "the share of chosen tokens", asked=asked)
    more = torch.arange(size + 4).repeat(2, 1)
    _, labels, asked = masked(student, more, mask_id, size + 4, special, probability=1.0)
    expected = torch.where(torch.isin(more, torch.tensor(special)), -100, more)
    assert_close(labels, expected, "the labels of a larger vocabulary", asked=asked)


@pytest.mark.points(3.5)
def test_choosing(student, rng):
    """`mask_tokens`: each token is chosen with the probability, by itself, anew with each call, and no seed is set."""
    size, special, mask_id, ordinary = vocabulary(rng)
    small = sentences(rng, ordinary, 20, 30)
    assert_world_untouched(student, lambda: student.mask_tokens(small, mask_id, size, special), "mask_tokens")
    # Sentences of 300 tokens, and of two, of which many have none that is chosen; a special one before or behind them.
    long, short = sentences(rng, ordinary, 360, 300, special), sentences(rng, ordinary, 54000, 2, special).flip(1)
    for ids, options, wanted in ((long, {}, 0.15), (short, {"probability": 0.4}, 0.4)):
        _, labels, asked = masked(student, ids, mask_id, size, special, **options)
        chosen = (labels != -100)[:, ids[0] != special[0]].double()
        # 108,000 tokens: standard errors 0.0011 and 0.0015.
        share = float(chosen.mean())
        hint = "Every token that is not special has this probability, whatever else is in its sentence."
        assert_statistic(share, wanted, 0.0095, "the share of chosen tokens", asked=asked, hint=hint)
        # How many of a row's L are chosen varies by L p (1 - p). Over 360 rows of 300, this estimate has a relative
        # standard error of sqrt(2 / 359), which is 0.075. It is 0 where every row has equally many.
        spread = float(chosen.sum(dim=1).var()) / (chosen.shape[1] * wanted * (1 - wanted))
        hint = "Tokens are chosen independently of one another, so some sentences have more and some have fewer."
        what = "the variance of the number of chosen tokens in a sentence, divided by L p (1 - p),"
        assert_statistic(spread, 1.0, 0.48, what, asked=asked, hint=hint)
    ids = sentences(rng, ordinary, 60, 300)
    calls, after = student.beside.three_times(student.mask_tokens, ids, mask_id, size, special)
    for inputs, labels in calls:
        assert_shape(inputs, ids.shape, "the inputs")
        assert_shape(labels, ids.shape, "the labels")
    assert_equal(after, special, "the caller's special_ids", asked="After mask_tokens: ")
    (first, _), (second, kept), (third, later) = calls
    hint = "Is a seed set, or is a generator made anew?"
    told = "mask_tokens draws the same in every call."
    check(not torch.equal(second, third), told, hint=hint)
    told = "mask_tokens chooses the same tokens in every call."
    check(not torch.equal(kept, later), told, hint=hint)
    # Of 18,000 tokens, a quarter is chosen both times; about 29 of these get a random id other than their own twice.
    both = (kept != -100) & (later != -100)
    told = "mask_tokens hides the same ones of the chosen tokens in every call."
    hidden, hidden_later = (second == mask_id)[both], (third == mask_id)[both]
    some = hidden.any() and not hidden.all()
    check(not some or not torch.equal(hidden, hidden_later), told, hint=hint)
    drawn = both & (second != mask_id) & (second != ids) & (third != mask_id) & (third != ids)
    told = "mask_tokens draws the same random ids in every call."
    check(not drawn.any() or not torch.equal(second[drawn], third[drawn]), told, hint=hint)
    counts = student.beside.numbers_chosen(student.mask_tokens, small, mask_id, size, special)
    told = f"mask_tokens chooses {counts[0]} tokens of a batch of {small.numel()} in each of {len(counts)} calls."
    hint = "Each token is chosen by itself, so how many are chosen is random, too, in a sentence and in the batch."
    check(len(set(counts)) > 1, told, hint=hint, difference="equally many in every call")
    told = "mask_tokens gives two results for one state of torch's generator of random numbers: it draws from another."
    check(torch.equal(first, second), told)


@pytest.mark.points(4)
def test_replacing(student, rng):
    """`mask_tokens`: of the chosen tokens, 80 % are masked, 10 % get a random id, 10 % stay."""
    size, special, mask_id, ordinary = vocabulary(rng)
    token, *others = ordinary
    ids = torch.full((420, 300), token)
    each = 0.1 / len(ordinary)
    for probability in (1.0, 0.8):
        inputs, labels, asked = masked(student, ids.clone(), mask_id, size, special, probability=probability)
        # At 0.8, about 100,800 tokens are chosen, and all are the same token, so that each id can come about in one
        # way. The standard error of a share q is sqrt(q (1 - q) / 100,800): 0.0013 for 0.8, 0.001 for 0.12, 0.00044
        # for 0.02.
        seen = inputs[labels != -100]
        shares = [float((seen == index).double().sum()) / max(1, len(seen)) for index in range(size)]
        what = "the share of chosen tokens that become mask_id"
        hint = "Of the chosen tokens, one tenth gets a random id and one tenth stays; no later line may undo that."
        if probability < 1:
            hint = "With probability 1 the shares are right. Is the draw that chose a token used once more here?"
        assert_statistic(shares[mask_id], 0.8, 0.0082, what, asked=asked, hint=hint)
        drawn = sum(shares[index] > 0 for index in others)
        told = f"{asked}the number of ids drawn at random, besides the token's own, is {drawn}, expected {len(others)}."
        hint = "How many numbers does one call draw, and from which range? Each token gets a random id of its own."
        check(drawn == len(others), told, hint=hint, difference="how many ids are drawn")
        hint = "One tenth stays, and a random id may be the token's own as well."
        if shares[token] < 0.07:
            hint = "That is just the random ids that happen to be the token's own. Does one tenth of the tokens stay?"
        what = "the share of chosen tokens that are as they were"
        assert_statistic(shares[token], 0.1 + each, 0.0066, what, asked=asked, hint=hint)
        for number, index in enumerate(others, start=1):
            what = f"the share of chosen tokens that become the other ordinary id number {number}"
            hint = "A random id is drawn from all ids that are not special, each as likely as the others."
            assert_statistic(shares[index], each, 0.0029, what, asked=asked, hint=hint)
        strange = sum(shares[index] for index in special if index != mask_id)
        hint = "A random id is one of those that are not special."
        what = "the share of chosen tokens that become another special id"
        assert_statistic(strange, 0.0, 0.0029, what, asked=asked, hint=hint)


# -- masked_lm_loss ---------------------------------------------------------------------------------------------------


def labelled(rng, rows, length, size, share):
    """Logits, and labels of which about `share` are ids, at least one and in every row another number of them."""
    labels = rng.integers(0, size - 1, (rows, length))
    chosen = rng.rand(rows, length) < share
    chosen[0, 0], chosen[-1, 1:] = True, False
    return [2 * rng.randn(rows, length, size), torch.where(chosen, labels, -100)]


@pytest.mark.points(3.5)
def test_loss(student, reference, rng):
    """`masked_lm_loss`: the mean over all chosen tokens of the batch, and its gradient."""
    rows, length, size = rng.distinct(3, 7, 3)
    cases = [labelled(rng, rows, length, size, 0.5), labelled(rng, rows, length, size, 0.9)]
    cases += [[rng.randn(2, 3, 4), rng.integers(0, 3, (2, 3))]]
    token = [2 * rng.randn(1, 1, 3), torch.tensor([[2]])]
    one_id = [rng.randn(2, 3, 1), torch.tensor([[0, -100, 0], [-100, 0, 0]])]
    first_ids = [rng.randn(2, 3, 4), torch.tensor([[0, -100, 1], [0, 0, -100]])]
    one = [2 * rng.randn(1, 4, size), torch.tensor([[-100, 1, 2, -100]])]
    one_with_zero = [2 * rng.randn(1, 4, size), torch.tensor([[0, 1, -100, 0]])]
    single = "One token of one sentence: the loss is the cross-entropy of its logits, as they are, and its label."
    alone = "One sentence, of which some tokens are chosen. Over which tokens is the mean?"
    zero = "One sentence with labels of 0, which is an id like any other."
    batch = (
        "One sentence alone is right. Here sentences have more and fewer chosen tokens: does each token count the same?"
    )
    several = [(each, batch) for each in (*cases, first_ids)]
    of_one = (one_id, "A vocabulary of one id, V=1. Print the shapes: is an axis of length 1 lost?")
    for inputs, hint in ((token, single), (one, alone), (one_with_zero, zero), *several, of_one):
        assert_same_outputs(student.masked_lm_loss, reference.masked_lm_loss, inputs, hint=hint)
        assert_same_gradients(student.masked_lm_loss, reference.masked_lm_loss, inputs, names=["logits"], hint=hint)
    assert_inputs_untouched(student.masked_lm_loss, cases[0], names=["logits", "labels"])
    turned = [value.transpose(0, 1).contiguous().transpose(0, 1) for value in cases[0]]
    assert_same_outputs(student.masked_lm_loss, reference.masked_lm_loss, turned, hint="Transposed tensors.")
    single = [cases[0][0].float(), cases[0][1]]
    assert_same_outputs(student.masked_lm_loss, reference.masked_lm_loss, single, hint="float32.")


@pytest.mark.points(3.5)
def test_loss_at_the_edges(student, reference, rng):
    """`masked_lm_loss`: 0 with a graph where no token is chosen, and exact for large logits."""
    mine, theirs = student.masked_lm_loss, reference.masked_lm_loss
    rows, length, size = rng.distinct(2, 6, 3)
    hint = "No token is chosen. The loss is 0, and `backward` gives zeros."
    for shape in ((rows, length), (1, 1)):
        inputs = [rng.randn(*shape, size), torch.full(shape, -100)]
        assert_same_outputs(mine, theirs, inputs, hint=hint)
        assert_same_gradients(mine, theirs, inputs, names=["logits"], hint=hint)
        found = student.beside.backward(mine, *inputs)
        told = "masked_lm_loss, no token chosen: after `backward`, `logits.grad` is None, expected zeros."
        check(found is not None, told, hint="Does the loss hang on the logits?", difference="no gradient in logits")
    hint = "The logits are far from 0. Is a softmax rounded to 0 before the logarithm?"
    for scale in (40.0, 1000.0):
        logits, labels = labelled(rng, 3, 4, 5, 0.8)
        logits[0, 0] = torch.tensor([1.0, -1.0, 0.0, 0.5, -0.5])
        labels[0, 0] = 1
        assert_same_outputs(mine, theirs, [scale * logits, labels], hint=hint)
        assert_same_gradients(mine, theirs, [scale * logits, labels], names=["logits"], hint=hint)
