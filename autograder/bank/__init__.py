"""The bank of known mistakes and alternatives: what it holds, and how it fares against the suites."""
