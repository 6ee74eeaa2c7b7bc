"""What runs on a student's machine: the public checks, on files or in a notebook, with the grader's own messages.

Copied into the student's zip with the parts of the engine that it imports, so nothing here may import otter, what only
Linux has, or anything that knows of hidden checks and solutions. A student's code is the student's own here: it runs in
this process, without isolation.
"""
