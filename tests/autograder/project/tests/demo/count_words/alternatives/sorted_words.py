"""counts runs of sorted words

Seen in class.
"""

from itertools import groupby


def count_words(text, left_out=()):
    words = sorted(set(text.lower().split()) - set(left_out))
    every = sorted(text.lower().split())
    counts = {word: len(list(run)) for word, run in groupby(every)}
    return {word: counts[word] for word in words}
