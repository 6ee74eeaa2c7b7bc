"""Marks from raw results and the instructor's rules: lateness, extensions, slip days, adjustments, holds.

`rules` is pure and exact: it knows no files, no clock and no results. `files` reads what the instructor writes, `apply`
brings both to the results of a class. Nothing is graded again.
"""
