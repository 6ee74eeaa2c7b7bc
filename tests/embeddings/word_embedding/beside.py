"""Skip-gram with negative sampling, made of the four parts of the exercise and trained next to them; pairs alone."""

import torch


def pairs(skip_gram_pairs, ids, window):
    """The pairs, and what the caller's list of ids is after the call."""
    return skip_gram_pairs(ids, window), ids


def train(code, sentences, weights, negatives, lr):
    """The loss of each step, what the centres' table gives for all words at the end, and the nearest one of each word.

    `code` are the exercise's four names in their order; `weights` (2, V, D) is what centres and contexts begin with;
    `negatives` (steps, pairs, K) are the ids of the negatives of each step.
    """
    embedding, skip_gram_pairs, negative_sampling_loss, nearest = code
    observed = torch.tensor([pair for ids in sentences for pair in skip_gram_pairs(ids, 2)])
    size, dim = weights.shape[1:]
    centres, contexts = embedding(size, dim, padding_idx=0), embedding(size, dim, padding_idx=0)
    for table, start in zip((centres, contexts), weights, strict=True):
        table.to(weights.dtype).load_state_dict({"weight": start})
    losses = []
    for drawn in negatives:
        loss = negative_sampling_loss(
            centres(observed[:, 0]), contexts(observed[:, 1]), contexts(drawn[: len(observed)])
        )
        loss.backward()
        with torch.no_grad():  # torch.optim would be a second of imports
            for table in (centres, contexts):
                table.weight -= lr * table.weight.grad
                table.weight.grad = None
        losses.append(loss.detach())
    neighbours = [nearest(centres.weight, word, 1)[0] for word in range(1, size)]
    return torch.stack(losses), centres(torch.arange(size)).detach(), neighbours
