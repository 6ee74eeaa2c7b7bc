"""The bank of known mistakes and alternatives: what it holds."""
