"""Calls next to the code under test: where its random numbers come from, and what `backward` leaves behind."""

import torch


def three_times(mask_tokens, ids, mask_id, vocabulary_size, special_ids):
    """The inputs of two calls that begin with the same state of torch's generator, and of one that follows them."""
    state = torch.get_rng_state()
    first, _ = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    torch.set_rng_state(state)
    second, _ = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    third, _ = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    return first, second, third


def backward(masked_lm_loss, logits, labels):
    """The gradient that a loop finds in `logits.grad` after `backward`."""
    logits = logits.clone().requires_grad_()
    masked_lm_loss(logits, labels).backward()
    return logits.grad
