"""The course: what assignments ask, where their files are, and the stubs that students start from.

Stubs are made by `autograder.course.stubs`. Nothing here imports a submission, a solution or a suite.
"""
