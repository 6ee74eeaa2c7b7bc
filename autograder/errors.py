"""Errors that are meant for people. This module imports nothing of the engine, so every room may use it."""


class UsageError(Exception):
    """Something the caller must put right; its text says what, where and what to do. Shown without a traceback."""
