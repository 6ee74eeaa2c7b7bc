"""Calls next to the code under test: where its random numbers come from, and what `backward` leaves behind."""

import torch


def three_times(mask_tokens, ids, mask_id, vocabulary_size, special_ids):
    """What two calls return that begin with the same state of torch's generator, and one that follows them; and what
    the caller's list of special ids is after the calls.
    """
    state = torch.get_rng_state()
    first = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    torch.set_rng_state(state)
    later = [mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5) for _ in range(2)]
    return [first, *later], special_ids


def numbers_chosen(mask_tokens, ids, mask_id, vocabulary_size, special_ids):
    """How many tokens each of ten calls chooses, with the same ids."""
    labels = [mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)[1] for _ in range(10)]
    return [int((each != -100).sum()) for each in labels]


def backward(masked_lm_loss, logits, labels):
    """The gradient that a loop finds in `logits.grad` after `backward`."""
    logits = logits.clone().requires_grad_()
    masked_lm_loss(logits, labels).backward()
    return logits.grad
