"""The room that makes mutants of reference solutions. It knows syntax trees, runs no solution and imports no torch."""

from autograder.mutation.mutants import Mutant, mutants

__all__ = ["Mutant", "mutants"]
