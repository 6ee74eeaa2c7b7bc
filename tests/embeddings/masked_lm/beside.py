"""Calls next to the code under test, to see where its random numbers come from."""

import torch


def three_times(mask_tokens, ids, mask_id, vocabulary_size, special_ids):
    """The inputs of two calls that begin with the same state of torch's generator, and of one that follows them."""
    state = torch.get_rng_state()
    first, _ = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    torch.set_rng_state(state)
    second, _ = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    third, _ = mask_tokens(ids, mask_id, vocabulary_size, special_ids, 0.5)
    return first, second, third
