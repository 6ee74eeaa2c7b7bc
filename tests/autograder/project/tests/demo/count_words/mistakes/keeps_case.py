"""takes capitals for other letters

Seen in class.

Hint: Look at the words once more.
"""

def count_words(text, left_out=()):
    words = [word for word in text.split() if word not in left_out]
    return {word: words.count(word) for word in words}
