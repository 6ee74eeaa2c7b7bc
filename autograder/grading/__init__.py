"""Runs suites against code and turns what happens into marks."""
