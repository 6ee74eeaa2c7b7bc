"""How often each word of a text occurs."""

from collections.abc import Sequence


def count_words(text: str, left_out: Sequence[str] = ()) -> dict[str, int]:
    """Counts in lower case, without the words in `left_out`."""
    # BEGIN SOLUTION
    counts: dict[str, int] = {}
    for word in text.lower().split():
        if word not in left_out:
            counts[word] = counts.get(word, 0) + 1
    return counts
    # END SOLUTION
