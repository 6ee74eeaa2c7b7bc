"""The room that reads submissions: from what a class handed in to one source text per exercise.

It knows files, archives, notebooks and Python's syntax. It never imports or runs a student's code, and knows nothing of
torch, of suites or of results.
"""
