"""Fills the sheet that was downloaded from an LMS, and packs pages of feedback as it takes them.

Nothing in a sheet changes but cells of one column: the rest is copied byte by byte.
"""
