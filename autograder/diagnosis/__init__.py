"""Tells which known mistake a submission behaves like: by its answers, never by its text."""
