"""Grading on Gradescope: from what it puts into /autograder to the results.json that it reads.

`python -m autograder.gradescope` is what run_autograder starts. Nothing here imports torch or a submission.
"""
