"""takes a counter of the standard library

Seen in class.
"""

from collections import Counter


def count_words(text, left_out=()):
    return dict(Counter(word for word in text.lower().split() if word not in left_out))
