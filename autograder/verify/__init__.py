"""Proves suites: what is right must pass, what is wrong must lose points, through the same boundary as submissions."""
