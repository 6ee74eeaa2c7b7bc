"""counts words that are to be left out

Seen in class.

Hint: Look at the words once more.
"""

def count_words(text, left_out=()):
    words = text.lower().split()
    return {word: words.count(word) for word in words}
